import {
  type Approver,
  type ApproverHost,
  type ArgumentEdit,
  GatewrightError,
  type Principal,
  type ReviewDocument,
  type VoteInput,
  type VoteReceipt,
} from '@gatewright/core'
import { type ChatButton, type ChatRoom, plain } from './chat-room'

const AUDIENCE = 'chat:room'

/** What a pressed button sends. */
export interface ChatPress {
  readonly value: string
  readonly does: ChatButton['does']
  readonly note?: string
  readonly edits?: readonly ArgumentEdit[]
  /** Anything can stand here. */
  readonly user?: Principal
}

/** The parts of the chat approver, so that the broken ones can each replace one. */
export interface ChatParts {
  /** The message's text, in the room's markup. */
  text(review: ReviewDocument, link: string | null): string
  buttons(review: ReviewDocument, host: ApproverHost): readonly ChatButton[]
  /** Who pressed. */
  actor(press: ChatPress, session: Principal): Principal
  /** What the person is answered. */
  reply(receipt: VoteReceipt): string
}

/** The parts of an approver that does everything right. */
export const rightParts: ChatParts = {
  text(review, link) {
    const { content, progress } = review
    const lines = [
      `${content.action} [${review.shortDigest}] for ${content.requester.name}: ${progress.status}`,
      ...content.rules.map(({ reason }) => reason ?? ''),
      ...(content.intent === null ? [] : [`the agent says: ${content.intent.leaf.text}`]),
      ...content.arguments.map(({ path, type, text }) => `${path} = ${text === '' ? type : text}`),
      ...content.missing.map((missing) => `not shown: ${missing}`),
    ]
    return [
      ...lines.map(plain),
      ...(review.complete || link === null ? [] : [plain(`full view: ${link}`)]),
    ].join('\n')
  },
  buttons({ requestId, digest, complete, progress }, host) {
    if (progress.status !== 'pending') return []
    const value = host.seal({ requestId, digest, audience: AUDIENCE, expiresAt: progress.expiresAt })
    const rejecting: ChatButton = { does: 'reject', value }
    // T13: what is cut is approved in the full view.
    return complete ? [{ does: 'approve', value }, { does: 'edit', value }, rejecting] : [rejecting]
  },
  actor: (_press, session) => session,
  reply: (receipt) =>
    receipt.status === 'refused' && receipt.link ? `${receipt.message} ${receipt.link}` : receipt.message,
}

/**
 * A right approver, for a chat room in memory: small enough to read in one sitting, and complete. Buttons come back as
 * HTTP requests from the platform, which says in a header whose session it was.
 */
export function chatApprover(room: ChatRoom, parts: ChatParts = rightParts): Approver {
  let host: ApproverHost | null = null

  function show(review: ReviewDocument, id: string, to: ApproverHost): void {
    const { requestId } = review
    room.messages.set(id, {
      id,
      requestId,
      markup: parts.text(review, to.link(requestId)),
      buttons: parts.buttons(review, to),
    })
  }

  async function cast(to: ApproverHost, vote: VoteInput): Promise<string> {
    try {
      return parts.reply(await to.vote(vote))
    } catch {
      // T42: nothing is said to be stored that may not be.
      return 'Your vote could not be stored, nothing was decided. Try again.'
    }
  }

  return {
    name: 'chat',
    needsSecret: true,
    async start(given) {
      host = given
    },
    async deliver(review, _to, deliveryId, signal) {
      if (host === null) throw new Error('not started')
      signal.throwIfAborted()
      if (room.stalled) await aborted(signal)
      // T51: the platform keeps one message for an id.
      show(review, deliveryId, host)
      return { reference: deliveryId }
    },
    async update(review, { id }) {
      if (!room.messages.has(id))
        throw new GatewrightError('ERR_MESSAGE_GONE', 'the room has no such message')
      if (host !== null) show(review, id, host)
    },
    async handle(request) {
      const session = room.sessions.get(request.headers.get('x-session') ?? '')
      if (host === null || session === undefined) return new Response(null, { status: 403 })
      // T29: only a press decides.
      if (request.method !== 'POST') return new Response(null, { status: 405 })
      const press = readPress(await request.text())
      const opened = press && host.open(press.value, AUDIENCE)
      if (press === null || opened === null) return new Response(null, { status: 400 })
      const { requestId, digest } = opened
      const vote: VoteInput = {
        requestId,
        digest,
        decision: press.does === 'reject' ? 'reject' : 'approve',
        actor: parts.actor(press, session),
        ...(press.note === undefined ? {} : { note: press.note }),
        ...(press.does === 'edit' && press.edits !== undefined ? { edits: press.edits } : {}),
      }
      room.answers.push(await cast(host, vote))
      return new Response(null, { status: 204 })
    },
    async stop() {
      host = null
    },
  }
}

function readPress(body: string): ChatPress | null {
  try {
    const press: unknown = JSON.parse(body)
    return typeof press === 'object' && press !== null && 'value' in press && typeof press.value === 'string'
      ? (press as ChatPress)
      : null
  } catch {
    return null
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
