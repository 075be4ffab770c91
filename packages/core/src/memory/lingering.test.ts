import {
  type ApprovalRequest,
  type ApprovalStore,
  memoryStore,
  type RequestStatus,
  type Transition,
} from '@gatewright/core'
import { createSample, fakeClock, sampleMove } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { attempt, type Scene, scene, settle, wired } from '../../test/scene'

/** Has a log take all that no log has, the way a gate's publisher does in the background. */
async function drain(store: ApprovalStore, { audit }: Pick<Scene, 'audit'>): Promise<void> {
  const events = await store.outbox.unpublished({ logId: audit.logId, limit: 999 })
  await audit.append(events)
  await store.outbox.published(
    audit.logId,
    events.map(({ id }) => id),
  )
}

const chainIn = ({ audit }: Scene, id: string): string[] =>
  audit.events.filter(({ subject }) => subject === id).map(({ type }) => type)

const STORY = [
  'request.created',
  'request.vote-cast',
  'request.approved',
  'execution.started',
  'execution.succeeded',
]

describe('two gates, each with a log, over one memory store', () => {
  test('T54: the log of whoever runs holds the outcome too, though the other log took it first', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const first = scene({ clock, store: shared, wait: 'suspend' })
    const store = wired(shared, {
      async before(method, [query]) {
        const subject = (query as { readonly subject?: string } | undefined)?.subject
        // The other gate's publisher is always a little quicker.
        if (method === 'outbox.unpublished' && subject !== undefined) await drain(shared, first)
      },
    })
    const second = first.neighbour({ store })
    await attempt(first.gate.requireApproval(first.effect, { action: 'a.run' })('users')).ended
    const { id } = await first.only()
    await first.approve(id)
    second.gate.requireApproval(second.effect, { action: 'a.run' })
    await second.gate.resume(id)
    await settle()
    expect(first.runs).toHaveLength(1)
    expect(chainIn(second, id)).toEqual(STORY)
    expect(chainIn(first, id)).toEqual(STORY)
    // Both have all: nothing is kept for anybody.
    expect(await shared.outbox.unpublished({ logId: 'third', subject: id, limit: 9 })).toEqual([])
  })

  test('T52, T54: a process that wakes after its run was called cut off has the whole story in its log before it runs', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const first = scene({ clock, store: shared, wait: 'suspend' })
    let sleepers: (() => void)[] | null = null
    const sleep = () => new Promise<void>((resolve) => sleepers?.push(resolve))
    const store = wired(shared, {
      before: async () => (sleepers === null ? undefined : sleep()),
      async after(method, [move]) {
        if (method !== 'transition' || (move as Transition).next.status !== 'executing') return
        sleepers = []
        await sleep()
      },
    })
    const second = first.neighbour({ store })
    await attempt(first.gate.requireApproval(first.effect, { action: 'a.run' })('users')).ended
    const { id } = await first.only()
    await first.approve(id)
    let held: readonly string[] = []
    const run = async () => {
      held = chainIn(second, id)
    }
    second.gate.requireApproval(run, { action: 'a.run' })
    const resumed = attempt(second.gate.resume(id))
    await settle()
    await clock.advance('10m')
    expect((await shared.get(id))?.status).toBe('unknown')
    expect(await shared.outbox.unpublished({ logId: 'any', limit: 9 })).toEqual([])
    const waking: (() => void)[] = sleepers ?? []
    sleepers = null
    for (const wake of waking) wake()
    await resumed.ended
    expect(held.slice(0, 4)).toEqual(STORY.slice(0, 4))
  })

  /** A request with two events, that ended as `status`; one log has both, and another only one of them. */
  async function finished(store: ApprovalStore, id: string, status: RequestStatus): Promise<ApprovalRequest> {
    const ended = sampleMove(await createSample(store, id), { status })
    await store.outbox.published('b', [`${id}/1`])
    await store.transition(ended)
    await store.outbox.published('a', [`${id}/1`, `${id}/2`])
    return ended.next
  }

  const wanted = async (store: ApprovalStore, logId: string, subject: string) =>
    (await store.outbox.unpublished({ logId, subject, limit: 9 })).map(({ id }) => id)

  test('a log that has some of a finished request can have the rest, and then nothing is kept', async () => {
    const store = memoryStore()
    await finished(store, 'r', 'rejected')
    expect(await wanted(store, 'b', 'r')).toEqual(['r/2'])
    expect(await wanted(store, 'c', 'r')).toEqual(['r/1', 'r/2'])
    await store.outbox.published('b', ['r/2'])
    expect(await wanted(store, 'b', 'r')).toEqual([])
    expect(await wanted(store, 'c', 'r')).toEqual([])
  })

  test('the newest 1,000 are kept for logs that never catch up, and nothing is lost that no log has', async () => {
    const store = memoryStore()
    const waiting = await finished(store, 'told more', 'unknown')
    await store.transition(sampleMove(waiting))
    for (let number = 0; number < 1_200; number += 1) await finished(store, `r-${number}`, 'cancelled')
    expect(await wanted(store, 'b', 'r-199')).toEqual([])
    expect(await wanted(store, 'b', 'r-200')).toEqual(['r-200/2'])
    expect(await wanted(store, 'b', 'r-1199')).toEqual(['r-1199/2'])
    expect(await wanted(store, 'a', 'told more')).toEqual(['told more/3'])
    expect(await wanted(store, 'c', 'told more')).toEqual(['told more/1', 'told more/2', 'told more/3'])
    await store.outbox.published('a', ['told more/3'])
    expect(await wanted(store, 'b', 'told more')).toEqual(['told more/2', 'told more/3'])
    expect(await wanted(store, 'b', 'r-200')).toEqual([])
  })

  test('keeping events for a log keeps no request from being forgotten, and goes with it', async () => {
    const store = memoryStore({ maxFinished: 1 })
    await finished(store, 'r-1', 'rejected')
    await finished(store, 'r-2', 'unknown')
    expect(await store.get('r-1')).toBeNull()
    expect(await wanted(store, 'b', 'r-1')).toEqual([])
    expect(await store.forget('r-2')).toBe(true)
    expect(await wanted(store, 'b', 'r-2')).toEqual([])
  })

  test('acknowledging again does not make a finished request the newest', async () => {
    const store = memoryStore({ maxFinished: 2 })
    await finished(store, 'r-1', 'rejected')
    await finished(store, 'r-2', 'rejected')
    await store.outbox.published('b', ['r-1/1', 'r-1/2'])
    await finished(store, 'r-3', 'rejected')
    expect((await store.list({})).requests.map(({ id }) => id)).toEqual(['r-3', 'r-2'])
  })
})
