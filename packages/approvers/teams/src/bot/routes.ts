import { GatewrightError, type PersonRef, type Recipients, type ReviewerSelector } from '@gatewright/core'
import { isGuid, MOST_USERS, type ResolvedOptions, type TeamsRoute } from './options'

/** One place a request is shown in. */
export type Target =
  | { readonly type: 'conversation'; readonly id: string }
  | { readonly type: 'user'; readonly id: string }

/** Who vouches for people of a tenant. */
export function issuerOf(tenantId: string): string {
  return `teams:${tenantId}`
}

/**
 * Where a request goes. Each place once, whatever number of stages leads there.
 *
 * @throws GatewrightError `ERR_OPTION_INVALID` when some reviewers have no place: then nobody is asked, and the gate is told
 */
export function targetsOf(to: Recipients, options: ResolvedOptions): readonly Target[] {
  const conversations = new Set<string>()
  const users = new Set<string>()
  const add = ({ conversation, users: people = [] }: TeamsRoute): void => {
    if (conversation !== undefined) conversations.add(conversation)
    for (const user of people) users.add(user)
  }
  const selectors = to.stages.flatMap(({ reviewers }) => leavesOf(reviewers))
  // Nobody in particular: the default conversation.
  if (selectors.length === 0) add(fallback(options, 'this request'))
  for (const selector of selectors) add(routeOf(selector, options))
  if (users.size > MOST_USERS)
    throw unroutable(
      `${users.size} people would get a message of their own, and at most ${MOST_USERS} can. Use a channel`,
    )
  return [
    ...[...conversations].map((id) => ({ type: 'conversation' as const, id })),
    ...[...users].map((id) => ({ type: 'user' as const, id })),
  ]
}

/** Whom places reach that have the message: whoever may see a conversation is not for us to list. */
export function reachedBy(targets: readonly Target[], tenantId: string): 'everyone' | readonly PersonRef[] {
  if (targets.some(({ type }) => type === 'conversation')) return 'everyone'
  return targets.map(({ id }) => ({ issuer: issuerOf(tenantId), subject: id }))
}

type Leaf = Exclude<ReviewerSelector, { type: 'anyOf' }>

function routeOf(selector: Leaf, options: ResolvedOptions): TeamsRoute {
  if (selector.type === 'group')
    return options.routes.get(selector.name) ?? fallback(options, `the group ${selector.name}`)
  const { issuer, subject } = selector
  if (issuer === issuerOf(options.tenantId) && isGuid(subject)) return { users: [subject] }
  return fallback(options, `${subject} at ${issuer}`)
}

function fallback({ conversation }: ResolvedOptions, whom: string): TeamsRoute {
  if (conversation !== null) return { conversation }
  throw unroutable(`there is no route for ${whom}, and no default. Name one in "routes" or "conversation"`)
}

function leavesOf(selector: ReviewerSelector): readonly Leaf[] {
  return selector.type === 'anyOf' ? selector.of.flatMap(leavesOf) : [selector]
}

function unroutable(problem: string): GatewrightError {
  return new GatewrightError('ERR_OPTION_INVALID', `teamsApprover.routes: ${problem}. Nobody was asked.`)
}
