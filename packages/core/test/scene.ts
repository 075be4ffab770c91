import { isDeepStrictEqual } from 'node:util'
import {
  type ApprovalRequest,
  type ApprovalStore,
  type Approver,
  type ApproverHost,
  type AuditEvent,
  type AuditEventType,
  type AuditSink,
  createGate,
  type Delivery,
  type Gate,
  type GateOptions,
  group,
  type Json,
  type Logger,
  memoryStore,
  type Principal,
  person,
  type Recipients,
  type ReviewDocument,
  type SentDelivery,
  type VoteReceipt,
} from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'

export const ISSUER = 'https://idp.test'

/** A member of `ops`, who signed in at the identity provider. */
export function member(subject: string, groups: readonly string[] = ['ops']): Principal {
  return person(ISSUER, subject, { name: subject, groups, assurance: { method: 'sso' } })
}

export const ada = member('ada')
export const ben = member('ben')
export const cleo = member('cleo')
export const olga = member('olga', ['ops', 'admins'])

/** A sink that keeps all it acknowledged, in order, and can be told to fail or to hang. */
export interface Tape extends AuditSink {
  readonly events: AuditEvent[]
  /** While set, appends for which it answers `true` reject, and keep nothing. */
  failing: ((events: readonly AuditEvent[]) => boolean) | null
  /** While set, appends for which it answers `true` never settle, and keep nothing. */
  hanging: ((events: readonly AuditEvent[]) => boolean) | null
}

/** Makes a sink. */
export function tape(logId = 'tape'): Tape {
  const known = new Set<string>()
  const events: AuditEvent[] = []
  return {
    logId,
    events,
    failing: null,
    hanging: null,
    async append(batch) {
      if (this.failing?.(batch)) throw new Error('no space left on device')
      if (this.hanging?.(batch)) return new Promise(() => {})
      for (const event of batch) {
        if (!known.has(event.id)) events.push(event)
        known.add(event.id)
      }
    },
    async close() {},
  }
}

/** An approver that shows its messages to the test and decides nothing. */
export interface Desk extends Approver {
  readonly messages: {
    readonly review: ReviewDocument
    readonly to: Recipients
    readonly deliveryId: string
  }[]
  readonly updates: { readonly review: ReviewDocument; readonly delivery: SentDelivery }[]
  readonly host: ApproverHost
  readonly starts: number
  readonly stops: number
  /** What delivering comes to. @default it reaches everyone */
  onDeliver: (
    review: ReviewDocument,
    to: Recipients,
    deliveryId: string,
    signal: AbortSignal,
  ) => Promise<Delivery>
}

/** Makes an approver. */
export function desk(
  name = 'desk',
  more: Partial<Pick<Approver, 'limits' | 'needsSecret' | 'start' | 'update' | 'stop'>> = {},
): Desk {
  let host: ApproverHost | undefined
  let starts = 0
  let stops = 0
  const messages: Desk['messages'] = []
  const updates: Desk['updates'] = []
  return {
    name,
    messages,
    updates,
    onDeliver: async (_review, _to, deliveryId) => ({ reference: `message ${deliveryId}` }),
    async start(given) {
      host = given
      starts += 1
    },
    async deliver(review, to, deliveryId, signal) {
      const delivery = await this.onDeliver(review, to, deliveryId, signal)
      messages.push({ review, to, deliveryId })
      return delivery
    },
    async update(review, delivery) {
      updates.push({ review, delivery })
    },
    async stop() {
      stops += 1
    },
    get host() {
      if (host === undefined) throw new Error('the approver was not started')
      return host
    },
    get starts() {
      return starts
    },
    get stops() {
      return stops
    },
    ...more,
  }
}

/** A logger that keeps what it is told. */
export interface Notebook extends Logger {
  readonly entries: {
    readonly level: 'info' | 'warn' | 'error'
    readonly message: string
    readonly fields: unknown
  }[]
}

/** Makes a logger. */
export function notebook(): Notebook {
  const entries: Notebook['entries'] = []
  const at =
    (level: 'info' | 'warn' | 'error') => (message: string, fields?: Readonly<Record<string, unknown>>) =>
      void entries.push({ level, message, fields })
  return { entries, info: at('info'), warn: at('warn'), error: at('error') }
}

/** A call that was made and may not have ended yet. */
export interface Attempt<T = unknown> {
  readonly state: 'waiting' | 'resolved' | 'rejected'
  readonly value: T | undefined
  readonly error: unknown
  readonly code: string | undefined
  readonly message: string
  /** Resolves once it has ended, either way. */
  readonly ended: Promise<void>
}

/** Follows a promise without letting its rejection escape. */
export function attempt<T>(work: Promise<T>): Attempt<T> {
  const seen = {
    state: 'waiting' as Attempt['state'],
    value: undefined as T | undefined,
    error: undefined as unknown,
    get code() {
      return (this.error as { code?: string } | undefined)?.code
    },
    get message() {
      return this.error instanceof Error ? this.error.message : ''
    },
    ended: Promise.resolve(),
  }
  seen.ended = work.then(
    (value) => {
      seen.state = 'resolved'
      seen.value = value
    },
    (error: unknown) => {
      seen.state = 'rejected'
      seen.error = error
    },
  )
  return seen
}

/** Lets everything happen that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 4; round += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

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
    more?: { readonly note?: string; readonly edits?: Json; readonly digest?: string },
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
    audit,
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

/** Whether the events hold the text anywhere. */
export function mentions(events: readonly unknown[], text: string): boolean {
  return JSON.stringify(events).includes(text)
}

/** Whether a list holds an equal entry. */
export function includesEqual(list: readonly unknown[], entry: unknown): boolean {
  return list.some((one) => isDeepStrictEqual(one, entry))
}

/** Every method of a store, by its path: `create`, `outbox.record`, … */
export const STORE_METHODS = [
  'create',
  'transition',
  'get',
  'getMany',
  'getByKey',
  'list',
  'similar',
  'due',
  'forget',
  'outbox.record',
  'outbox.unpublished',
  'outbox.published',
  'deliveries.put',
  'deliveries.of',
  'deliveries.due',
  'leases.renew',
  'leases.release',
  'leases.live',
  'credentials.put',
  'credentials.remove',
  'credentials.list',
  'grants.put',
  'grants.get',
  'grants.active',
  'links.put',
  'links.get',
  'links.remove',
  'counters.hit',
  'counters.mark',
] as const

export type StoreMethod = (typeof STORE_METHODS)[number]

/**
 * The same store behind a wire: `before` runs before a method reaches it (throwing: it never does), `after` runs before the
 * answer is heard (throwing: it was done, and nobody heard).
 */
export function wired(
  store: ApprovalStore,
  wire: {
    before?(method: StoreMethod, args: readonly unknown[]): Promise<void>
    after?(method: StoreMethod, args: readonly unknown[]): Promise<void>
  },
): ApprovalStore {
  const over = (target: object, prefix: string): object =>
    new Proxy(target, {
      get(inner, name) {
        const member: unknown = Reflect.get(inner, name)
        const method = `${prefix}${String(name)}`
        if (typeof member === 'object' && member !== null) return over(member, `${method}.`)
        if (typeof member !== 'function') return member
        if (!(STORE_METHODS as readonly string[]).includes(method)) return member.bind(inner)
        return async (...args: unknown[]) => {
          await wire.before?.(method as StoreMethod, args)
          const answer: unknown = await member.apply(inner, args)
          await wire.after?.(method as StoreMethod, args)
          return answer
        }
      },
    })
  return over(store, '') as ApprovalStore
}

/** A wire whose delays are drawn from a list, over and over: the store's answers arrive in many orders. */
export function jittery(delays: readonly number[]): { before(): Promise<void>; after(): Promise<void> } {
  let next = 0
  async function hop(): Promise<void> {
    const turns = delays.length === 0 ? 0 : (delays[next++ % delays.length] ?? 0)
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
  }
  return { before: hop, after: hop }
}
