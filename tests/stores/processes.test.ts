import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ApprovalPendingError } from '@gatewright/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Address, type DatabaseServer, DURABLE_STORES, type SharedDatabase } from './durable-stores'
import { appendTo, type Opening, openGate, reviewers } from './processes/gate'
import { allRequests, killOften, linesOf } from './processes/killing'
import { start } from './processes/start'
import { expectFullProcesses, expectNothingLost, summaryOf } from './processes/story'

/** The full run: `GATEWRIGHT_KILLS=200`. */
const kills = Number(process.env.GATEWRIGHT_KILLS ?? 4)
/** Which processes are killed when: another at each run, unless one is given. */
const seed = Number(process.env.GATEWRIGHT_SEED ?? Date.now() % 1_000_000)
/** The full race: `GATEWRIGHT_RACES=10000`, by four processes. */
const races = Number(process.env.GATEWRIGHT_RACES ?? 200)
const racing = races > 1_000 ? 4 : 2

function openHere(address: Address, effects: string, opening?: Opening) {
  const opened = openGate(address, appendTo(effects), opening)
  onTestFinished(async () => {
    await opened.gate.close()
    await opened.store.close()
  })
  return opened
}

const told = (address: Address): string => JSON.stringify(address)

describe.each(DURABLE_STORES)('processes over $name', ({ begin }) => {
  let server: DatabaseServer
  beforeAll(async () => {
    server = await begin()
  })
  afterAll(() => server.stop?.())

  function database(): SharedDatabase {
    const made = server.make()
    onTestFinished(() => made.dispose())
    return made
  }

  function place(): { readonly address: Address; readonly effects: string } {
    return {
      address: database().address,
      effects: join(mkdtempSync(join(tmpdir(), 'gatewright-effects-')), 'lines'),
    }
  }

  test('a request that waits outlives its gate: the same key finds it again, a vote counts, and it is resumed', async () => {
    const { address, effects } = place()
    const first = openGate(address, appendTo(effects), { approvers: [] })
    const asked = first.gate.as({ wait: 'suspend' }, () => first.do('k-1'))
    const error = await asked.catch((reason: unknown) => reason)
    if (!(error instanceof ApprovalPendingError)) throw error
    await first.gate.close()
    await first.store.close()

    const second = openHere(address, effects, { approvers: [] })
    const again = second.do('k-1')
    const review = await second.gate.requests.review(error.requestId)
    const receipt = await second.gate.vote({
      requestId: error.requestId,
      digest: review?.digest ?? '',
      decision: 'approve',
      actor: reviewers.ada,
    })
    expect(receipt.status).toBe('counted')
    expect(await again).toBe('k-1')
    expect((await second.gate.requests.list({})).requests.length).toBe(1)
    expect(linesOf(effects)).toEqual(['k-1'])
  })

  test('a vote that another process saves wakes who waits here', async () => {
    const { address, effects } = place()
    const one = openHere(address, effects, { approvers: [] })
    const other = openHere(address, effects, { approvers: [] })
    await other.gate.start()
    const waiting = one.do('k-1')
    const [request] = await until(async () => (await other.gate.requests.list({})).requests)
    const review = await other.gate.requests.review(request?.id ?? '')
    await other.gate.vote({
      requestId: request?.id ?? '',
      digest: review?.digest ?? '',
      decision: 'approve',
      actor: reviewers.ada,
    })
    expect(await waiting).toBe('k-1')
  })

  test(`I3: ${racing} processes race for ${races} approvals, and each runs once`, {
    timeout: 120_000 + races * 60,
  }, async () => {
    const { address, effects } = place()
    const racers = Array.from({ length: racing }, () =>
      start('racing.ts', told(address), effects, String(races)),
    )
    await Promise.all(racers.map(({ ended }) => ended))
    const ran = linesOf(effects)
    expect([ran.length, new Set(ran).size]).toEqual([races, races])
    const here = openHere(address, effects)
    const requests = await allRequests(here.store)
    expect(requests.length).toBe(races)
    expect(new Set(requests.map(({ status }) => status))).toEqual(new Set(['succeeded']))
  })

  test(`I8: a process that holds 1,000 calls that wait and 100 that run is killed ${kills} times, and nothing is lost, runs twice, or is unknown that need not be`, {
    timeout: 120_000 + kills * 20_000,
  }, async ({ annotate }) => {
    const story = await killOften(database(), kills, seed)
    await annotate(`GATEWRIGHT_SEED=${seed} ${summaryOf(story)}`)
    expectNothingLost(story)
    expectFullProcesses(story.kills)
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
