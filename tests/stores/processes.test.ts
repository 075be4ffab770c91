import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ApprovalPendingError, type ApprovalRequest, person } from '@gatewright/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Address, type DatabaseServer, DURABLE_STORES } from './durable-stores'
import { openGate } from './processes/gate'
import { start } from './processes/start'

/** The full run: `GATEWRIGHT_KILLS=200`. */
const kills = Number(process.env.GATEWRIGHT_KILLS ?? 20)
/** The full race: `GATEWRIGHT_RACES=10000`, by four processes. */
const races = Number(process.env.GATEWRIGHT_RACES ?? 200)
const racing = races > 1_000 ? 4 : 2
// Thousands of calls at once leave no time to renew a short lease; whoever loses it has an unknown outcome.
const lease = races > 1_000 ? '30s' : '400ms'
const ada = person('https://idp.example.com', 'ada', { groups: ['ops'] })

function linesOf(effects: string): readonly string[] {
  return existsSync(effects) ? readFileSync(effects, 'utf8').split('\n').filter(Boolean) : []
}

function openHere(address: Address, effects: string, options?: Parameters<typeof openGate>[2]) {
  const opened = openGate(address, effects, options)
  onTestFinished(async () => {
    await opened.gate.close()
    await opened.store.close()
  })
  return opened
}

async function allRequests({ store }: ReturnType<typeof openGate>): Promise<readonly ApprovalRequest[]> {
  const all: ApprovalRequest[] = []
  let cursor: string | null = null
  do {
    const page = await store.list({}, { cursor, limit: 500 })
    all.push(...page.requests)
    cursor = page.cursor
  } while (cursor !== null)
  return all
}

const told = (address: Address): string => JSON.stringify(address)

describe.each(DURABLE_STORES)('processes over $name', ({ begin }) => {
  let server: DatabaseServer
  beforeAll(async () => {
    server = await begin()
  })
  afterAll(() => server.stop?.())

  function place(): { readonly address: Address; readonly effects: string } {
    const database = server.make()
    onTestFinished(() => database.dispose())
    return {
      address: database.address,
      effects: join(mkdtempSync(join(tmpdir(), 'gatewright-effects-')), 'lines'),
    }
  }

  test('a request that waits outlives its gate: the same key finds it again, a vote counts, and it is resumed', async () => {
    const { address, effects } = place()
    const first = openGate(address, effects, { votes: false })
    const asked = first.gate.as({ wait: 'suspend' }, () => first.do('k-1'))
    const error = await asked.catch((reason: unknown) => reason)
    if (!(error instanceof ApprovalPendingError)) throw error
    await first.gate.close()
    await first.store.close()

    const second = openHere(address, effects, { votes: false })
    const again = second.do('k-1')
    const review = await second.gate.requests.review(error.requestId)
    const receipt = await second.gate.vote({
      requestId: error.requestId,
      digest: review?.digest ?? '',
      decision: 'approve',
      actor: ada,
    })
    expect(receipt.status).toBe('counted')
    expect(await again).toBe('k-1')
    expect((await second.gate.requests.list({})).requests.length).toBe(1)
    expect(linesOf(effects)).toEqual(['k-1'])
  })

  test('a vote that another process saves wakes who waits here', async () => {
    const { address, effects } = place()
    const one = openHere(address, effects, { votes: false })
    const other = openHere(address, effects, { votes: false })
    await other.gate.start()
    const waiting = one.do('k-1')
    const [request] = await until(async () => (await other.gate.requests.list({})).requests)
    const review = await other.gate.requests.review(request?.id ?? '')
    await other.gate.vote({
      requestId: request?.id ?? '',
      digest: review?.digest ?? '',
      decision: 'approve',
      actor: ada,
    })
    expect(await waiting).toBe('k-1')
  })

  test(`I3: ${racing} processes race for ${races} approvals, and each runs once`, {
    timeout: 120_000 + races * 60,
  }, async () => {
    const { address, effects } = place()
    const racers = Array.from({ length: racing }, () =>
      start('racing.ts', told(address), effects, String(races), lease),
    )
    await Promise.all(racers.map(({ ended }) => ended))
    const ran = linesOf(effects)
    expect([ran.length, new Set(ran).size]).toEqual([races, races])
    const here = openHere(address, effects)
    const requests = await allRequests(here)
    expect(requests.length).toBe(races)
    expect(new Set(requests.map(({ status }) => status))).toEqual(new Set(['succeeded']))
  })

  test(`I8: a process that is killed ${kills} times loses nothing, runs nothing twice, and what was cut off is unknown`, {
    timeout: 60_000 + kills * 10_000,
  }, async () => {
    const { address, effects } = place()
    const said: string[] = []
    for (let round = 0; round < kills; round += 1) {
      // Calls of the killed process are made again, as a program that starts again makes them.
      const earlier = linesOf(effects).slice(-20)
      const mortal = start('mortal.ts', told(address), effects, String(round), ...earlier)
      await mortal.said(2 + Math.floor(Math.random() * 120))
      mortal.child.kill('SIGKILL')
      await mortal.ended
      // The last line may have been cut off.
      said.push(...mortal.lines.slice(0, -1))
    }
    const here = openHere(address, effects)
    await here.gate.start()
    const requests = await until(async () => {
      const all = await allRequests(here)
      return all.some(({ status }) => status === 'executing') ? [] : all
    })

    const byId = new Map(requests.map((request) => [request.id, request]))
    const asked = said.flatMap((line) => (line.startsWith('asked ') ? [line.slice(6)] : []))
    expect(asked.length).toBeGreaterThan(kills)
    expect(
      asked.filter((id) => !byId.has(id)),
      'acknowledged requests are gone',
    ).toEqual([])

    const ran = linesOf(effects)
    expect(new Set(ran).size, 'something ran twice').toBe(ran.length)
    const keyOf = ({ arguments: text }: ApprovalRequest): string => String(JSON.parse(text)[0])
    const byKey = new Map(requests.map((request) => [keyOf(request), request]))
    expect(byKey.size, 'a key was given twice').toBe(requests.length)
    const statuses = new Set(ran.map((key) => byKey.get(key)?.status))
    expect([...statuses].filter((status) => status !== 'succeeded' && status !== 'unknown')).toEqual([])
    const didRun = new Set(ran)
    const claimed = requests.filter(({ status }) => status === 'succeeded').map(keyOf)
    expect(
      claimed.filter((key) => !didRun.has(key)),
      'succeeded without having run',
    ).toEqual([])
    const done = said.flatMap((line) => (line.startsWith('done ') ? [line.slice(5)] : []))
    expect(
      done.filter((key) => byKey.get(key)?.status !== 'succeeded'),
      'acknowledged outcomes are gone',
    ).toEqual([])
    const unknown = requests.filter(({ status }) => status === 'unknown')
    expect(unknown.length, 'nothing was cut off').toBeGreaterThan(0)
    expect(
      unknown.filter(({ execution }) => execution === null),
      'unknown without a start',
    ).toEqual([])
    const waiting = requests.filter(({ action }) => action === 'work.wait')
    expect(waiting.every(({ status }) => status === 'pending')).toBe(true)
  })
})

/** What the look answers, once it is not empty. */
async function until<T>(look: () => Promise<readonly T[]>): Promise<readonly T[]> {
  for (;;) {
    const found = await look()
    if (found.length > 0) return found
    await pause(20)
  }
}
