import type { Clock, Principal } from '@gatewright/core'
import { z } from 'zod'
import type { ResolvedOptions } from './options'
import { within } from './wait'
import type { SlackWeb } from './web'

/** Whose workspace the app lives in, as Slack says. */
export interface Workspace {
  readonly teamId: string
  readonly enterpriseId: string | null
  readonly botId: string
  /** `slack:<team id>`: the issuer of all its people. */
  readonly issuer: string
}

/** Who somebody is, or why they cannot decide. */
export type Identified =
  | { readonly status: 'known'; readonly principal: Principal }
  | { readonly status: 'refused'; readonly message: string }

/** How long Slack may take to say who somebody is. */
const DEADLINE_MS = 8_000

// What Slack leaves out is not assumed: a member without these flags is refused.
const user = z.object({
  id: z.string(),
  team_id: z.string(),
  deleted: z.literal(false),
  is_bot: z.literal(false),
  is_restricted: z.boolean(),
  is_ultra_restricted: z.boolean(),
  is_stranger: z.literal(false).optional(),
  is_workflow_bot: z.literal(false).optional(),
  is_connector_bot: z.literal(false).optional(),
  name: z.string().optional(),
  real_name: z.string().nullish(),
  profile: z.object({ display_name: z.string().nullish(), real_name: z.string().nullish() }).optional(),
  enterprise_user: z.object({ enterprise_id: z.string(), teams: z.array(z.string()).optional() }).optional(),
})

const REFUSED = 'You cannot decide here: only full members of this workspace can.'
const UNKNOWN = 'Who you are could not be checked just now. Nothing was counted. Try again.'

/** What {@link createIdentify} needs. */
export interface IdentifyParts {
  readonly web: SlackWeb
  readonly clock: Clock
  readonly lifetime: AbortSignal
  readonly workspace: Workspace
  readonly options: ResolvedOptions
}

/**
 * Asks Slack who somebody is, each time anew: a member who was deactivated a minute ago cannot vote. Whoever belongs to another
 * workspace, is a guest, a bot or deleted is refused (T21), and so is everybody while Slack does not answer.
 */
export function createIdentify(parts: IdentifyParts): (userId: string) => Promise<Identified> {
  const { web, clock, lifetime, workspace, options } = parts
  const ask = <T>(run: Parameters<typeof web.call<T>>[0]): Promise<T> =>
    within(clock, DEADLINE_MS, web.call(run), lifetime)

  async function groupsOf(userId: string): Promise<readonly string[]> {
    const found: string[] = []
    for (const [group, members] of options.groups) {
      const ids = typeof members === 'string' ? await membersOf(members) : members
      if (ids.includes(userId)) found.push(group)
    }
    return found
  }

  async function membersOf(usergroup: string): Promise<readonly string[]> {
    const { users } = await ask((client) => client.usergroups.users.list({ usergroup }))
    return users ?? []
  }

  return async (userId) => {
    try {
      const answer = await ask((client) => client.users.info({ user: userId }))
      const found = user.safeParse(answer.user)
      if (!found.success || !isMember(found.data, userId, parts))
        return { status: 'refused', message: REFUSED }
      const { issuer } = workspace
      const groups = await groupsOf(userId)
      const name = nameOf(found.data)
      return {
        status: 'known',
        principal: { type: 'human', issuer, subject: userId, name, groups, assurance: { method: 'chat' } },
      }
    } catch {
      // Fails closed: nothing is assumed of somebody whom Slack does not vouch for now.
      return { status: 'refused', message: UNKNOWN }
    }
  }
}

function isMember(
  found: z.infer<typeof user>,
  userId: string,
  { workspace, options }: Pick<IdentifyParts, 'workspace' | 'options'>,
): boolean {
  if (found.id !== userId || userId === 'USLACKBOT') return false
  if ((found.is_restricted || found.is_ultra_restricted) && !options.allowGuests) return false
  if (found.team_id === workspace.teamId) return true
  // In an organisation, people of a workspace may have another one as their first.
  const { enterpriseId, teamId } = workspace
  const { enterprise_id, teams = [] } = found.enterprise_user ?? {}
  return enterpriseId !== null && enterprise_id === enterpriseId && teams.includes(teamId)
}

function nameOf({ id, name, real_name, profile }: z.infer<typeof user>): string {
  const candidates = [profile?.display_name, profile?.real_name, real_name, name]
  return candidates.find((one) => typeof one === 'string' && one.trim() !== '') ?? id
}
