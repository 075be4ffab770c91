import { type ApprovalRequest, type ApprovalStore, type GateOptions, memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { attempt, type Scene, scene, settle } from '../../test/scene'

interface Archive {
  /** What an archive of these tests does with a request. */
  act: (request: ApprovalRequest) => Promise<void> | void
  /** Ids in the order in which it was told. */
  readonly told: string[]
}

/** Finished requests, the oldest first, kept for a week; an archive looks at them once an hour. */
async function finished(
  count: number,
  options: Partial<GateOptions> = {},
  wire: (store: ApprovalStore) => ApprovalStore = (store) => store,
): Promise<{ s: Scene; ids: readonly string[]; archive: Archive; left: () => Promise<string[]> }> {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const archive: Archive = { act: () => {}, told: [] }
  const s = scene({
    clock,
    store: wire(store),
    rateLimit: false,
    coalesce: false,
    sweepEvery: '10m',
    lease: '1h',
    ...options,
    retention: {
      after: '7d',
      every: '1h',
      archive(request) {
        archive.told.push(request.id)
        return archive.act(request)
      },
    },
  })
  const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
  for (let n = 0; n < count; n += 1) {
    tool(n).catch(() => undefined)
    if (n % 50 === 49) await clock.advance(1)
  }
  await settle()
  const ids = [...(await store.list({}, { limit: count + 1 })).requests].reverse().map(({ id }) => id)
  expect(ids).toHaveLength(count)
  const left = async (): Promise<string[]> => (await store.getMany(ids)).map(({ id }) => id).sort()
  // They expire after an hour. Half an hour before the first round that may delete them:
  await clock.advance('10110m')
  expect(archive.told).toEqual([])
  return { s, ids, archive, left }
}

const refuse = (bad: ReadonlySet<string | undefined>) => (request: ApprovalRequest) => {
  if (bad.has(request.id)) throw new Error('it cannot be archived')
}
const warnings = (s: Scene, text: string) => s.logger.entries.filter(({ message }) => message.includes(text))

test.each([
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['rejects', async () => Promise.reject(new Error('no'))],
  ['hangs', () => new Promise<void>(() => {})],
] as const)('one request whose archive always %s is kept, and all others are deleted', async (_, fail) => {
  const { s, ids, archive, left } = await finished(250)
  const bad = ids[120]
  archive.act = ({ id }) => (id === bad ? fail() : undefined)
  await s.clock.advance('1h')
  expect(await left()).toEqual([bad])
  expect(warnings(s, `${bad} could not be archived`)).not.toEqual([])
  const before = archive.told.length
  await s.clock.advance('1h')
  expect(archive.told.slice(before), 'once in each period').toEqual([bad])
  archive.act = () => {}
  await s.clock.advance('1h')
  expect(await left()).toEqual([])
})

test('a page full of those that fail is gone past, and nothing is lost', async () => {
  const { s, ids, archive, left } = await finished(320)
  // The newest come first: the whole first page.
  const bad = new Set(ids.slice(-100))
  archive.act = refuse(bad)
  await s.clock.advance('1h')
  expect(await left()).toEqual([...bad].sort())
  const rounds = archive.told.filter((id) => bad.has(id)).length
  expect(rounds, 'a bounded number of failures in a round').toBeLessThanOrEqual(25)
  await s.clock.advance('30h')
  expect(await left()).toEqual([...bad].sort())
  archive.told.length = 0
  await s.clock.advance('3h')
  expect(new Set(archive.told), 'all have their turn').toEqual(bad)
  archive.act = () => {}
  await s.clock.advance('5h')
  expect(await left()).toEqual([])
})

test('a round has a bounded number of failures, though others go well in between', async () => {
  const { s, ids, archive, left } = await finished(300)
  const bad = new Set(ids.filter((_, n) => n % 2 === 0))
  archive.act = refuse(bad)
  await s.clock.advance('1h')
  expect(archive.told.filter((id) => bad.has(id))).toHaveLength(100)
  await s.clock.advance('1h')
  expect(await left(), 'the next period goes on with the rest').toEqual([...bad].sort())
})

test('those that failed are tried again, the oldest first', async () => {
  const { s, ids, archive } = await finished(150)
  const bad = [ids[140], ids[3], ids[90]]
  archive.act = refuse(new Set(bad))
  await s.clock.advance('1h')
  archive.told.length = 0
  await s.clock.advance('1h')
  expect(archive.told).toEqual([ids[3], ids[90], ids[140]])
})

test('an archive that is down ends the round after several different ones, and says so', async () => {
  const { s, ids, archive, left } = await finished(450)
  archive.act = () => new Promise(() => {})
  await s.clock.advance('1h')
  expect(archive.told.length).toBe(15)
  expect(new Set(archive.told).size, 'different ones').toBe(15)
  expect(await left()).toHaveLength(ids.length)
  expect(warnings(s, 'seems to be down').map(({ level }) => level)).toEqual(['error'])
  archive.act = () => {}
  await s.clock.advance('1h')
  expect(await left(), 'once it is back, all of them').toEqual([])
})

test('ones that cannot be deleted keep no others', async () => {
  let bad: readonly string[] = []
  const { s, ids, left } = await finished(150, {}, (store) =>
    Object.assign(Object.create(store), {
      async forget(id: string) {
        if (bad.includes(id)) throw new Error('a bad page')
        return store.forget(id)
      },
    }),
  )
  bad = [ids[149] ?? '', ids[10] ?? '']
  await s.clock.advance('1h')
  expect(await left()).toEqual([...bad].sort())
  expect(warnings(s, `${bad[0]} could not be deleted`)).not.toEqual([])
  bad = []
  await s.clock.advance('1h')
  expect(await left()).toEqual([])
})

test('an archive that hangs holds up neither deadlines nor the lease', async () => {
  const renewals: number[] = []
  const { s, archive } = await finished(10, { timeouts: { lookup: '3h' } }, (store) =>
    Object.assign(Object.create(store), {
      leases: {
        ...store.leases,
        renew(processId: string, forMs: number) {
          renewals.push(forMs)
          return store.leases.renew(processId, forMs)
        },
      },
    }),
  )
  archive.act = () => new Promise(() => {})
  await s.clock.advance('1h')
  expect(archive.told).toHaveLength(1)
  const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })('users'))
  await s.clock.advance('5m')
  renewals.length = 0
  await s.clock.advance('1h')
  expect(renewals).toHaveLength(6)
  expect(call.code).toBe('ERR_APPROVAL_EXPIRED')
})
