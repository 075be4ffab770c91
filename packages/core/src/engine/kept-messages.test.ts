import { type ApprovalStore, type DeliveryRow, group, memoryStore } from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { ada, attempt, ben, type Desk, desk, type Scene, scene, settle } from '../../test/scene'

/** Processes that change one message, and what people see of it. */
interface Shared {
  readonly clock: FakeClock
  readonly store: ApprovalStore
  readonly seen: string[]
}

function shared(): Shared {
  const clock = fakeClock()
  return { clock, store: memoryStore({ clock }), seen: [] }
}

const over = ({ clock, store }: Shared) => ({ clock, store })

/** The channel as one process has it; what is asked of it arrives once `arrives` lets it. */
const channel = ({ seen }: Shared, arrives: () => Promise<void> = async () => {}): Desk =>
  desk('channel', {
    async update(review) {
      await arrives()
      seen.push(review.progress.status)
    },
  })

const TWO = { reviewers: group('ops', { atLeast: 2 }) }

const end = (s: Scene, id: string) => s.gate.cancel(id, { by: ada, reason: 'not needed' })

/** Its process seems to be gone, and comes back: it has asked, and lost its lease for a moment. */
async function asked(
  parts: Shared,
  store = parts.store,
): Promise<{ readonly s: Scene; readonly id: string }> {
  const s = scene({ ...over(parts), store, approvers: [channel(parts)] })
  attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
  await settle()
  const { id, processId } = await s.only()
  await parts.store.leases.release(processId)
  const [row] = await parts.store.deliveries.of(id)
  await parts.store.deliveries.put({ ...(row as DeliveryRow), shownVersion: 0 })
  return { s, id }
}

/** Starts, finds the message stale, changes it, and dies before that is noted: `dies` lets the change arrive. */
async function dying(parts: Shared, id: string): Promise<() => Promise<void>> {
  let arrive = (): void => {}
  const changed = new Promise<void>((resolve) => {
    arrive = resolve
  })
  let isDead = false
  const clock = fakeClock()
  const store: ApprovalStore = {
    ...parts.store,
    deliveries: {
      ...parts.store.deliveries,
      put: (row) => (isDead ? new Promise(() => {}) : parts.store.deliveries.put(row)),
    },
    changes() {},
  }
  const s = scene({ clock, store, approvers: [channel(parts, () => changed)] })
  await s.gate.start()
  await settle()
  expect(await statuses(parts, id)).toEqual(['delivered', 'kept'])
  return async () => {
    isDead = true
    arrive()
    await settle()
  }
}

async function survivor(parts: Shared): Promise<Scene> {
  const s = scene({ ...over(parts), approvers: [channel(parts)] })
  await s.gate.start()
  await settle()
  return s
}

const statuses = async ({ store }: Shared, id: string): Promise<string[]> =>
  (await store.deliveries.of(id)).map(({ status }) => status).sort()

const due = async ({ store }: Shared, id: string): Promise<(number | null)[]> =>
  (await store.deliveries.of(id)).map(({ nextAttemptAt }) => nextAttemptAt)

test('T34: a message that another process than its sender changed back after the end, before it died, is made true', async () => {
  const parts = shared()
  const { s, id } = await asked(parts)
  const die = await dying(parts, id)
  await end(s, id)
  await settle()
  await die()
  expect(parts.seen).toEqual(['cancelled', 'pending'])
  await survivor(parts)
  await parts.clock.advance('10m')
  expect(parts.seen).toEqual(['cancelled', 'pending', 'cancelled'])
  expect(await due(parts, id)).toEqual([null, null])
  await parts.clock.advance('3h')
  expect(parts.seen).toHaveLength(3)
})

test('what it changes is noted before, once for all its changes, and asks nobody', async () => {
  const parts = shared()
  const { id } = await asked(parts, { ...parts.store, changes() {} })
  const after = await survivor(parts)
  expect(parts.seen).toEqual(['pending'])
  const rows = await parts.store.deliveries.of(id)
  expect(rows).toHaveLength(2)
  const message = rows.find(({ status }) => status === 'delivered')
  const note = rows.find(({ status }) => status === 'kept')
  expect(note).toMatchObject({ status: 'kept', reference: message?.id, stages: [] })
  expect(note?.nextAttemptAt).toBeGreaterThan(parts.clock.now())
  await end(after, id)
  await settle()
  expect(parts.seen).toEqual(['pending', 'cancelled'])
  expect(await due(parts, id)).toEqual([null, null])
})

test('it is not changed when that cannot be noted, and changed once it can', async () => {
  const parts = shared()
  const { id } = await asked(parts)
  let fails = true
  const put = (row: DeliveryRow): void => {
    if (row.status === 'kept' && fails) throw new Error('the disk is full')
    void parts.store.deliveries.put(row)
  }
  const store: ApprovalStore = { ...parts.store, deliveries: { ...parts.store.deliveries, put } }
  await survivor({ ...parts, store })
  expect(parts.seen).toEqual([])
  fails = false
  await parts.clock.advance('2m')
  expect(parts.seen).toEqual(['pending'])
  expect(await statuses(parts, id)).toEqual(['delivered', 'kept'])
})

test('T34: one that its channel changes back after its process gave that up, showed the end and was closed, is made true', async () => {
  const parts = shared()
  const slow: (() => void)[] = []
  let hangs = false
  const one = channel(parts, () =>
    hangs ? new Promise((resolve) => void slow.push(resolve)) : Promise.resolve(),
  )
  const s = scene({ ...over(parts), approvers: [one], timeouts: { delivery: '5s' }, requirement: TWO })
  attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
  const { id } = await s.only()
  hangs = true
  await s.approve(id, ben)
  // Twice: what is tried again hangs as well, and is noted once.
  await parts.clock.advance('20s')
  expect(slow.length).toBeGreaterThan(1)
  expect(await statuses(parts, id)).toEqual(['delivered', 'kept'])
  hangs = false
  await end(s, id)
  await parts.clock.advance('1m')
  expect(parts.seen.at(-1)).toBe('cancelled')
  await s.close()
  for (const arrive of slow) arrive()
  await settle()
  expect(parts.seen.at(-1)).toBe('pending')
  await survivor(parts)
  await parts.clock.advance('10m')
  expect(parts.seen.at(-1)).toBe('cancelled')
  expect(await due(parts, id)).toEqual([null, null])
})
