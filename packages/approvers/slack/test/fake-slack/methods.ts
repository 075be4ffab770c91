import { z } from 'zod'
import { messageBlocks, messageMetadata, modalView } from './block-rules'
import { type FakeMessage, type FakeState, fakeChannel } from './state'

/** What a method answers: its fields, or Slack's word for what is wrong. */
export type MethodAnswer = { readonly [field: string]: unknown } | { readonly error: string }

interface Method {
  /** One of these scopes is needed; none: any token. */
  readonly scopes: readonly string[]
  readonly args: z.ZodType
  run(args: never, context: MethodContext): MethodAnswer
}

/** What methods work on. */
export interface MethodContext {
  readonly state: FakeState
  now(): number
  nextTs(): string
  nextId(prefix: string): string
}

const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((value, context): unknown => {
      try {
        return JSON.parse(value)
      } catch {
        context.addIssue('not JSON')
        return z.NEVER
      }
    })
    .pipe(schema)
const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const count = z.string().regex(/^\d+$/).transform(Number)
const id = z.string().regex(/^[A-Z][A-Z0-9]+$/)
const ts = z.string().regex(/^\d{10}\.\d{6}$/)
const posting = {
  channel: id,
  text: z.string().min(1).max(40_000),
  blocks: json(messageBlocks),
  parse: z.literal('none').optional(),
  link_names: flag.optional(),
}

const define = <T extends z.ZodType>(
  scopes: readonly string[],
  args: T,
  run: (args: z.infer<T>, context: MethodContext) => MethodAnswer,
): Method => ({ scopes, args, run: run as Method['run'] })

const HISTORY = ['channels:history', 'groups:history', 'im:history']

/** The methods of the Web API that are spoken here; each checks its arguments as Slack does, and unknown ones as well. */
export const methods: Readonly<Record<string, Method>> = {
  'auth.test': define([], z.strictObject({}), (_args, { state }) => ({
    team: 'Home',
    team_id: state.teamId,
    bot_id: state.botId,
    user: 'gatewright',
    user_id: 'U0BOT',
    ...(state.enterpriseId === null ? {} : { enterprise_id: state.enterpriseId }),
  })),

  'users.info': define(['users:read'], z.strictObject({ user: id }), ({ user }, { state }) => {
    const found = state.users.get(user)
    return found === undefined ? { error: 'user_not_found' } : { user: found }
  }),

  'usergroups.users.list': define(
    ['usergroups:read'],
    z.strictObject({ usergroup: id }),
    ({ usergroup }, { state }) => {
      const users = state.usergroups.get(usergroup)
      return users === undefined ? { error: 'no_such_subteam' } : { users }
    },
  ),

  'conversations.open': define(['im:write'], z.strictObject({ users: id }), ({ users: user }, { state }) => {
    if (!state.users.has(user)) return { error: 'user_not_found' }
    if (state.users.get(user)?.deleted) return { error: 'user_disabled' }
    const channel = `D${user.slice(1)}`
    if (!state.channels.has(channel)) state.channels.set(channel, fakeChannel(channel, [user, 'U0BOT']))
    return { channel: { id: channel } }
  }),

  'conversations.history': define(
    HISTORY,
    z.strictObject({
      channel: id,
      oldest: z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .optional(),
      latest: ts.optional(),
      inclusive: flag.optional(),
      limit: count.optional(),
      cursor: z.string().optional(),
      include_all_metadata: flag.optional(),
    }),
    (args, { state }) => {
      const channel = state.channels.get(args.channel)
      if (channel === undefined) return { error: 'channel_not_found' }
      if (!channel.members.has('U0BOT')) return { error: 'not_in_channel' }
      if ((args.limit ?? 100) > 999) return { error: 'invalid_limit' }
      const from = Number(args.oldest ?? 0)
      const to = Number(args.latest ?? Number.MAX_VALUE)
      const within = channel.messages
        .filter((one) => one.thread_ts === null || one.broadcast)
        .filter((one) =>
          args.inclusive
            ? Number(one.ts) >= from && Number(one.ts) <= to
            : Number(one.ts) > from && Number(one.ts) < to,
        )
        .reverse()
      const start = Number(args.cursor ?? 0)
      const page = within.slice(start, start + (args.limit ?? 100))
      const next = start + page.length < within.length ? `${start + page.length}` : ''
      return {
        messages: page.map((one) => shownMessage(one, args.include_all_metadata === true)),
        has_more: next !== '',
        response_metadata: { next_cursor: next },
      }
    },
  ),

  'chat.postMessage': define(
    ['chat:write'],
    z.strictObject({
      ...posting,
      mrkdwn: flag.optional(),
      unfurl_links: flag.optional(),
      unfurl_media: flag.optional(),
      metadata: json(messageMetadata).optional(),
      thread_ts: ts.optional(),
      reply_broadcast: flag.optional(),
    }),
    (args, { state, nextTs }) => {
      const channel = state.channels.get(args.channel)
      if (channel === undefined) return { error: 'channel_not_found' }
      if (!channel.members.has('U0BOT')) return { error: 'not_in_channel' }
      if (channel.archived) return { error: 'is_archived' }
      if (args.thread_ts !== undefined && !channel.messages.some((one) => one.ts === args.thread_ts))
        return { error: 'thread_not_found' }
      const at = nextTs()
      channel.messages.push({
        ts: at,
        channel: args.channel,
        bot_id: state.botId,
        text: args.text,
        blocks: args.blocks,
        metadata: args.metadata ?? null,
        thread_ts: args.thread_ts ?? null,
        broadcast: args.reply_broadcast ?? false,
      })
      return { channel: args.channel, ts: at }
    },
  ),

  'chat.update': define(
    ['chat:write'],
    z.strictObject({ ...posting, ts, metadata: json(messageMetadata).optional() }),
    (args, { state }) => {
      const channel = state.channels.get(args.channel)
      if (channel === undefined) return { error: 'channel_not_found' }
      if (channel.archived) return { error: 'is_archived' }
      const message = channel.messages.find((one) => one.ts === args.ts)
      if (message === undefined) return { error: 'message_not_found' }
      if (message.bot_id !== state.botId) return { error: 'cant_update_message' }
      message.text = args.text
      message.blocks = args.blocks
      if (args.metadata !== undefined) message.metadata = args.metadata
      return { channel: args.channel, ts: args.ts }
    },
  ),

  'chat.postEphemeral': define(
    ['chat:write'],
    z.strictObject({ ...posting, user: id }),
    (args, { state }) => {
      const channel = state.channels.get(args.channel)
      if (channel === undefined) return { error: 'channel_not_found' }
      if (!channel.members.has(args.user)) return { error: 'user_not_in_channel' }
      state.ephemerals.push({ channel: args.channel, user: args.user, text: args.text, blocks: args.blocks })
      return { message_ts: '1700000000.000001' }
    },
  ),

  'views.open': define(
    [],
    z.strictObject({ trigger_id: z.string(), view: json(modalView) }),
    ({ trigger_id, view }, { state, now, nextId }) => {
      const trigger = state.triggers.get(trigger_id)
      if (trigger === undefined) return { error: 'exchanged_trigger_id' }
      state.triggers.delete(trigger_id)
      if (now() > trigger.until) return { error: 'expired_trigger_id' }
      const opened = { id: nextId('V'), user: trigger.user, view }
      state.views.set(opened.id, opened)
      return { view: { id: opened.id, hash: 'h', ...view } }
    },
  ),

  'views.update': define(
    [],
    z.strictObject({ view_id: id, view: json(modalView) }),
    ({ view_id, view }, { state }) => {
      const opened = state.views.get(view_id)
      if (opened === undefined) return { error: 'not_found' }
      opened.view = view
      return { view: { id: view_id, hash: 'h', ...view } }
    },
  ),
}

function shownMessage({ ts: at, bot_id, text, blocks, metadata }: FakeMessage, all: boolean) {
  const stated = metadata === null ? {} : { metadata: all ? metadata : { event_type: metadata.event_type } }
  return { type: 'message', ts: at, bot_id, text, blocks, ...stated }
}
