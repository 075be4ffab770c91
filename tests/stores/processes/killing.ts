import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApprovalRequest, type ApprovalStore, type RequestFilter, systemClock } from '@gatewright/core'
import { createRng } from '../../../packages/testing/src/simulation/rng'
import type { SharedDatabase } from '../durable-stores'
import type { EarlierCalls } from './mortal'
import { type Started, start } from './start'

/** What a process was about to do when it was killed. */
const MOMENTS = ['asking', 'delivering', 'voting', 'claiming', 'running', 'recording'] as const

/** What one killed process held, by the store as it was found after the kill. */
export interface Kill {
  readonly moment: (typeof MOMENTS)[number]
  /** Pending requests that it had said it waits for inline. */
  readonly waiting: number
  /** Executions that it had begun, and whose outcome was not recorded. */
  readonly executing: number
  /** Approved, and not claimed. */
  readonly approved: number
}

/** What was seen of all processes, from the first to the one that was let end. */
export interface Story {
  readonly kills: readonly Kill[]
  /** Requests that were executing at some kill. */
  readonly cutOff: ReadonlySet<string>
  /** Everything that the processes said. */
  readonly said: readonly string[]
  /** The lines that the process of effects left. */
  readonly effects: readonly string[]
  /** The requests at the end. */
  readonly requests: readonly ApprovalRequest[]
}

/** How many calls that ended are made again by each process, beside all that are open. */
const REPEATED = 20

/** Every request that a store has of a kind. */
export async function allRequests(
  store: Pick<ApprovalStore, 'list'>,
  filter: RequestFilter = {},
): Promise<readonly ApprovalRequest[]> {
  const all: ApprovalRequest[] = []
  let cursor: string | null = null
  do {
    const page = await store.list(filter, { cursor, limit: 1_000 })
    all.push(...page.requests)
    cursor = page.cursor
  } while (cursor !== null)
  return all
}

/** The key that a request's call was made with. */
export const keyOf = ({ arguments: text }: ApprovalRequest): string => String(JSON.parse(text)[0])

/** The lines of a file, none while there is no file. */
export function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}

/**
 * Starts a full process so many times and kills it with SIGKILL, each time at another moment that the seed chooses. The next
 * one makes the same calls again and asks for as many more as were decided. The last one has all of them decided.
 */
export async function killOften(database: SharedDatabase, times: number, seed: number): Promise<Story> {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-kills-'))
  const lines = join(folder, 'effects')
  const earlierFile = join(folder, 'calls')
  const rng = createRng(seed)
  const effects = start('effects.ts', lines)
  const port = await effects.hear('listening')
  const said: string[] = []
  const kills: Kill[] = []
  const cutOff = new Set<string>()

  function begin(name: string, earlier: EarlierCalls): Started {
    writeFileSync(earlierFile, JSON.stringify(earlier))
    return start(
      'mortal.ts',
      JSON.stringify(database.address),
      port,
      String(rng.below(2 ** 31)),
      earlierFile,
      name,
    )
  }

  async function openRequests(): Promise<readonly ApprovalRequest[]> {
    // What the killed process had sent to a server is done by it all the same.
    await database.alone()
    return reading(database, (store) => allRequests(store, { status: ['pending', 'approved', 'executing'] }))
  }

  const first = rng.below(MOMENTS.length)
  let earlier: EarlierCalls = { pending: [], others: [] }
  try {
    for (let round = 0; round < times; round += 1) {
      const mortal = begin(String(round), earlier)
      const moment = MOMENTS[(first + round) % MOMENTS.length] ?? 'running'
      await mortal.hear('full')
      await mortal.hear(moment, 1 + rng.below(40))
      mortal.child.kill('SIGKILL')
      await mortal.ended
      said.push(...mortal.lines)
      const open = await openRequests()
      kills.push(heldAt(moment, mortal.lines, open, cutOff))
      for (const { id, status } of open) if (status === 'executing') cutOff.add(id)
      earlier = {
        pending: open.filter(({ status }) => status === 'pending').map(keyOf),
        others: [
          ...open.filter(({ status }) => status !== 'pending').map(keyOf),
          ...linesOf(lines).slice(-REPEATED),
        ],
      }
    }
    const last = begin('last', earlier)
    await last.ended
    if (last.child.exitCode !== 0)
      throw new Error(`the last process failed; it last said "${last.lines.at(-1)}"`)
    said.push(...last.lines)
  } finally {
    effects.child.kill('SIGTERM')
    await effects.ended
  }
  const requests = await reading(database, (store) => allRequests(store))
  const left = linesOf(lines)
  rmSync(folder, { recursive: true, force: true })
  return { kills, cutOff, said, effects: left, requests }
}

function heldAt(
  moment: Kill['moment'],
  said: readonly string[],
  open: readonly ApprovalRequest[],
  cutOffBefore: ReadonlySet<string>,
): Kill {
  const waited = new Set(after('waits', said))
  const count = (status: ApprovalRequest['status'], which: (id: string) => boolean): number =>
    open.filter((request) => request.status === status && which(request.id)).length
  return {
    moment,
    waiting: count('pending', (id) => waited.has(id)),
    // What an earlier process left may still be open: its lease had not lapsed.
    executing: count('executing', (id) => !cutOffBefore.has(id)),
    approved: count('approved', () => true),
  }
}

/** What follows a word, in each line that begins with it. */
export function after(word: string, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
}

async function reading<T>(database: SharedDatabase, read: (store: ApprovalStore) => Promise<T>): Promise<T> {
  const store = database.open(systemClock)
  try {
    return await read(store)
  } finally {
    await store.close()
  }
}
