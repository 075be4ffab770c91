import {
  type ApprovalRequest,
  type ApprovalStore,
  type ArgumentEdit,
  type AuditEvent,
  type AuditEventType,
  createGate,
  type Gate,
  type GateOptions,
  group,
  memoryStore,
  type Principal,
  type VoteReceipt,
} from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'
import { settle } from './attempt'
import { type Desk, desk } from './desk'
import { type Notebook, notebook } from './notebook'
import { ada } from './people'
import { type Tape, tape } from './tape'

/** One program with a gate, and everything a test may look at or push on. */
export interface Scene {
  readonly gate: Gate
  readonly clock: FakeClock
  readonly store: ApprovalStore
  readonly audit: Tape
  readonly desk: Desk
  readonly logger: Notebook
  /** Arguments of every run, in order. */
  readonly runs: unknown[][]
  /** A function that remembers that it ran, and answers with `done`. */
  readonly effect: (...args: unknown[]) => Promise<string>
  /** Pending requests, oldest first. */
  pending(): Promise<readonly ApprovalRequest[]>
  /** The one request that is pending. */
  only(): Promise<ApprovalRequest>
  request(id: string): Promise<ApprovalRequest>
  approve(
    id: string,
    by?: Principal,
    more?: { readonly note?: string; readonly edits?: readonly ArgumentEdit[]; readonly digest?: string },
  ): Promise<VoteReceipt>
  reject(id: string, by?: Principal, note?: string): Promise<VoteReceipt>
  /** Types of what stands in the log, of one subject or of all but the gate's own. */
  types(subject?: string): Promise<AuditEventType[]>
  /** Events of one type in the log. */
  events(type: AuditEventType): Promise<AuditEvent[]>
  /** Closes the gate, letting what it waits for run out of time. */
  close(): Promise<void>
  /** Another process over the same store: a gate of its own, with a log of its own. */
  neighbour(options?: Partial<GateOptions>): Scene
}

interface Shared {
  readonly clock: FakeClock
  readonly store: ApprovalStore
  readonly runs: unknown[][]
  processes: number
}

/** Sets a scene: a gate whose default is that one member of `ops` approves. Rate limit and cool-down are the gate's own. */
export function scene(options: Partial<GateOptions> = {}): Scene {
  const clock = (options.clock as FakeClock | undefined) ?? fakeClock()
  return arrange(options, { clock, store: options.store ?? memoryStore({ clock }), runs: [], processes: 0 })
}

function arrange(options: Partial<GateOptions>, shared: Shared): Scene {
  const { clock, runs } = shared
  shared.processes += 1
  const store = options.store ?? shared.store
  const audit = (options.audit as Tape | undefined) ?? tape(`tape ${shared.processes}`)
  const inbox = (options.approvers?.[0] as Desk | undefined) ?? desk()
  const logger = notebook()
  const reviewed =
    options.reviewers === undefined && options.requirement === undefined ? { reviewers: group('ops') } : {}
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [inbox],
    logger,
    // Long sweeps keep hours of fake time short; what is due is moved on time all the same.
    sweepEvery: '1m',
    lease: '5m',
    ...reviewed,
    ...options,
    audit: options.audit === null ? null : audit,
    clock,
    store,
  })

  async function pending(): Promise<readonly ApprovalRequest[]> {
    await settle()
    const { requests } = await store.list({ status: 'pending' })
    return [...requests].reverse()
  }

  async function vote(
    id: string,
    decision: 'approve' | 'reject',
    by: Principal,
    more: object,
  ): Promise<VoteReceipt> {
    const review = await gate.requests.review(id)
    const receipt = await gate.vote({
      requestId: id,
      decision,
      digest: review?.digest ?? '0'.repeat(64),
      actor: by,
      ...more,
    })
    await settle()
    return receipt
  }

  const self: Scene = {
    gate,
    clock,
    store,
    audit,
    desk: inbox,
    logger,
    runs,
    effect: async (...args) => {
      runs.push(args)
      return 'done'
    },
    pending,
    async only() {
      const waiting = await pending()
      const [request] = waiting
      if (request === undefined || waiting.length > 1)
        throw new Error(`${waiting.length} requests are pending, not one`)
      return request
    },
    async request(id) {
      const request = await store.get(id)
      if (request === null) throw new Error(`there is no request ${id}`)
      return request
    },
    approve: (id, by = ada, more = {}) => vote(id, 'approve', by, more),
    reject: (id, by = ada, note) => vote(id, 'reject', by, note === undefined ? {} : { note }),
    async types(subject) {
      await settle()
      const told = audit.events.filter((event) =>
        subject === undefined
          ? !event.type.startsWith('gate.') && !event.type.startsWith('delivery.')
          : event.subject === subject,
      )
      return told.map(({ type }) => type)
    },
    async events(type) {
      await settle()
      return audit.events.filter((event) => event.type === type)
    },
    async close() {
      const closing = gate.close()
      await settle()
      await clock.advance('2m')
      await closing
    },
    neighbour: (more = {}) =>
      arrange(
        { ...options, approvers: [desk()], audit: tape(`tape ${shared.processes + 1}`), ...more },
        shared,
      ),
  }
  return self
}
