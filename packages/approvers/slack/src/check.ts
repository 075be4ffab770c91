import { setMaxListeners } from 'node:events'
import { type ApproverFinding, systemClock } from '@gatewright/core'
import { WebClient } from '@slack/web-api'
import { slackManifest } from './manifest'
import type { ResolvedOptions } from './options'
import { clientOptions, createWeb, failureOf, retryAfter, type SlackWeb, slackError } from './web'

/** Nothing older is in any channel. */
const NO_MESSAGE_IS_NEWER = '9999999999'
const APPS = 'https://api.slack.com/apps'
/** What fails is told as a finding. */
const quiet = { info() {}, warn() {}, error() {} }

/**
 * Asks Slack whether the tokens are good, the app has its permissions, is in its channels, and whether the people and user
 * groups that the options name are there. Posts nothing, opens no conversation, and reads no message.
 */
export async function checkSlack(
  options: ResolvedOptions,
  signal: AbortSignal,
): Promise<readonly ApproverFinding[]> {
  // Each of the calls listens to it, and that may be many at once.
  setMaxListeners(0, signal)
  const web = createWeb(options, { clock: systemClock, logger: quiet, lifetime: signal })
  const auth = await web
    .call((client) => client.auth.test(), { patient: false })
    .catch(refused('the bot token (xoxb-…)', 'OAuth & Permissions'))
  if ('status' in auth) return [auth]
  const app = typeof auth.user === 'string' ? `@${auth.user}` : 'the app'
  const found = await Promise.all([
    ok(`Slack takes the bot token, as ${app} of ${auth.team ?? 'the workspace'} (${auth.team_id})`),
    permissions(options, auth.response_metadata?.scopes),
    appToken(options, signal),
    ...channelsOf(options).map((channel) => inChannel(web, channel, app)),
    ...usersOf(options).map((user) => isThere(web, user)),
    ...userGroupsOf(options).map((group) => hasMembers(web, group)),
  ])
  return found.flatMap((one) => one ?? [])
}

function ok(message: string): ApproverFinding {
  return { status: 'ok', message, fix: null }
}

function problem(message: string, fix: string): ApproverFinding {
  return { status: 'problem', message, fix }
}

function permissions(options: ResolvedOptions, held: readonly string[] | undefined): ApproverFinding | null {
  if (held === undefined) return null
  const { scopes } = slackManifest({
    socketMode: true,
    userGroups: userGroupsOf(options).length > 0,
  }).oauth_config
  const missing = scopes.bot.filter((scope) => !held.includes(scope))
  if (missing.length === 0) return ok('the app has the permissions that it needs')
  return problem(
    `the app lacks permissions: ${missing.join(', ')}`,
    `add them under "OAuth & Permissions" of the app (${APPS}), and install it again`,
  )
}

async function appToken(options: ResolvedOptions, signal: AbortSignal): Promise<ApproverFinding | null> {
  if (options.appToken === null) return null
  const client = new WebClient(options.appToken, clientOptions(options, quiet, signal))
  const opened = await client.apps.connections
    .open({})
    .catch(refused('the app-level token (xapp-…)', 'Basic Information'))
  return 'status' in opened ? opened : ok('Slack takes the app-level token, for Socket Mode')
}

/** Whether it is the token or the way to Slack. */
function refused(token: string, page: string): (cause: unknown) => ApproverFinding {
  return (cause) => {
    const code = codeOf(cause)
    if (code === null) return unreachable(cause)
    if (code === 'ratelimited') return unsaid(`about ${token}`, code)
    return problem(
      `Slack does not take ${token}: ${code}`,
      `copy it anew from "${page}" of the app (${APPS})`,
    )
  }
}

/** Slack's word for what is wrong; `null` when it said none. */
function codeOf(cause: unknown): string | null {
  return retryAfter(cause) === null ? slackError(cause) : 'ratelimited'
}

function unreachable(cause: unknown): ApproverFinding {
  return problem(
    `Slack could not be reached: ${failureOf(cause)}`,
    'let this machine reach slack.com by HTTPS',
  )
}

function unsaid(about: string, why: string): ApproverFinding {
  return { status: 'warning', message: `Slack did not say ${about}: ${why}`, fix: 'look again in a minute' }
}

async function inChannel(web: SlackWeb, channel: string, app: string): Promise<ApproverFinding> {
  const look = web.call(
    (client) => client.conversations.history({ channel, oldest: NO_MESSAGE_IS_NEWER, limit: 1 }),
    { patient: false },
  )
  return look.then(
    () => ok(`${app} is in the channel ${channel}`),
    (cause: unknown) => {
      const code = codeOf(cause)
      const invite = `/invite ${app}`
      if (code === 'not_in_channel')
        return problem(`${app} is not in the channel ${channel}`, `there: ${invite}`)
      if (code === 'channel_not_found')
        return problem(
          `there is no channel ${channel} that ${app} may see`,
          `correct its id; or, if it is private, there: ${invite}`,
        )
      return code === null ? unreachable(cause) : unsaid(`whether ${app} is in ${channel}`, code)
    },
  )
}

async function isThere(web: SlackWeb, user: string): Promise<ApproverFinding | null> {
  const gone = problem(`the person ${user} is not in this workspace, or no more`, 'take them out of "routes"')
  return web
    .call((client) => client.users.info({ user }), { patient: false })
    .then(
      (answer) => (answer.user?.deleted === true ? gone : null),
      (cause: unknown) => {
        const code = codeOf(cause)
        if (code === 'user_not_found' || code === 'user_not_visible') return gone
        return code === null ? unreachable(cause) : unsaid(`who ${user} is`, code)
      },
    )
}

async function hasMembers(web: SlackWeb, usergroup: string): Promise<ApproverFinding> {
  const look = web.call((client) => client.usergroups.users.list({ usergroup }), { patient: false })
  return look.then(
    ({ users = [] }) =>
      users.length > 0
        ? ok(
            `the user group ${usergroup} has ${users.length === 1 ? 'one member' : `${users.length} members`}`,
          )
        : problem(
            `nobody is in the user group ${usergroup}`,
            'put people into it, or name another in "groups"',
          ),
    (cause: unknown) => {
      const code = codeOf(cause)
      if (code === 'no_such_subteam')
        return problem(`there is no user group ${usergroup}`, 'correct its id in "groups"')
      return code === null ? unreachable(cause) : unsaid(`who is in the user group ${usergroup}`, code)
    },
  )
}

function channelsOf({ channel, routes }: ResolvedOptions): readonly string[] {
  const named = [...routes.values()].map((route) => route.channel)
  return [...new Set([channel, ...named])].filter((id) => typeof id === 'string')
}

function usersOf({ routes }: ResolvedOptions): readonly string[] {
  return [...new Set([...routes.values()].flatMap(({ users = [] }) => users))]
}

/** Those that are read at each vote. One that is only mentioned needs no permission. */
function userGroupsOf({ groups }: ResolvedOptions): readonly string[] {
  return [...new Set(groups.values())].filter((members) => typeof members === 'string')
}
