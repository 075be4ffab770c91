import {
  type Approver,
  type ApproverHost,
  GatewrightError,
  type ReviewDocument,
  type ReviewLimits,
} from '@gatewright/core'
import type { Shown, TakenMessage } from './evidence'
import type { Rng } from './rng'
import type { Life, Scheduler } from './scheduler'

/** A message as people have it before them. It stays, whatever becomes of the request: buttons outlive everything (T34). */
export interface Message {
  readonly requestId: string
  readonly deliveryId: string
  review: ReviewDocument
}

/** The chat platform: outside of every process, so its messages survive crashes. */
export interface Platform {
  readonly messages: Message[]
  /** What the platform said it took last, by message: gates know no more of it, and what it then lost is its own fault. */
  readonly taken: Map<string, TakenMessage>
  /** The way into a gate that runs now, by process; votes travel through any of them. */
  readonly hosts: Map<Life, ApproverHost>
}

/** Makes a platform without messages. */
export function createPlatform(): Platform {
  return { messages: [], taken: new Map(), hosts: new Map() }
}

/** What a {@link channel} is made of. */
export interface ChannelParts {
  readonly name: string
  readonly life: Life
  readonly scheduler: Scheduler
  readonly platform: Platform
  readonly shown: Shown[]
  readonly rng: Rng
  /** How often a message is posted twice, or an update does not arrive. */
  readonly sloppiness: () => number
  /** Whether the store holds a message's id now. */
  readonly isSaved: (requestId: string, deliveryId: string) => boolean
  readonly limits?: ReviewLimits
}

/** One process' approver for the platform: posts messages late, twice, or not at all. */
export function channel({
  name,
  life,
  scheduler,
  platform,
  shown,
  rng,
  sloppiness,
  isSaved,
  limits,
}: ChannelParts): Approver {
  function post(review: ReviewDocument, deliveryId: string, saved: boolean | null): void {
    const known = platform.messages.find((message) => message.deliveryId === deliveryId)
    shown.push({ requestId: review.requestId, review, step: scheduler.step, saved })
    if (known === undefined || rng.chance(sloppiness()))
      platform.messages.push({ requestId: review.requestId, deliveryId, review })
    else known.review = review
  }

  function take({ requestId, progress: { status } }: ReviewDocument, deliveryId: string): void {
    platform.taken.set(deliveryId, { requestId, deliveryId, status, step: scheduler.step })
  }

  return {
    name,
    ...(limits === undefined ? {} : { limits }),
    async start(host) {
      await scheduler.point(life, `${name}.start`)
      platform.hosts.set(life, host)
    },
    async deliver(review, _to, deliveryId) {
      await scheduler.point(life, `${name}.post`)
      post(review, deliveryId, isSaved(review.requestId, deliveryId))
      take(review, deliveryId)
      await scheduler.point(life, `${name}.posted`)
      return { reference: deliveryId }
    },
    async update(review, { id }) {
      await scheduler.point(life, `${name}.update`)
      if (!platform.taken.has(id)) throw new GatewrightError('ERR_MESSAGE_GONE', 'there is no such message')
      if (!rng.chance(sloppiness())) post(review, id, null)
      take(review, id)
    },
    async stop() {
      platform.hosts.delete(life)
    },
  }
}
