import {
  type ApprovalStore,
  createGate,
  type Gate,
  group,
  memoryAudit,
  memoryStore,
  person,
  type VoteInput,
  when,
} from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { fakeClock } from '../fake-clock'

/** Faults that the simulation found, each as the smallest story that shows it. */

const ann = person('https://idp.example.com', 'ann', { groups: ['ops'] })

function setUp(change: (store: ApprovalStore) => Partial<ApprovalStore> = () => ({})) {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const audit = memoryAudit()
  const open = (own: Partial<ApprovalStore> = {}): Gate =>
    createGate({
      agent: { id: 'bot', owner: null },
      approvers: [],
      reviewers: group('ops'),
      policy: [when('data.read').allow()],
      store: { ...store, ...own },
      audit,
      clock,
      logger: { info() {}, warn() {}, error() {} },
    })
  return { clock, store, open, gate: open(change(store)) }
}

async function approve(gate: Gate, store: ApprovalStore): Promise<string> {
  const { requests } = await store.list({ status: 'pending' })
  const request = requests[0]
  if (request === undefined) throw new Error('nothing waits')
  const vote: VoteInput = {
    requestId: request.id,
    decision: 'approve',
    digest: request.reviewDigest,
    actor: ann,
  }
  await gate.vote(vote)
  return request.id
}

function deferred<T>() {
  let settle: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { promise, settle }
}

describe('found by the simulation', () => {
  test('I8: a call that is under way when its gate closes is told so', async () => {
    const creating = deferred<void>()
    const begun = deferred<void>()
    const { gate } = setUp((store) => ({
      async create(request, events) {
        begun.settle()
        await creating.promise
        return store.create(request, events)
      },
    }))
    const call = gate.requireApproval(async () => 'ran', { action: 'data.export' })()
    const told = expect(call).rejects.toMatchObject({ code: 'ERR_GATE_CLOSED' })
    await begun.promise
    await gate.close()
    creating.settle()
    await told
  })

  test('a caller who gives up on what another call runs already does not read the store again and again', async () => {
    const { clock, store, open } = setUp()
    const running = deferred<string>()
    let reads = 0
    const gate = open({
      get(id) {
        reads += 1
        if (reads > 1_000) throw new Error('it reads for ever')
        return store.get(id)
      },
    })
    const exported = gate.requireApproval(() => running.promise, {
      action: 'data.export',
      keepResult: true,
      key: () => 'k',
    })
    const first = exported()
    await clock.settle()
    await approve(gate, store)
    await clock.settle()
    const controller = new AbortController()
    const second = gate.as({ signal: controller.signal }, () => exported())
    await clock.settle()
    reads = 0
    controller.abort()
    await clock.settle()
    expect(reads).toBeLessThan(5)
    running.settle('done')
    expect(await first).toBe('done')
    expect(await second).toBe('done')
    await gate.close()
  })

  test('I8: a caller whose approved request retention deleted is told, instead of claiming it for ever', async () => {
    const { clock, store, open } = setUp()
    let transitions = 0
    const gate = open({
      async transition(move) {
        if (move.next.status !== 'executing') return store.transition(move)
        transitions += 1
        if (transitions > 1_000) throw new Error('it claims for ever')
        return { applied: false, reason: 'missing', request: null }
      },
      get: async (id) => {
        const request = await store.get(id)
        return request?.status === 'approved' ? null : request
      },
    })
    const call = gate.requireApproval(async () => 'ran', { action: 'data.export' })()
    const told = expect(call).rejects.toMatchObject({ code: 'ERR_REQUEST_NOT_FOUND' })
    await clock.settle()
    await approve(gate, store)
    await told
    expect(transitions).toBe(1)
    await gate.close()
  })

  test('I8: a caller who gave up on a request that retention deleted is told', async () => {
    const { clock, store, open } = setUp()
    const controller = new AbortController()
    let reads = 0
    let deleted = false
    const gate = open({
      async get(id) {
        reads += 1
        if (reads > 1_000) throw new Error('it reads for ever')
        return deleted ? null : store.get(id)
      },
      async getMany(ids) {
        const found = await store.getMany(ids)
        // Between hearing of the approval and claiming it, the caller gives up and the request is deleted.
        if (found.some(({ status }) => status === 'approved')) {
          deleted = true
          queueMicrotask(() => queueMicrotask(() => controller.abort()))
        }
        return found
      },
    })
    const exported = gate.requireApproval(async () => 'ran', { action: 'data.export' })
    const call = gate.as({ signal: controller.signal }, () => exported())
    const told = expect(call).rejects.toMatchObject({ code: 'ERR_REQUEST_NOT_FOUND' })
    await clock.settle()
    await approve(gate, store)
    await told
    await gate.close()
  })

  test('I8: a caller who waits for a request that retention deleted is told', async () => {
    const { clock, store, open } = setUp()
    let deleted = false
    const gate = open({ getMany: async (ids) => (deleted ? [] : store.getMany(ids)) })
    const call = gate.requireApproval(async () => 'ran', { action: 'data.export' })()
    const told = expect(call).rejects.toMatchObject({ code: 'ERR_REQUEST_NOT_FOUND' })
    await clock.settle()
    deleted = true
    await clock.advance('3s')
    await told
    await gate.close()
  })

  test('T23: a reviewer who lost the role does not pass as one of those to whom nobody escalated', async () => {
    const groups = { ann: ['ops'] }
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const gate = createGate({
      agent: { id: 'bot', owner: null },
      approvers: [],
      requirement: { reviewers: group('ops'), escalate: { after: '10m', to: group('leads') } },
      directory: { resolve: async (identity) => ({ ...identity, name: 'ann', groups: groups.ann }) },
      store,
      audit: memoryAudit(),
      clock,
      logger: { info() {}, warn() {}, error() {} },
    })
    let ran = 0
    const run = async () => {
      ran += 1
    }
    const exported = gate.requireApproval(run, {
      action: 'data.export',
      key: () => 'k',
      wait: 'suspend',
    })
    await expect(exported()).rejects.toMatchObject({ code: 'ERR_APPROVAL_PENDING' })
    await approve(gate, store)
    groups.ann = ['leads']
    await expect(exported()).rejects.toMatchObject({
      code: 'ERR_APPROVAL_INVALIDATED',
      reason: 'a reviewer who approved it is no longer eligible',
    })
    expect(ran).toBe(0)
    await gate.close()
  })
})
