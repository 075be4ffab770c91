import { checkOptions, OptionError } from '@gatewright/core'
import type { SocketModeClient } from '@slack/socket-mode'
import type { WebClient } from '@slack/web-api'

/** Where the requests of a group go, and who is called there. Ids throughout, never names: names can be taken over. */
export interface SlackRoute {
  /** A channel the app was invited to (`C…`, `G…`). */
  readonly channel?: string
  /** User groups (`S…`) and users (`U…`, `W…`) mentioned in that channel. At most 20. */
  readonly mention?: readonly string[]
  /** Users who get a direct message each (`U…`, `W…`). At most 40. */
  readonly users?: readonly string[]
}

/** Options of {@link slackApprover}. */
export interface SlackApproverOptions {
  /** Stands in the log with every vote, and in the address of inbound requests. @default 'slack' */
  readonly name?: string
  /** The app's bot token (`xoxb-…`). Needed unless `client` is given. */
  readonly token?: string
  /**
   * A client of your own, in place of `token`. Give it `retryConfig: { retries: 0 }`, `rejectRateLimitedCalls: true` and a
   * `timeout`: a client that sends again by itself can send a message twice (T51).
   */
  readonly client?: WebClient
  /** The app's signing secret, for interactivity over HTTP. Needed unless the approver uses Socket Mode. At least 32 characters. */
  readonly signingSecret?: string
  /** An app-level token (`xapp-…`, scope `connections:write`): the approver uses Socket Mode, and needs no public address. */
  readonly appToken?: string
  /** A Socket Mode client of your own, in place of `appToken`. It is connected again here, so `autoReconnectEnabled: false`. */
  readonly socketModeClient?: SocketModeClient
  /** Where requests go that have no route of their own (`C…`, `G…`). Without it they cannot be delivered. */
  readonly channel?: string
  /** By the reviewers' group: a channel's id, or a {@link SlackRoute}. */
  readonly routes?: { readonly [group: string]: string | SlackRoute }
  /**
   * Groups that Slack vouches for, for gates without a directory: a user group's id (`S…`, read at each vote), or user ids.
   * Whoever may edit the user group may then appoint reviewers.
   *
   * @default none
   */
  readonly groups?: { readonly [group: string]: string | readonly string[] }
  /** Whether guests of the workspace may vote, single- and multi-channel ones. Members of other workspaces never may. @default false */
  readonly allowGuests?: boolean
  /** Slack's API, with a slash at its end. @default 'https://slack.com/api/' */
  readonly slackApiUrl?: string
}

/** Options as the approver uses them. */
export interface ResolvedOptions {
  readonly name: string
  readonly token: string | null
  readonly client: WebClient | null
  readonly signingSecret: string | null
  readonly appToken: string | null
  readonly socketModeClient: SocketModeClient | null
  readonly channel: string | null
  readonly routes: ReadonlyMap<string, SlackRoute>
  readonly groups: ReadonlyMap<string, string | readonly string[]>
  readonly allowGuests: boolean
  readonly slackApiUrl: string
}

const KNOWN = [
  'name',
  'token',
  'client',
  'signingSecret',
  'appToken',
  'socketModeClient',
  'channel',
  'routes',
  'groups',
  'allowGuests',
  'slackApiUrl',
] as const

const CHANNEL = /^[CG][A-Z0-9]{2,20}$/
const USER = /^[UW][A-Z0-9]{2,20}$/
const USER_GROUP = /^S[A-Z0-9]{2,20}$/
const LEAST_SECRET = 32
const LEAST_TOKEN = 20
const LENGTH = `and has ${LEAST_TOKEN} characters or more: copy it whole`

/**
 * Checks the options.
 *
 * @throws OptionError for a wrong value or an unknown option, and when a secret is missing or short (T18)
 */
export function resolveOptions(options: SlackApproverOptions): ResolvedOptions {
  checkOptions(options, KNOWN, 'slackApprover')
  const {
    name = 'slack',
    token,
    client,
    signingSecret,
    appToken,
    socketModeClient,
    channel,
    allowGuests,
  } = options
  const { slackApiUrl = 'https://slack.com/api/' } = options
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name))
    throw wrong('name', 'must be 1 to 64 letters, digits, dots, dashes or underscores')
  if ((token === undefined) === (client === undefined)) throw wrong('token', 'give either it or "client"')
  if (token !== undefined && !isToken(token, /^xox(?:b|e\.xoxb)-/))
    throw wrong('token', `must be a bot token, which begins with xoxb- ${LENGTH}`)
  if (appToken !== undefined && socketModeClient !== undefined)
    throw wrong('appToken', 'cannot be given together with socketModeClient')
  if (appToken !== undefined && !isToken(appToken, /^xapp-/))
    throw wrong('appToken', `must be an app-level token, which begins with xapp- ${LENGTH}`)
  const usesSocket = appToken !== undefined || socketModeClient !== undefined
  if (signingSecret === undefined && !usesSocket)
    throw wrong('signingSecret', 'is missing: give it, or an appToken to use Socket Mode')
  if (
    signingSecret !== undefined &&
    (typeof signingSecret !== 'string' || signingSecret.length < LEAST_SECRET)
  )
    throw wrong('signingSecret', `must have at least ${LEAST_SECRET} characters, as Slack's have`)
  if (channel !== undefined) checkId(channel, CHANNEL, 'channel', 'the id of a channel, as C0123456789')
  if (allowGuests !== undefined && typeof allowGuests !== 'boolean')
    throw wrong('allowGuests', 'must be true or false')
  if (typeof slackApiUrl !== 'string' || !/^https?:\/\/\S+\/$/.test(slackApiUrl))
    throw wrong('slackApiUrl', 'must be an address that ends with a slash')
  return {
    name,
    token: token ?? null,
    client: client ?? null,
    signingSecret: signingSecret ?? null,
    appToken: appToken ?? null,
    socketModeClient: socketModeClient ?? null,
    channel: channel ?? null,
    routes: routesOf(options.routes ?? {}),
    groups: groupsOf(options.groups ?? {}),
    allowGuests: allowGuests ?? false,
    slackApiUrl,
  }
}

function routesOf(routes: NonNullable<SlackApproverOptions['routes']>): ReadonlyMap<string, SlackRoute> {
  return new Map(
    Object.entries(entries(routes, 'routes')).map(([group, route]) => {
      const where = `routes.${group}`
      const wanted = typeof route === 'string' ? { channel: route } : route
      checkOptions(wanted, ['channel', 'mention', 'users'], `slackApprover.${where}`)
      const { channel, mention = [], users = [] } = wanted
      if (channel === undefined && users.length === 0) throw wrong(where, 'names neither a channel nor users')
      if (channel === undefined && mention.length > 0)
        throw wrong(`${where}.mention`, 'needs a channel to stand in')
      if (channel !== undefined)
        checkId(channel, CHANNEL, `${where}.channel`, 'the id of a channel, as C0123456789')
      checkIds(mention, `${where}.mention`, 20, [USER, USER_GROUP])
      checkIds(users, `${where}.users`, 40, [USER])
      return [group, wanted] as const
    }),
  )
}

function groupsOf(
  groups: NonNullable<SlackApproverOptions['groups']>,
): ReadonlyMap<string, string | readonly string[]> {
  for (const [group, members] of Object.entries(entries(groups, 'groups'))) {
    const where = `groups.${group}`
    if (typeof members === 'string')
      checkId(members, USER_GROUP, where, 'the id of a user group, or a list of user ids')
    else checkIds(members, where, 10_000, [USER])
  }
  return new Map(Object.entries(groups))
}

function entries<T extends object>(value: T, option: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw wrong(option, 'must be an object by group names')
}

function checkIds(ids: readonly string[], option: string, most: number, forms: readonly RegExp[]): void {
  const fits = (id: unknown): boolean => typeof id === 'string' && forms.some((form) => form.test(id))
  if (!Array.isArray(ids) || ids.length > most || !ids.every(fits))
    throw wrong(option, `must be a list of at most ${most} ids, as U0123456789`)
}

function checkId(id: unknown, form: RegExp, option: string, what: string): void {
  if (typeof id !== 'string' || !form.test(id)) throw wrong(option, `must be ${what}`)
}

function isToken(token: unknown, form: RegExp): boolean {
  return typeof token === 'string' && form.test(token) && token.length >= LEAST_TOKEN
}

function wrong(option: string, problem: string): OptionError {
  return new OptionError(`slackApprover.${option}`, problem)
}
