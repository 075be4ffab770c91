import type { Clock } from '@gatewright/core'
import type { ClientAnswer, OutboundClient } from '@gatewright/outbound'
import { z } from 'zod'
import type { AdaptiveCard } from '../card/elements'
import { TeamsError } from '../failure'
import { inTurn } from '../turns'
import type { AccessToken } from './access-token'
import { isChannel, type ResolvedOptions } from './options'

/** Where a message stands. */
export interface MessagePlace {
  readonly conversation: string
  readonly activity: string
}

/** Somebody of a conversation, as Teams knows them. */
export interface Member {
  /** Of Teams, as `29:…`. */
  readonly id: string
  /** Of Entra; `''` for bots. */
  readonly objectId: string
  readonly tenantId: string
  /** `user`, `guest`, `anonymous`; `''` when Teams does not say. */
  readonly role: string
}

/** Calls to the Bot Connector (https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference). */
export interface Connector {
  /** Sends a message to a channel, as a thread of its own, or to a chat. */
  send(conversation: string, message: CardMessage, signal?: AbortSignal): Promise<MessagePlace>
  /** The chat with one person: always the same one. */
  chatWith(user: string, signal?: AbortSignal): Promise<string>
  /** Puts another card in a message's place. */
  replace(place: MessagePlace, message: CardMessage): Promise<void>
  remove(place: MessagePlace): Promise<void>
  /** The first hundred of a conversation. */
  members(conversation: string, signal?: AbortSignal): Promise<readonly Member[]>
  member(conversation: string, id: string): Promise<Member>
  /** Which connector is used from now on; judged by the caller. */
  use(serviceUrl: string): void
}

/** A card, and what a notification says of it. */
export interface CardMessage {
  readonly card: AdaptiveCard
  readonly summary: string
  /** Whether the person is notified in their feed; only in a chat with one. */
  readonly alert?: boolean
}

const sent = z.object({ id: z.string().min(1) })
const created = z.object({ id: z.string().min(1), activityId: z.string().min(1).optional() })
const member = z.object({
  id: z.string().min(1),
  aadObjectId: z.string().optional(),
  objectId: z.string().optional(),
  tenantId: z.string().optional(),
  userRole: z.string().optional(),
})
const page = z.object({ members: z.array(member) })

/** Makes the way to the Bot Connector. Each call is one attempt, but for those that Teams asks to make later (429). */
export function createConnector(
  options: ResolvedOptions,
  client: OutboundClient,
  token: AccessToken,
  clock: Clock,
): Connector {
  const { appId, tenantId } = options
  const bot = { id: `28:${appId}` }
  let serviceUrl = options.serviceUrl

  async function call(
    method: 'get' | 'post' | 'put' | 'delete',
    path: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const ask = async (bearer: string): Promise<ClientAnswer> =>
      client.request({
        method,
        url: `${serviceUrl}v3/conversations${path}`,
        headers: {
          authorization: `Bearer ${bearer}`,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      })
    const answer = await inTurn(
      clock,
      async () => {
        const bearer = await token.get(signal)
        const first = await ask(bearer)
        if (first.status !== 401) return first
        // The token was revoked before its end.
        token.drop(bearer)
        return ask(await token.get(signal))
      },
      signal,
    )
    if (answer.status < 200 || answer.status > 299) throw failed(answer)
    return parse(answer)
  }

  function activityOf({ card, summary, alert }: CardMessage): object {
    return {
      type: 'message',
      summary,
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
      ...(alert === true ? { channelData: { notification: { alert: true } } } : {}),
    }
  }

  const at = (id: string): string => `/${encodeURIComponent(id)}`
  const placed = ({ conversation, activity }: MessagePlace): string =>
    `${at(conversation)}/activities${at(activity)}`

  return {
    async send(conversation, message, signal) {
      const activity = activityOf(message)
      if (!isChannel(conversation)) {
        const { id } = read(sent, await call('post', `${at(conversation)}/activities`, activity, signal))
        return { conversation, activity: id }
      }
      const channelData = { channel: { id: conversation }, tenant: { id: tenantId } }
      const thread = { isGroup: true, bot, tenantId, channelData, activity }
      const { id, activityId } = read(created, await call('post', '', thread, signal))
      const [, root] = /;messageid=(\d+)/.exec(id) ?? []
      const first = activityId ?? root
      if (first === undefined) throw unreadable()
      return { conversation: id, activity: first }
    },
    async chatWith(user, signal) {
      const chat = {
        isGroup: false,
        bot,
        members: [{ id: user }],
        tenantId,
        channelData: { tenant: { id: tenantId } },
      }
      return read(created, await call('post', '', chat, signal)).id
    },
    async replace(place, message) {
      await call('put', placed(place), { ...activityOf(message), id: place.activity })
    },
    async remove(place) {
      await call('delete', placed(place))
    },
    async members(conversation, signal) {
      const path = `${at(conversation)}/pagedmembers?pageSize=100`
      return read(page, await call('get', path, undefined, signal)).members.map(memberOf)
    },
    async member(conversation, id) {
      return memberOf(read(member, await call('get', `${at(conversation)}/members${at(id)}`)))
    },
    use(url) {
      serviceUrl = url
    },
  }
}

function memberOf({ id, aadObjectId, objectId, tenantId, userRole }: z.infer<typeof member>): Member {
  return {
    id,
    objectId: (aadObjectId ?? objectId ?? '').toLowerCase(),
    tenantId: (tenantId ?? '').toLowerCase(),
    role: userRole ?? '',
  }
}

function read<T>(shape: z.ZodType<T>, told: unknown): T {
  const { data } = shape.safeParse(told)
  if (data === undefined) throw unreadable()
  return data
}

function unreadable(): TeamsError {
  return new TeamsError('Teams answered with something else than it documents.', { status: 200 })
}

function parse({ body }: ClientAnswer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return null
  }
}

const problem = z.object({ error: z.object({ code: z.string().regex(/^\w{1,60}$/) }) })

function failed(answer: ClientAnswer): TeamsError {
  const { status } = answer
  const reason = problem.safeParse(parse(answer)).data?.error.code ?? ''
  return new TeamsError(`Teams answered ${status}${reason === '' ? '' : ` (${reason})`}.`, { status, reason })
}
