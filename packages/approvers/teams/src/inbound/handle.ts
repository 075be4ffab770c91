import type { ApproverHost, SealedValue } from '@gatewright/core'
import type { Connector } from '../bot/connector'
import type { Deliveries } from '../bot/deliveries'
import type { ResolvedOptions } from '../bot/options'
import { audienceOf } from '../bot/reference'
import { issuerOf } from '../bot/routes'
import { CARD_LIMITS, documentCard, type Notice, noticeCard } from '../card/document-card'
import type { AdaptiveCard } from '../card/elements'
import { type Activity, type Press, readActivity, readPress } from './activity'
import { presserOf } from './person'
import type { SigningKeys } from './signing-keys'
import { verifyToken } from './verify'
import { castVote } from './voting'

/** What inbound requests are answered with. */
export interface InboundParts {
  readonly options: ResolvedOptions
  readonly host: ApproverHost
  readonly keys: SigningKeys
  readonly connector: Connector
  readonly deliveries: Deliveries
}

/** What somebody sees after they pressed: a card in the message's place, or words that pass. */
type Reaction = { readonly card: AdaptiveCard; readonly notice: Notice | null } | { readonly message: string }

const MOST_BODY = 256 * 1_024
const NOT_HERE = 'This button is no longer good, or not good here. Open the request in the inbox.'

/**
 * Answers Teams. A request is verified by its token before its body is parsed, and the body is held against the token; what
 * is not verified is told nothing but that.
 */
export async function handleInbound(request: Request, parts: InboundParts): Promise<Response> {
  const { options, host, keys } = parts
  if (!new URL(request.url).pathname.endsWith('/messages')) return refuse(404, 'there is nothing here')
  // T29: only a press decides.
  if (request.method !== 'POST') return refuse(405, 'only POST is taken')
  const body = await readBody(request)
  if (body === null) return refuse(413, 'the body is too large')
  const now = host.clock.now()
  const verified = await verifyToken(request.headers.get('authorization'), {
    appId: options.appId,
    keys,
    now,
  }).catch((error: unknown) => {
    host.logger.error('the keys of Teams could not be read, so nothing that it sends can be verified', {
      error,
    })
    return null
  })
  if (verified === null) return refuse(503, 'tokens cannot be verified now')
  if (verified.problem !== undefined) return refuse(401, verified.problem)
  const activity = readActivity(body)
  if (activity === null) return refuse(400, 'the body is no activity')
  const problem = mismatch(activity, verified.serviceUrl, options)
  if (problem !== null) return refuse(403, problem)
  parts.connector.use(withSlash(activity.serviceUrl))
  return react(activity, parts)
}

/** What the body states and the token or the options do not allow. */
function mismatch(
  activity: Activity,
  serviceUrl: string,
  { tenantId, serviceUrls }: ResolvedOptions,
): string | null {
  const { channelData, conversation, channelId } = activity
  if (channelId !== 'msteams') return 'this is not Teams'
  if (activity.serviceUrl !== serviceUrl) return 'the service is not the one of the token'
  const url = URL.canParse(serviceUrl) ? withSlash(new URL(serviceUrl).href) : ''
  if (!serviceUrls.some((allowed) => url.startsWith(allowed))) return 'the service is not allowed'
  const tenants = [channelData?.tenant?.id, conversation.tenantId].filter((id) => id !== undefined)
  // T21: the tenant is pinned by what Teams states, in every place where it does.
  if (tenants.length === 0 || tenants.some((id) => id.toLowerCase() !== tenantId))
    return 'this is another tenant'
  return null
}

async function react(activity: Activity, parts: InboundParts): Promise<Response> {
  const { host } = parts
  if (activity.type === 'installationUpdate' || activity.type === 'conversationUpdate') {
    tellWhere(activity, host)
    return done()
  }
  const press = readPress(activity)
  if (activity.type === 'message') {
    if (press !== null) await answerApart(activity, await reactionTo(activity, press, parts), parts)
    return done()
  }
  if (activity.type !== 'invoke') return done()
  if (press === null) return refuse(400, 'this is no button of ours')
  return answerCard(await reactionTo(activity, press, parts))
}

async function reactionTo(activity: Activity, press: Press, parts: InboundParts): Promise<Reaction> {
  const { options, host, connector, deliveries } = parts
  const { conversation, replyToId } = activity
  const opened = host.open(press.value, audienceOf(options.tenantId, conversation.id))
  if (opened === null) return { message: NOT_HERE }
  try {
    const { person, problem } = await presserOf(activity, options, connector)
    if (problem !== undefined) return { message: problem }
    const notice = press.does === 'view' ? null : await castVote(host, opened, press.does, person, press.note)
    const place = { conversation: conversation.id, activity: replyToId ?? '' }
    if (replyToId !== undefined && deliveries.isCopy(press.delivery, place))
      // T51: found, it goes; the message that is known shows how things stand.
      await connector
        .remove(place)
        .catch((error: unknown) => host.logger.warn('a second message could not be removed', { error }))
    return await shown(press, opened, person.subject, notice, parts, conversation.id)
  } catch (error) {
    host.logger.error('a press in Teams could not be answered', { error })
    return {
      message:
        'Who you are, or how the request stands, could not be checked just now. Nothing was decided. Try again.',
    }
  }
}

/** The card as it stands now, for the one who pressed. */
async function shown(
  { delivery }: Press,
  { requestId }: SealedValue,
  subject: string,
  notice: Notice | null,
  { options, host }: InboundParts,
  conversation: string,
): Promise<Reaction> {
  const review = await host.get(requestId, CARD_LIMITS)
  if (review === null) return { message: NOT_HERE }
  const { digest, progress } = review
  const audience = audienceOf(options.tenantId, conversation)
  const value = host.seal({ requestId, digest, audience, expiresAt: progress.expiresAt })
  const own = await host.isOwn(requestId, { issuer: issuerOf(options.tenantId), subject })
  return { card: documentCard(review, { for: 'person', value, delivery, own }, notice), notice }
}

/** For clients without `Action.Execute`: what is said stands in the chat with that person alone, invitations too. */
async function answerApart(
  { from }: Activity,
  reaction: Reaction,
  { connector, host }: InboundParts,
): Promise<void> {
  const { text, link } = 'card' in reaction ? (reaction.notice ?? { text: '' }) : { text: reaction.message }
  if (text === '') return
  const words = link === undefined ? text : `${text} ${link.title}: ${link.url}`
  try {
    const chat = await connector.chatWith((from.aadObjectId ?? '').toLowerCase())
    await connector.send(chat, { card: noticeCard(words), summary: text })
  } catch (error) {
    host.logger.warn('somebody in Teams could not be told what became of their press', { error })
  }
}

/** How a channel's id is found for the options. Nothing is sent there because of it. */
function tellWhere(
  { type, action, conversation, membersAdded, recipient }: Activity,
  { logger }: ApproverHost,
): void {
  const added = action === 'add' || membersAdded?.some(({ id }) => id === recipient.id) === true
  if (type === 'installationUpdate' || added)
    logger.info(
      added
        ? 'the app of Teams was added to a conversation'
        : 'the app of Teams was changed in a conversation',
      {
        conversation: conversation.id,
        kind: conversation.conversationType ?? 'unknown',
      },
    )
}

function answerCard(reaction: Reaction): Response {
  return 'card' in reaction
    ? Response.json({
        statusCode: 200,
        type: 'application/vnd.microsoft.card.adaptive',
        value: reaction.card,
      })
    : Response.json({
        statusCode: 200,
        type: 'application/vnd.microsoft.activity.message',
        value: reaction.message,
      })
}

/** The body, as it came; `null` when it is too large. */
async function readBody(request: Request): Promise<Uint8Array | null> {
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BODY) return null
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.length
      if (bytes > MOST_BODY) return null
      chunks.push(chunk)
    }
  } catch {
    // Cut off by the sender: what came is no activity.
    return new Uint8Array()
  }
  return Buffer.concat(chunks)
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

function done(): Response {
  return new Response(null, { status: 200 })
}

function refuse(status: number, problem: string): Response {
  return Response.json({ error: problem }, { status })
}
