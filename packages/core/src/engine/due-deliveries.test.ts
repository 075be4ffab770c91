import { type ApprovalStore, type DeliveryRow, GatewrightError, group, memoryStore } from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { ada, attempt, type Desk, desk, type Scene, scene, settle } from '../../test/scene'

const shown = (channel: Desk): string[] =>
  channel.updates.map(({ review, delivery }) => `${delivery.reference} ${review.progress.status}`)

interface Shared {
  readonly clock: FakeClock
  readonly store: ApprovalStore
}

function shared(): Shared {
  const clock = fakeClock()
  return { clock, store: memoryStore({ clock }) }
}

const LEASE = { lease: '5m', sweepEvery: '1m' } as const

/** A process that asks by a channel; its own time stands still from then on, as if it was killed. */
async function killed(parts: Shared, channel: Desk): Promise<string> {
  const s = scene({ ...parts, ...LEASE, clock: fakeClock(), store: deaf(parts.store), approvers: [channel] })
  attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
  await settle()
  const [newest] = (await s.pending()).slice(-1)
  return newest?.id ?? ''
}

/** A store whose feed says nothing. */
const deaf = (store: ApprovalStore): ApprovalStore => ({ ...store, changes() {} })

/** A process that has no approver, and so shows nothing. */
const other = (parts: Shared): Scene => scene({ ...parts, ...LEASE, audit: null, approvers: [] })

async function started(parts: Shared, channel: Desk, store = parts.store): Promise<Scene> {
  const s = scene({ ...parts, ...LEASE, store, approvers: [channel] })
  await s.gate.start()
  return s
}

async function rowOf(parts: Shared, id: string): Promise<DeliveryRow> {
  const [row] = await parts.store.deliveries.of(id)
  if (row === undefined) throw new Error('there is no message')
  return row
}

test('T34: a message of a dead process is made true by one that runs already, whoever ended its request', async () => {
  const parts = shared()
  const channel = desk('channel')
  // It starts before there is anything to see, and its feed tells it nothing.
  await started(parts, channel, deaf(parts.store))
  const id = await killed(parts, desk('channel'))
  const { reference, nextAttemptAt } = await rowOf(parts, id)
  expect(nextAttemptAt).toBe(parts.clock.now() + 300_000)
  await other(parts).gate.cancel(id, { by: ada, reason: 'not needed' })
  await parts.clock.advance('4m')
  expect(shown(channel), 'it is the turn of who sent it').toEqual([])
  await parts.clock.advance('2m')
  expect(shown(channel)).toEqual([`${reference} cancelled`])
  expect(await rowOf(parts, id)).toMatchObject({ status: 'delivered', nextAttemptAt: null })
  await parts.clock.advance('3h')
  expect(channel.updates).toHaveLength(1)
})

test('one that waits is looked at after as long as it is old, and once an hour', async () => {
  const parts = shared()
  const channel = desk('channel')
  const s = scene({
    ...parts,
    ...LEASE,
    approvers: [channel],
    requirement: { reviewers: group('ops'), within: '200m' },
  })
  attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
  const { id } = await s.only()
  const start = parts.clock.now()
  const times = new Set<number>()
  for (let minute = 0; minute < 199; minute += 1) {
    times.add(((await rowOf(parts, id)).nextAttemptAt ?? 0) - start)
    await parts.clock.advance('1m')
  }
  expect([...times].map((ms) => ms / 60_000)).toEqual([5, 10, 20, 40, 80, 140, 200])
  expect(channel.updates).toEqual([])
})

test('T34: a message that was being sent when its request ended is made true, by its id', async () => {
  const parts = shared()
  const id = await killed(parts, Object.assign(desk('channel'), { onDeliver: () => new Promise(() => {}) }))
  expect(await rowOf(parts, id)).toMatchObject({ status: 'sending', reference: null })
  await other(parts).gate.cancel(id, { by: ada, reason: 'not needed' })
  const channel = desk('channel')
  await started(parts, channel)
  await parts.clock.advance('6m')
  expect(channel.messages).toEqual([])
  expect(
    channel.updates.map(({ delivery, review }) => [delivery.id, delivery.reference, review.progress.status]),
  ).toEqual([[(await rowOf(parts, id)).id, null, 'cancelled']])
  expect(await rowOf(parts, id)).toMatchObject({ status: 'failed', nextAttemptAt: null })
})

test('T34: so is one whose sending failed for good, since perhaps only the answer was lost', async () => {
  const parts = shared()
  const channel = desk('channel')
  const failing = desk('channel')
  Object.assign(failing, { onDeliver: async () => Promise.reject(new Error('no answer')) })
  const s = scene({ ...parts, ...LEASE, approvers: [failing, desk('other')], delivery: { attempts: 1 } })
  attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
  const { id } = await s.only()
  const row = (await parts.store.deliveries.of(id)).find(({ approver }) => approver === 'channel')
  expect(row?.status).toBe('failed')
  await s.gate.cancel(id, { by: ada, reason: 'not needed' })
  await started(parts, channel)
  await parts.clock.advance('10m')
  const updates = [...channel.updates, ...failing.updates]
  expect(updates.map(({ delivery, review }) => [delivery.id, review.progress.status])).toEqual([
    [row?.id, 'cancelled'],
  ])
})

test('what can never be made true is given up, which is recorded', async () => {
  const parts = shared()
  const id = await killed(parts, Object.assign(desk('channel'), { onDeliver: () => new Promise(() => {}) }))
  await other(parts).gate.cancel(id, { by: ada, reason: 'not needed' })
  let tries = 0
  const update = async () => {
    tries += 1
    throw new Error('no reference')
  }
  const s = await started(parts, desk('channel', { update }))
  await parts.clock.advance('30h')
  expect(tries).toBe(13)
  expect(await rowOf(parts, id)).toMatchObject({ status: 'failed', nextAttemptAt: null })
  const facts = (await s.events('delivery.failed')).map(({ data }) => [data['deliveryId'], data['final']])
  expect(facts).toEqual([[(await rowOf(parts, id)).id, true]])
})

test('one that its channel says is no more is given up at once', async () => {
  const parts = shared()
  const id = await killed(parts, Object.assign(desk('channel'), { onDeliver: () => new Promise(() => {}) }))
  await other(parts).gate.cancel(id, { by: ada, reason: 'not needed' })
  const update = async () => {
    throw new GatewrightError('ERR_MESSAGE_GONE', 'nothing has that id')
  }
  const s = await started(parts, desk('channel', { update }))
  await parts.clock.advance('6m')
  expect(await rowOf(parts, id)).toMatchObject({
    status: 'failed',
    nextAttemptAt: null,
    error: 'ERR_MESSAGE_GONE',
  })
  expect(await s.events('delivery.failed')).toHaveLength(1)
})

test('messages of approvers that this process does not have hold up none of its own', async () => {
  const parts = shared()
  const channel = desk('channel')
  const s = await started(parts, channel)
  const id = await killed(parts, desk('channel'))
  const row = await rowOf(parts, id)
  const due = { ...row, status: 'sending', attempts: 0, nextAttemptAt: parts.clock.now() - 1_000 } as const
  for (let n = 0; n < 2_500; n += 1)
    await parts.store.deliveries.put({ ...due, id: `foreign-${n}`, approver: 'elsewhere' })
  await parts.store.deliveries.put({ ...due, nextAttemptAt: parts.clock.now() })
  await parts.clock.advance('4m')
  expect(channel.messages.map(({ deliveryId }) => deliveryId)).toEqual([row.id])
  expect((await parts.store.deliveries.due(9_999)).length).toBe(2_500)
  expect(s.logger.entries.filter(({ level }) => level === 'error')).toEqual([])
})

test('a channel that changes nothing is asked a few times in a sweep, and all are mended when it is back', async () => {
  const parts = shared()
  const dead = scene({
    ...parts,
    ...LEASE,
    clock: fakeClock(),
    store: deaf(parts.store),
    approvers: [desk('channel')],
    coalesce: false,
    rateLimit: false,
  })
  const tool = dead.gate.requireApproval(dead.effect, { action: 'data.export' })
  for (let n = 0; n < 50; n += 1) attempt(tool(n))
  await settle()
  let isAway = true
  let tries = 0
  const after = desk('channel', {
    async update() {
      tries += 1
      if (isAway) throw new Error('away')
    },
  })
  await started(parts, after, deaf(parts.store))
  const gate = other(parts).gate
  for (const { id } of await dead.pending()) await gate.cancel(id, { by: ada, reason: 'not needed' })
  await parts.clock.advance('6m')
  expect(tries).toBeGreaterThan(0)
  isAway = false
  await parts.clock.advance('2h')
  const { requests } = await parts.store.list({})
  const rows = await Promise.all(requests.map(({ id }) => rowOf(parts, id)))
  expect(rows.map(({ nextAttemptAt }) => nextAttemptAt)).toEqual(requests.map(() => null))
  expect(rows.map(({ shownVersion }) => shownVersion)).toEqual(requests.map(({ version }) => version))
})

test('T34: what came true while those before it were looked at is not sent once more', async () => {
  const parts = shared()
  const gone = Object.assign(desk('channel'), { onDeliver: () => new Promise(() => {}) })
  const ids = [await killed(parts, gone), await killed(parts, gone)]
  const held: (() => void)[] = []
  const channel = desk('channel')
  channel.onDeliver = async (_review, _to, deliveryId) => {
    await new Promise<void>((resolve) => void held.push(resolve))
    return { reference: deliveryId }
  }
  await started(parts, channel)
  while (held.length === 0) await parts.clock.advance('1s')
  const rows = (await Promise.all(ids.map((id) => parts.store.deliveries.of(id)))).flat()
  // Whoever sends what another one may be sending too notes that before.
  expect(rows.map(({ status }) => status).sort()).toEqual(['kept', 'sending', 'sending'])
  const kept = rows.find(({ status }) => status === 'kept')?.reference
  const waiting = rows.filter(({ id, status }) => status === 'sending' && id !== kept)
  const [second] = waiting
  if (second === undefined) throw new Error('both were sent')
  await other(parts).gate.cancel(second.requestId, { by: ada, reason: 'not needed' })
  await parts.store.deliveries.put({ ...second, status: 'delivered', shownVersion: 2, nextAttemptAt: null })
  for (const go of held) go()
  await parts.clock.advance('1h')
  expect(channel.messages.map(({ deliveryId }) => deliveryId)).not.toContain(second.id)
})
