// Holds more than a thousand calls that wait inline and more than a hundred that run, until somebody kills it. Says each
// step before it is made and once it was acknowledged. Told that it is the last, it has all of them decided, and ends.
import { readFileSync, writeSync } from 'node:fs'
import type { Approver } from '@gatewright/core'
import { createRng } from '../../../packages/testing/src/simulation/rng'
import { openGate, reviewers } from './gate'
import { spokenStore } from './spoken-store'
import { connectToEffects } from './work-elsewhere'

/** Calls that wait: so many are kept, and below so many nobody votes. */
const KEPT = 1_080
const FEWEST = 1_020
/** Calls that run on: one ends when one more has begun. */
const RUNNING = 110
/** Calls that were voted on and have not ended. */
const DECIDED = 140

/** The calls of the process before, which this one makes again. */
export interface EarlierCalls {
  readonly pending: readonly string[]
  readonly others: readonly string[]
}

const [address = '', port = '', seed = '0', earlierFile = '', name = ''] = process.argv.slice(2)
const last = name === 'last'
const earlier: EarlierCalls = JSON.parse(readFileSync(earlierFile, 'utf8'))
const rng = createRng(Number(seed))
const effects = await connectToEffects(Number(port))
const moment = new Int32Array(new SharedArrayBuffer(4))

/** Returns once the line is in the pipe. `process.stdout` keeps lines while the pipe is full, and a kill loses those. */
function say(line: string): void {
  for (let left = Buffer.from(`${line}\n`); left.length > 0; ) {
    try {
      left = left.subarray(writeSync(1, left))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      // It is full: whoever listens takes something out first.
      Atomics.wait(moment, 0, 0, 1)
    }
  }
}

/** Requests that a call of this process waits for, by id, and those of them that nobody voted on yet. */
const known = new Set<string>()
const undecided: { readonly id: string; readonly key: string }[] = []
const decided = new Set<string>()
/** Ends of calls whose work is done. */
const mayEnd: (() => void)[] = []
let running = 0
let waiting = earlier.pending.length
let full = false

const desk: Approver = {
  name: 'desk',
  async deliver({ requestId }) {
    say(`delivering ${requestId}`)
    return {}
  },
}

const { gate, store, ...gated } = openGate(
  JSON.parse(address),
  async (key) => {
    say(`running ${key}`)
    running += 1
    await effects.work(key, last ? 0 : rng.below(300))
    await new Promise<void>((resolve) => {
      mayEnd.push(resolve)
      keepUp()
    })
    return key
  },
  {
    approvers: [desk],
    atLeast: 2,
    sweepEvery: '500ms',
    lease: '1500ms',
    around: (inner) =>
      spokenStore(inner, say, (requests) => {
        const fresh = requests.filter(({ id }) => !known.has(id))
        if (fresh.length === 0) return
        for (const { id, arguments: text } of fresh) {
          known.add(id)
          undecided.push({ id, key: String(JSON.parse(text)[0]) })
          say(`waits ${id}`)
        }
        setImmediate(keepUp)
      }),
  },
)

/** What a call that was made again may be told: it ran, or it was cut off. */
const isAnswer = (code: string | undefined): boolean =>
  code === 'ERR_ALREADY_EXECUTED' || code === 'ERR_EXECUTION_UNKNOWN'

async function call(key: string): Promise<void> {
  try {
    await gated.do(key)
    say(`done ${key}`)
  } catch (error) {
    const { code } = error as { code?: string }
    say(`ended ${key} ${code}`)
    // A program whose calls fail for another reason holds nothing any more: the test tells why instead of waiting.
    if (!isAnswer(code)) process.exit(1)
  }
  decided.delete(key)
  setImmediate(keepUp)
}

async function approve(requestId: string): Promise<void> {
  const review = await gate.requests.review(requestId)
  for (const [who, actor] of Object.entries(reviewers)) {
    say(`voting ${requestId} ${who}`)
    const vote = { requestId, digest: review?.digest ?? '', decision: 'approve', actor } as const
    const receipt = await gate.vote(vote)
    if (receipt.status === 'counted') say(`voted ${requestId} ${who}`)
  }
}

/** Asks for what is missing, decides as much as may run at once, and ends what runs beyond it. */
function keepUp(): void {
  for (; !last && waiting < KEPT; waiting += 1) {
    asked += 1
    void call(`call-${name}-${asked}`)
  }
  while (decided.size < DECIDED && undecided.length > (last ? 0 : FEWEST)) {
    const [one] = undecided.splice(rng.below(undecided.length), 1)
    if (one === undefined) break
    waiting -= 1
    decided.add(one.key)
    void approve(one.id)
  }
  for (let beyond = running - (last ? 0 : RUNNING); beyond > 0 && mayEnd.length > 0; beyond -= 1) {
    running -= 1
    mayEnd.splice(rng.below(mayEnd.length), 1)[0]?.()
  }
  if (!full && running >= RUNNING && undecided.length >= FEWEST) {
    full = true
    say('full')
  }
}

let asked = 0
await gate.start()
say('started')
const again = [...earlier.pending, ...earlier.others].map(call)
keepUp()
if (last) {
  await Promise.all(again)
  await gate.close()
  await store.close()
  effects.end()
}
