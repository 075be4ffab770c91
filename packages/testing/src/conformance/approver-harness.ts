import type {
  Approver,
  ArgumentEdit,
  Delivery,
  Principal,
  Recipients,
  ReviewDocument,
} from '@gatewright/core'
import { type FakeClock, fakeClock } from '../fake-clock'
import type { ConformanceCase } from './conformance-case'
import type { DocumentSource } from './documents'
import { type FakeHost, fakeHost } from './fake-host'

/** What a channel may be unable to do. */
export type ApproverCapability =
  | 'edit'
  | 'forge'
  | 'inbound'
  | 'markup'
  | 'note'
  | 'seal'
  | 'stall'
  | 'update'

/** An approver, and a person who sits at its channel. What a person does resolves once the channel has answered it. */
export interface ApproverSeat {
  /** Fresh, and not started. */
  readonly approver: Approver
  /** Who sits there, as the transport verifies them. */
  readonly person: Principal
  /** All text a person can read now, in messages and in answers to what they did, as it is displayed. */
  see(): string | Promise<string>
  /** How many messages there are now about a request. */
  messages(requestId: string): number | Promise<number>
  /** Whether what a person sees says that the request is approved. */
  showsApproved(requestId: string): boolean | Promise<boolean>
  /** Approves a request by what its message offers. `false`: it offers no way to. */
  approve(requestId: string): Promise<boolean>
  /** Rejects it. `false`: the message offers no way to. */
  reject(requestId: string, reason?: string): Promise<boolean>
  /**
   * Approves it with these changes to what its message shows, by whatever the channel has: a form, an editor. `false`: it
   * offers no way to. Needed unless `capabilities.edit` is `false`.
   */
  edit?(requestId: string, changes: readonly ArgumentEdit[]): Promise<boolean>
  /** Approves it with a payload that claims somebody else did. Needed unless `capabilities.forge` is `false`. */
  forge?(requestId: string, claimed: Principal): Promise<unknown>
  /** What can be followed, notifies somebody or executes, beside the approver's own controls and links. Needed unless `capabilities.markup` is `false`. */
  live?(): readonly string[] | Promise<readonly string[]>
  /** From now on the channel accepts messages and never answers. Needed unless `capabilities.stall` is `false`. */
  stall?(): void
  /** Releases the channel. */
  dispose?(): void | Promise<void>
}

/** How the suite gets at an approver. */
export interface ApproverHarness {
  /** A fresh approver with its channel. `clock` is the one its host will have; people who take time advance it. */
  create(parts: { readonly clock: FakeClock }): ApproverSeat | Promise<ApproverSeat>
  /**
   * Say `false` for what the channel cannot do; its cases are then reported as skipped. `edit`: edit arguments. `forge`:
   * carry a payload that names people. `inbound`: answer HTTP in `handle`. `markup`: display markup. `note`: carry a
   * reason. `seal`: have buttons whose values leave the process. `stall`: hang. `update`: change a message.
   *
   * @default everything is `true`
   */
  readonly capabilities?: { readonly [Capability in ApproverCapability]?: boolean }
}

/** A message that a case had delivered. */
export interface Asked {
  readonly review: ReviewDocument
  readonly deliveryId: string
  readonly delivery: Delivery
}

/** What a case works with: the approver is started. */
export interface ApproverContext {
  readonly approver: Approver
  readonly seat: ApproverSeat
  readonly host: FakeHost
  readonly clock: FakeClock
  /** Opens a request, unless it is open, and has it delivered. */
  ask(source: Partial<DocumentSource> & { readonly requestId: string }, how?: AskHow): Promise<Asked>
  /** Has the message show how its request stands. */
  refresh(asked: Asked): Promise<void>
  /** All that a person reads, without what layout adds: white space, frames. */
  read(): Promise<string>
}

/** How a request is delivered. */
export interface AskHow {
  readonly deliveryId?: string
  readonly purpose?: Recipients['purpose']
  readonly signal?: AbortSignal
}

/** A case of the approver suite. */
export type ApproverCase = ConformanceCase<ApproverContext, ApproverCapability>

/** Runs one case on a fresh approver. Rejects when the approver does not do what the case wants. */
export async function runApproverCase({ run }: ApproverCase, harness: ApproverHarness): Promise<void> {
  const clock = fakeClock()
  const seat = await harness.create({ clock })
  const host = fakeHost(clock)
  try {
    await seat.approver.start?.(host)
    await run(contextOf(seat, host, clock))
  } finally {
    await seat.approver.stop?.()
    await seat.dispose?.()
  }
}

function contextOf(seat: ApproverSeat, host: FakeHost, clock: FakeClock): ApproverContext {
  const { approver } = seat
  let deliveries = 0
  return {
    approver,
    seat,
    host,
    clock,
    async ask(source, { deliveryId, purpose = 'ask', signal = new AbortController().signal } = {}) {
      deliveries += 1
      const id = deliveryId ?? `delivery-${deliveries}`
      const review = host.ask(source, approver.limits)
      const delivery = await approver.deliver(review, { ...asked, purpose }, id, signal)
      await clock.settle()
      return { review, deliveryId: id, delivery }
    },
    async refresh({ review, deliveryId, delivery }) {
      await approver.update?.(host.review(review.requestId, approver.limits), {
        id: deliveryId,
        reference: delivery.reference ?? null,
      })
      await clock.settle()
    },
    read: async () => bare(await seat.see()),
  }
}

const asked: Pick<Recipients, 'stages'> = {
  stages: [
    { requirement: 'conformance', stage: 'review', reviewers: { type: 'group', name: 'ops' }, atLeast: 1 },
  ],
}

/** A text without white space and frames: a channel wraps lines where it likes. */
export function bare(text: string): string {
  return text.replace(/[\s\u2500-\u257F]/gu, '')
}
