import {
  type ApproverHost,
  type Delivery,
  GatewrightError,
  type Recipients,
  type ReviewDocument,
  type SentDelivery,
} from '@gatewright/core'
import { type CardView, documentCard, titleOf } from '../card/document-card'
import { isGone } from '../failure'
import type { CardMessage, Connector, MessagePlace } from './connector'
import { isChannel, type ResolvedOptions } from './options'
import {
  audienceOf,
  MOST_REFERENCE,
  readReference,
  type SentMessage,
  withoutThread,
  writeReference,
} from './reference'
import { issuerOf, reachedBy, type Target, targetsOf } from './routes'

/** The messages of an approver: sent once for each delivery, and kept true. */
export interface Deliveries {
  deliver(review: ReviewDocument, to: Recipients, deliveryId: string, signal: AbortSignal): Promise<Delivery>
  update(review: ReviewDocument, delivery: SentDelivery): Promise<void>
  /** Whether a message is a second one of its delivery, left by a send whose answer was lost (T51). */
  isCopy(deliveryId: string, place: MessagePlace): boolean
}

/** Deliveries that are remembered, for those that are sent again. */
const MOST_REMEMBERED = 10_000
/** An activity's id: longer than any that was seen. */
const ROOM_FOR_ACTIVITY = 60

/** Sends and updates the messages of one approver. */
export function createDeliveries(
  options: ResolvedOptions,
  connector: Connector,
  host: ApproverHost,
): Deliveries {
  const { tenantId, allowGuests } = options
  /** By delivery, by the target's id. */
  const remembered = new Map<string, Map<string, SentMessage>>()
  const underWay = new Map<string, Promise<Delivery>>()

  function messagesOf(deliveryId: string): Map<string, SentMessage> {
    const known = remembered.get(deliveryId) ?? new Map<string, SentMessage>()
    remembered.delete(deliveryId)
    remembered.set(deliveryId, known)
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MOST_REMEMBERED) break
      remembered.delete(oldest)
    }
    return known
  }

  async function messageFor(
    review: ReviewDocument,
    delivery: string,
    conversation: string,
    user: string | null,
    signal?: AbortSignal,
  ): Promise<CardMessage> {
    const { requestId, digest, progress } = review
    if (progress.status !== 'pending')
      return { card: documentCard(review, { for: 'readers' }), summary: titleOf(review) }
    const audience = audienceOf(tenantId, conversation)
    const value = host.seal({ requestId, digest, audience, expiresAt: progress.expiresAt })
    const view: CardView =
      user === null
        ? { for: 'everyone', value, delivery, userIds: await readersOf(withoutThread(conversation), signal) }
        : {
            for: 'person',
            value,
            delivery,
            own: await host.isOwn(requestId, { issuer: issuerOf(tenantId), subject: user }),
          }
    return { card: documentCard(review, view), summary: titleOf(review), alert: user !== null }
  }

  /** Whose clients fetch a card of their own. Without them people press "Decide…" first, which is no reason to ask nobody. */
  async function readersOf(conversation: string, signal?: AbortSignal): Promise<readonly string[]> {
    try {
      const members = await connector.members(conversation, signal)
      return members
        .filter(
          (one) => one.objectId !== '' && one.tenantId === tenantId && (allowGuests || one.role === 'user'),
        )
        .map(({ id }) => id)
    } catch (error) {
      signal?.throwIfAborted()
      host.logger.warn(
        'the members of a conversation in Teams could not be read, so that its cards do not refresh by themselves',
        { error },
      )
      return []
    }
  }

  async function send(
    review: ReviewDocument,
    to: Recipients,
    deliveryId: string,
    signal: AbortSignal,
  ): Promise<Delivery> {
    const targets = targetsOf(to, options)
    const known = messagesOf(deliveryId)
    const places = await openAll(targets, known, signal)
    const failures: unknown[] = []
    for (const { target, conversation } of places) {
      if (known.has(target.id)) continue
      try {
        const user = target.type === 'user' ? target.id : null
        const message = await messageFor(review, deliveryId, conversation, user, signal)
        known.set(target.id, { ...(await connector.send(conversation, message, signal)), user })
      } catch (error) {
        signal.throwIfAborted()
        failures.push(error)
      }
    }
    const missed = targets.filter(({ id }) => !known.has(id))
    const partly = known.size > 0 && missed.every(({ type }) => type === 'user') && failures.every(isGone)
    // Whom it did not reach is said, so that the gate knows who can still decide.
    if (missed.length > 0 && !(partly && targets.every(({ type }) => type === 'user')))
      throw failures[0] ?? unreachable()
    const reached = targets.filter(({ id }) => known.has(id))
    return { reference: writeReference([...known.values()]), reached: reachedBy(reached, tenantId) }
  }

  /** The conversations, before anything is sent: what is sent must have room in the reference. */
  async function openAll(
    targets: readonly Target[],
    known: ReadonlyMap<string, SentMessage>,
    signal: AbortSignal,
  ) {
    const places: { readonly target: Target; readonly conversation: string }[] = []
    for (const target of targets) {
      const sent = known.get(target.id)
      const conversation =
        sent?.conversation ?? (target.type === 'user' ? await chatWith(target.id, signal) : target.id)
      if (conversation !== null) places.push({ target, conversation })
    }
    const activity = 'x'.repeat(ROOM_FOR_ACTIVITY)
    const planned = places.map(({ target, conversation }) => ({
      conversation: isChannel(conversation) ? `${conversation};messageid=${'0'.repeat(20)}` : conversation,
      activity,
      user: target.type === 'user' ? target.id : null,
    }))
    if (writeReference(planned).length > MOST_REFERENCE)
      throw new GatewrightError(
        'ERR_OPTION_INVALID',
        'teamsApprover.routes: this request goes to more places than can be kept track of. Use fewer, or a channel. Nobody was asked.',
      )
    return places
  }

  /** `null`: the app is not there for that person. */
  async function chatWith(user: string, signal: AbortSignal): Promise<string | null> {
    try {
      return await connector.chatWith(user, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!isGone(error)) throw error
      host.logger.warn('the app of Teams is not installed for somebody who should be asked', { user })
      return null
    }
  }

  return {
    async deliver(review, to, deliveryId, signal) {
      signal.throwIfAborted()
      // T51: whoever comes meanwhile waits for the one that sends.
      const earlier = underWay.get(deliveryId)
      if (earlier !== undefined) return earlier
      const sending = send(review, to, deliveryId, signal).finally(() => underWay.delete(deliveryId))
      underWay.set(deliveryId, sending)
      return sending
    },
    async update(review, { id, reference }) {
      const known = messagesOf(id)
      for (const message of readReference(reference))
        known.set(message.user ?? withoutThread(message.conversation), message)
      // Sent, though its reference was not stored: found by its id as long as the program runs.
      const messages = [...known.values()]
      const failures: unknown[] = []
      for (const message of messages) {
        const { conversation, user } = message
        await messageFor(review, id, conversation, user)
          .then((card) => connector.replace(message, card))
          .catch((error: unknown) => failures.push(error))
      }
      const passing = failures.find((error) => !isGone(error))
      if (passing !== undefined) throw passing
      if (failures.length === messages.length)
        throw new GatewrightError(
          'ERR_MESSAGE_GONE',
          'the message in Teams is no more, or the app was removed from where it stands. The request stays as it is.',
          { requestId: review.requestId, cause: failures[0] },
        )
    },
    isCopy(deliveryId, { conversation, activity }) {
      const messages = [...(remembered.get(deliveryId)?.values() ?? [])]
      const here = messages.filter((one) => withoutThread(one.conversation) === withoutThread(conversation))
      return here.length > 0 && here.every((one) => one.activity !== activity)
    },
  }
}

function unreachable(): GatewrightError {
  return new GatewrightError(
    'ERR_TEAMS_FAILED',
    'the app of Teams is not installed where this request should be shown. Nobody was asked. Install it for these people, or add it to the team or chat.',
  )
}
