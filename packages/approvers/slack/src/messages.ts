import { type ApproverHost, GatewrightError, type Recipients, type ReviewDocument } from '@gatewright/core'
import type { RichTextElement } from '@slack/types'
import { messageAudience } from './audience'
import { renderMessage } from './blocks/message'
import { escaped, type Row, shortened, toBlocks } from './blocks/rows'
import type { Workspace } from './identity'
import type { Pace } from './pace'
import { findMessage, metadataOf, readMessage, type Told, toldBy } from './places'
import type { Place } from './reference'
import { callRows, newsSince } from './thread'
import { unlessAborted } from './wait'
import { type SlackWeb, slackError } from './web'

/** What the messages of one approver are made with. */
export interface MessagesParts {
  readonly web: SlackWeb
  readonly pace: Pace
  readonly host: ApproverHost
  readonly workspace: Workspace
  readonly lifetime: AbortSignal
}

/** One delivery to one channel. */
export interface Posting {
  readonly review: ReviewDocument
  readonly channel: string
  readonly purpose: Recipients['purpose']
  readonly mentions: readonly RichTextElement[]
  readonly deliveryId: string
  readonly signal: AbortSignal
}

/** The messages of requests, one a request and channel, each with its thread. */
export interface Messages {
  /** Brings a request into a channel: a message, or a word in the thread of the one that stands there. */
  post(posting: Posting): Promise<Place>
  /** Makes a message show how things stand, and tells its thread what is new. @throws GatewrightError `ERR_MESSAGE_GONE` */
  show(review: ReviewDocument, place: Place): Promise<void>
}

/** A message this process knows. */
interface Root {
  readonly ts: string
  readonly deliveryId: string
  shownVersion: number
  told: Told
  /** The last delivery that said something in its thread. */
  lastSaid: string
}

const MOST_ROOTS = 10_000

/** What Slack says of a message that cannot be kept true any more. */
const GONE: ReadonlySet<string> = new Set([
  'message_not_found',
  'channel_not_found',
  'is_archived',
  'is_inactive',
  'edit_window_closed',
])

/** Makes the messages of an approver. */
export function createMessages({ web, pace, host, workspace, lifetime }: MessagesParts): Messages {
  const { teamId, botId } = workspace
  const roots = new Map<string, Root>()
  /** Messages on their way to Slack: whoever asks for one again waits for it, and sends no second (T51). */
  const onTheirWay = new Map<string, Promise<string>>()

  /** Deliveries of one request to one channel follow each other: the second finds what the first sent. */
  const lanes = new Map<string, Promise<unknown>>()

  const keyOf = (requestId: string, channel: string): string => `${channel} ${requestId}`

  function remember(
    review: ReviewDocument,
    place: Place,
    deliveryId: string,
    told: Told,
    version: number,
  ): Root {
    const root: Root = { ts: place.ts, deliveryId, told, shownVersion: version, lastSaid: '' }
    roots.set(keyOf(review.requestId, place.channel), root)
    const [oldest] = roots.keys()
    if (roots.size > MOST_ROOTS && oldest !== undefined) roots.delete(oldest)
    return root
  }

  function render(
    review: ReviewDocument,
    channel: string,
    ts: string | undefined,
    mentions: Posting['mentions'],
  ) {
    const { requestId, digest, progress } = review
    const audience = messageAudience(teamId, channel, ts)
    const value = host.seal({ requestId, digest, audience, expiresAt: progress.expiresAt })
    const { text, blocks } = renderMessage(review, { value, mentions })
    return { text, blocks }
  }

  /** Not tied to whoever waits: a message that was sent is known of, even when its delivery was given up meanwhile. */
  function send({ review, channel, mentions, deliveryId }: Posting): Promise<string> {
    const sending = web
      .call((client) =>
        client.chat.postMessage({
          channel,
          ...render(review, channel, undefined, mentions),
          ...INERT,
          metadata: metadataOf(review, deliveryId),
        }),
      )
      .then(({ ts = '' }) => {
        remember(review, { channel, ts }, deliveryId, toldBy(review), review.progress.version)
        return ts
      })
      .finally(() => onTheirWay.delete(keyOf(review.requestId, channel)))
    onTheirWay.set(keyOf(review.requestId, channel), sending)
    sending.catch(() => {})
    return sending
  }

  /** The message of a request in a channel, from what this process knows, or from the channel itself. */
  async function rootOf({ review, channel, signal }: Posting): Promise<Root | null> {
    const key = keyOf(review.requestId, channel)
    const sending = onTheirWay.get(key)
    if (sending !== undefined)
      await unlessAborted(
        sending.catch(() => {}),
        signal,
      )
    const known = roots.get(key)
    if (known !== undefined) return known
    const found = await findMessage(web, channel, review, { botId, signal })
    return found && remember(review, { channel, ts: found.ts }, found.deliveryId, found.told, 0)
  }

  async function inLane(posting: Posting): Promise<Place> {
    const key = keyOf(posting.review.requestId, posting.channel)
    const before = lanes.get(key) ?? Promise.resolve()
    const work = before.then(() => post(posting))
    const done = work.catch(() => {})
    lanes.set(key, done)
    done.finally(() => {
      if (lanes.get(key) === done) lanes.delete(key)
    })
    return unlessAborted(work, posting.signal)
  }

  async function post(posting: Posting): Promise<Place> {
    posting.signal.throwIfAborted()
    const { review, channel, deliveryId, purpose, mentions, signal } = posting
    const root = await rootOf(posting)
    if (root !== null) {
      const place = { channel, ts: root.ts }
      if (await stillShows(review, place)) {
        // The same delivery again: what it was to send stands there.
        if (root.deliveryId === deliveryId || root.lastSaid === deliveryId) return place
        await say(place, callRows(review, purpose, mentions), {
          review,
          signal,
          broadcast: purpose !== 'ask',
        })
        root.lastSaid = deliveryId
        return place
      }
    }
    await pace.turn(channel, signal, lifetime)
    signal.throwIfAborted()
    return { channel, ts: await unlessAborted(send(posting), signal) }
  }

  /** Brings a message that is asked for again up to date. `false`: somebody removed it. */
  async function stillShows(review: ReviewDocument, place: Place): Promise<boolean> {
    try {
      await update(review, place)
      return true
    } catch (error) {
      if (!isGone(error)) throw error
      return false
    }
  }

  async function update(review: ReviewDocument, { channel, ts }: Place): Promise<Told> {
    const key = keyOf(review.requestId, channel)
    const root = await knownRoot(review, { channel, ts })
    const before = root.told
    const told = newer(before, review)
    try {
      await web.call((client) =>
        client.chat.update({
          channel,
          ts,
          ...render(review, channel, ts, []),
          parse: 'none',
          link_names: false,
          metadata: metadataOf(review, root.deliveryId),
        }),
      )
    } catch (error) {
      if (!GONE.has(slackError(error) ?? '')) throw error
      roots.delete(key)
      throw new GatewrightError(
        'ERR_MESSAGE_GONE',
        `the message in the Slack channel ${channel} is no more (${slackError(error)}), so it shows nothing any longer.`,
        { requestId: review.requestId, cause: error },
      )
    }
    root.shownVersion = review.progress.version
    root.told = told
    return before
  }

  async function knownRoot(review: ReviewDocument, place: Place): Promise<Root> {
    const known = roots.get(keyOf(review.requestId, place.channel))
    if (known?.ts === place.ts) return known
    // After a restart: the message itself says what its thread was told. Where it cannot be read, nothing is told twice.
    const found = await readMessage(web, place, botId).catch(() => null)
    return remember(review, place, found?.deliveryId ?? '', found?.told ?? toldBy(review), 0)
  }

  async function say(
    { channel, ts }: Place,
    rows: readonly Row[],
    { review, signal, broadcast }: Pick<Posting, 'review' | 'signal'> & { readonly broadcast: boolean },
  ): Promise<void> {
    const text = escaped(`${shortened(review.content.action, 200)} (${review.shortDigest})`)
    await pace.turn(channel, signal, lifetime)
    const reply = { channel, text, blocks: toBlocks(rows), ...INERT, thread_ts: ts }
    await web.call(
      // A reminder that only the thread shows reminds nobody.
      (client) => client.chat.postMessage(broadcast ? { ...reply, reply_broadcast: true } : reply),
      { signal },
    )
  }

  return {
    post: inLane,
    async show(review, place) {
      const root = roots.get(keyOf(review.requestId, place.channel))
      // Two deliveries may share a message: it is updated once, and never to what is older.
      if (root?.ts === place.ts && root.shownVersion >= review.progress.version) return
      const news = newsSince(await update(review, place), review)
      if (news.length === 0) return
      // The message is true already; a thread that was not told changes nothing.
      await say(place, news, { review, signal: lifetime, broadcast: false }).catch((error: unknown) => {
        host.logger.warn('a Slack thread could not be told what happened; the message above it shows it', {
          error,
        })
      })
    },
  }
}

const INERT = {
  parse: 'none',
  link_names: false,
  mrkdwn: false,
  unfurl_links: false,
  unfurl_media: false,
} as const

const isGone = (error: unknown): boolean => GatewrightError.isInstance(error, 'ERR_MESSAGE_GONE')

/** Never fewer than were told. */
function newer(before: Told, review: ReviewDocument): Told {
  const now = toldBy(review)
  return { ...now, votes: Math.max(before.votes, now.votes) }
}
