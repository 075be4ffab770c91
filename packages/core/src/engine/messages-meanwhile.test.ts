import { type ApprovalStore, type Approver, memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { ada, attempt, ben, type Desk, desk, scene, settle } from '../../test/scene'

const shown = (channel: Desk): string[] => channel.updates.map(({ review }) => review.progress.status)

/** A channel that answers only when it is told to. */
function slow(name: string, method: 'deliver' | 'update') {
  const waiting: (() => void)[] = []
  const channel = desk(name)
  const genuine = channel[method] as (...given: readonly unknown[]) => Promise<unknown>
  const answer = async (...given: readonly unknown[]) => {
    await new Promise<void>((resolve) => waiting.push(resolve))
    return genuine.apply(channel, [...given])
  }
  const answerNow = (most = waiting.length): void => {
    for (const go of waiting.splice(0, most)) go()
  }
  Object.assign(channel, { [method]: answer } satisfies Partial<Approver>)
  /** From now on it answers at once. */
  const wake = (): void => void Object.assign(channel, { [method]: genuine })
  return { channel, answerNow, wake }
}

/** A store whose feed says nothing, as one that loses every hint. */
const deaf = (store: ApprovalStore): ApprovalStore => ({ ...store, changes() {} })

test('T34: a message that is sent while another one of its request is updated is made true as well', async () => {
  const [fast, late] = [slow('fast', 'update'), slow('late', 'deliver')]
  const s = scene({ approvers: [fast.channel, late.channel] })
  attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
  await settle()
  const { id } = await s.only()
  await s.reject(id, ada, 'no')
  await settle()
  late.answerNow()
  await settle()
  fast.answerNow()
  await settle()
  fast.answerNow()
  await settle()
  expect([late.channel.messages.length, shown(late.channel)]).toEqual([1, ['rejected']])
  expect(shown(fast.channel).at(-1)).toBe('rejected')
})

test('T34: a message whose request another process moved is made true at a sweep, though no hint came', async () => {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const channel = desk('channel')
  const agent = scene({ clock, store: deaf(store), approvers: [channel], wait: 'suspend', sweepEvery: '10s' })
  attempt(agent.gate.requireApproval(agent.effect, { action: 'data.export' })('users'))
  await settle()
  const { id } = await agent.only()
  const other = scene({ clock, store, audit: null, approvers: [] })
  await other.gate.cancel(id, { by: ada, reason: 'not needed' })
  await settle()
  expect(shown(channel)).toEqual([])
  await clock.advance('11s')
  expect(shown(channel)).toEqual(['cancelled'])
  await clock.advance('1m')
  expect(shown(channel)).toEqual(['cancelled'])
})

test('T34: so is one of a process that dies right after another one moved its request', async () => {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  // Its own time stands still, and it hears nothing: as good as killed, but for its lease.
  const killed = scene({ clock: fakeClock(), store: deaf(store), approvers: [desk('channel')] })
  attempt(killed.gate.requireApproval(killed.effect, { action: 'data.export' })('users'))
  await settle()
  const { id, processId } = await killed.only()
  await store.leases.renew(processId, 5_000)
  const channel = desk('channel')
  const after = scene({ clock, store, approvers: [channel] })
  await after.gate.start()
  await after.gate.cancel(id, { by: ada, reason: 'not needed' })
  await settle()
  expect(shown(channel)).toEqual([])
  await clock.advance('2m')
  expect(shown(channel)).toEqual(['cancelled'])
})

test('T34: a message that people have, though it could not be saved that they have it, is made true', async () => {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const channel = desk('channel')
  const { put } = store.deliveries
  const deliveries = {
    ...store.deliveries,
    put: async (row: Parameters<typeof put>[0]) => {
      if (row.status === 'delivered' && row.shownVersion === 1) throw new Error('the answer was lost')
      return put(row)
    },
  }
  const s = scene({ clock, store: { ...store, deliveries }, approvers: [channel], delivery: { attempts: 1 } })
  attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
  await settle()
  const [request] = (await store.list({})).requests
  if (request?.status === 'pending') await s.reject(request.id, ada, 'no')
  await settle()
  expect(channel.messages.length).toBe(1)
  expect(shown(channel).at(-1)).toBe((await store.get(request?.id ?? ''))?.status)
})

test.each(['deliver', 'update'] as const)(
  'T34: what a channel does after it was given up in %s is made true as well, and what it did in time stays',
  async (method) => {
    const { channel, answerNow, wake } = slow('channel', method)
    const s = scene({
      approvers: [channel],
      timeouts: { delivery: '5s' },
      delivery: { attempts: 3 },
      sweepEvery: '10s',
    })
    attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    if (method === 'update') await s.approve(id, ben)
    await s.clock.advance('5s')
    wake()
    if (method === 'deliver') await s.reject(id, ada, 'no')
    await s.clock.advance('1m')
    const told = channel.updates.length
    answerNow(1)
    await settle()
    const { status, version } = await s.request(id)
    expect(shown(channel).at(-1)).toBe(status)
    const row = (await s.store.deliveries.of(id)).find((one) => one.status === 'delivered')
    expect(row).toMatchObject({ shownVersion: version, nextAttemptAt: null })
    await s.clock.advance('1h')
    expect(channel.updates.length - told, 'and it is left alone then').toBeLessThanOrEqual(3)
  },
)
