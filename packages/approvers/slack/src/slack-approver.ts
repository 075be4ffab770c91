import { setMaxListeners } from 'node:events'
import {
  type Approver,
  type ApproverHost,
  GatewrightError,
  type Recipients,
  type ReviewDocument,
} from '@gatewright/core'
import { checkSlack } from './check'
import { createIdentify, type Workspace } from './identity'
import { readInbound } from './inbound'
import { createInteractions, type Interaction } from './interactions'
import { createMessages, type Messages } from './messages'
import { type ResolvedOptions, resolveOptions, type SlackApproverOptions } from './options'
import { createPace } from './pace'
import { type Place, readReference, writeReference } from './reference'
import { mentionsOf, reachedBy, type Target, targetsOf } from './routes'
import { openSocket } from './socket'
import { createWeb, failureOf, type SlackWeb, slackError } from './web'

/** A started approver. */
interface Running {
  readonly host: ApproverHost
  readonly web: SlackWeb
  readonly workspace: Workspace
  readonly messages: Messages
  readonly lifetime: AbortController
  read(payload: unknown): Interaction | null
  run(work: () => Promise<void>): void
  disconnect(): Promise<void>
}

/**
 * Asks in Slack: a message for each request in the channels and direct messages of its reviewers, with buttons, a thread that
 * tells what happened, and the whole document in a dialogue. What people press arrives over HTTP (`…/interactivity`, signed)
 * or by Socket Mode. Whoever presses is looked up in Slack at that moment, and votes with assurance `chat`.
 *
 * Seals button values: the gate needs a secret.
 *
 * @example
 * const approver = slackApprover({ token, signingSecret, channel: 'C0123456789' })
 *
 * @throws OptionError for a wrong or unknown option. `start()` rejects when Slack does not accept the token.
 */
export function slackApprover(options: SlackApproverOptions): Approver {
  const resolved = resolveOptions(options)
  const { name, signingSecret } = resolved
  let running: Running | null = null

  const approver: Approver = {
    name,
    needsSecret: true,
    limits: { leafCharacters: 2_000, leaves: 80, totalCharacters: 5_000 },
    async start(host) {
      running = await startUp(resolved, host)
    },
    async deliver(review, to, deliveryId, signal) {
      signal.throwIfAborted()
      const { workspace, ...rest } = started(running)
      const targets = targetsOf(to, resolved, workspace.issuer)
      const sent = await sendTo(targets, rest, { review, purpose: to.purpose, deliveryId, signal })
      return {
        reference: writeReference(sent.map(({ place }) => place)),
        reached: reachedBy(
          sent.map(({ target }) => target),
          workspace.issuer,
        ),
      }
    },
    async update(review, { reference }) {
      await showEverywhere(started(running).messages, review, readReference(reference))
    },
    check: (signal) => checkSlack(resolved, signal),
    async stop() {
      const ending = running
      running = null
      if (ending === null) return
      ending.lifetime.abort(new Error('the Slack approver was stopped'))
      await ending.disconnect()
    },
  }
  if (signingSecret === null) return approver
  return {
    ...approver,
    async handle(request) {
      const now = running?.host.clock.now() ?? Date.now()
      const inbound = await readInbound(request, signingSecret, now)
      if (inbound.status === 'refused') return inbound.response
      if (running === null) return new Response('stopped\n', { status: 503 })
      const interaction = running.read(inbound.payload)
      if (interaction === null) return new Response('malformed payload\n', { status: 400 })
      running.run(() => interaction.work())
      const { acknowledgement } = interaction
      return acknowledgement === null ? new Response(null, { status: 200 }) : Response.json(acknowledgement)
    },
  }
}

async function startUp(options: ResolvedOptions, host: ApproverHost): Promise<Running> {
  const { clock, logger } = host
  const lifetime = new AbortController()
  const { signal } = lifetime
  // Everything that waits listens to it, and that may be much at once.
  setMaxListeners(0, signal)
  const web = createWeb(options, { clock, logger, lifetime: signal })
  const workspace = await workspaceOf(web)
  const identify = createIdentify({ web, clock, lifetime: signal, workspace, options })
  const read = createInteractions({ web, host, workspace, lifetime: signal, identify })
  const run = (work: () => Promise<void>): void => {
    work().catch((error: unknown) => {
      if (!signal.aborted) logger.error('what was pressed in Slack could not be answered', { error })
    })
  }
  const usesSocket = options.appToken !== null || options.socketModeClient !== null
  const disconnect = usesSocket
    ? await openSocket(options, { clock, logger, lifetime: signal, read, run }).catch(
        notStarted('the app-level token (xapp-…)'),
      )
    : async () => {}
  const messages = createMessages({ web, pace: createPace(clock), host, workspace, lifetime: signal })
  return { host, web, workspace, messages, lifetime, read, run, disconnect }
}

async function workspaceOf(web: SlackWeb): Promise<Workspace> {
  const { team_id, bot_id, enterprise_id } = await web
    .call((client) => client.auth.test())
    .catch(notStarted('the bot token (xoxb-…)'))
  if (team_id === undefined || bot_id === undefined) {
    throw new GatewrightError(
      'ERR_OPTION_INVALID',
      "slackApprover.token: Slack does not know it as a bot's of one workspace. Nothing was started. Use the app's bot token (xoxb-…).",
    )
  }
  return { teamId: team_id, botId: bot_id, enterpriseId: enterprise_id ?? null, issuer: `slack:${team_id}` }
}

/** Says of what Slack's client threw whether it is the token or the way to Slack, and that nothing runs without. */
function notStarted(token: string): (cause: unknown) => never {
  return (cause) => {
    const refused = slackError(cause)
    throw new Error(
      refused === null
        ? `Slack could not be reached, so the approver was not started and nobody is asked: ${failureOf(cause)}`
        : `Slack does not take ${token}: ${refused}. The approver was not started, and nobody is asked.`,
      { cause },
    )
  }
}

function started(running: Running | null): Running {
  if (running !== null) return running
  throw new Error('the Slack approver is not started, so nothing was sent')
}

interface Sending {
  readonly review: ReviewDocument
  readonly purpose: Recipients['purpose']
  readonly deliveryId: string
  readonly signal: AbortSignal
}

interface Sent {
  readonly target: Target
  readonly place: Place
}

/** What Slack says of people who cannot be written to, now or later. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'user_not_found',
  'user_disabled',
  'user_not_visible',
  'cannot_dm_bot',
  'channel_not_found',
])

/**
 * To all places at once. A channel that cannot be written to fails the delivery; a person who cannot is left out, and counts as
 * not reached (T55).
 */
async function sendTo(
  targets: readonly Target[],
  { messages, web, host }: Pick<Running, 'messages' | 'web' | 'host'>,
  sending: Sending,
): Promise<readonly Sent[]> {
  const results = await Promise.allSettled(
    targets.map(async (target): Promise<Sent> => {
      const channel =
        target.type === 'channel' ? target.channel : await directMessages(web, target.user, sending.signal)
      const place = await messages.post({ ...sending, channel, mentions: mentionsOf(target) })
      return { target, place }
    }),
  )
  const sent: Sent[] = []
  let last: unknown
  for (const [index, result] of results.entries()) {
    const target = targets[index]
    if (result.status === 'fulfilled') sent.push(result.value)
    else {
      last = result.reason
      const unreachable = slackError(last) ?? ''
      if (target?.type !== 'user' || !UNREACHABLE.has(unreachable)) throw last
      host.logger.warn(`the Slack user ${target.user} cannot be written to (${unreachable})`)
    }
  }
  if (sent.length === 0) throw last
  return sent
}

async function directMessages(web: SlackWeb, user: string, signal: AbortSignal): Promise<string> {
  const { channel } = await web.call((client) => client.conversations.open({ users: user }), { signal })
  if (channel?.id === undefined) throw new Error(`Slack opened no direct messages with ${user}`)
  return channel.id
}

/** All messages of a delivery. Gone is what stands nowhere any more. */
async function showEverywhere(
  messages: Messages,
  review: ReviewDocument,
  places: readonly Place[],
): Promise<void> {
  const results = await Promise.allSettled(places.map((place) => messages.show(review, place)))
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const other = failed.find((error) => !GatewrightError.isInstance(error, 'ERR_MESSAGE_GONE'))
  if (other !== undefined) throw other
  if (failed.length > 0 && failed.length === places.length) throw failed[0]
}
