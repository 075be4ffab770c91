import { GatewrightError, type PersonRef, type Recipients, type ReviewerSelector } from '@gatewright/core'
import type { RichTextElement } from '@slack/types'
import type { ResolvedOptions, SlackRoute } from './options'

/** One place a request is shown in: a channel with whom it calls there, or a user's direct messages. */
export type Target =
  | { readonly type: 'channel'; readonly channel: string; readonly mention: readonly string[] }
  | { readonly type: 'user'; readonly user: string }

/** More places than a delivery's reference could name. */
const MOST_TARGETS = 40

/**
 * Where a request goes. Each place once, whatever number of stages leads there.
 *
 * @throws GatewrightError `ERR_OPTION_INVALID` when some reviewers have no place: then nobody is asked, and the gate is told
 */
export function targetsOf(to: Recipients, options: ResolvedOptions, issuer: string): readonly Target[] {
  const channels = new Map<string, Set<string>>()
  const users = new Set<string>()
  const add = ({ channel, mention = [], users: people = [] }: SlackRoute): void => {
    if (channel !== undefined) {
      const called = channels.get(channel) ?? new Set()
      for (const id of mention) called.add(id)
      channels.set(channel, called)
    }
    for (const user of people) users.add(user)
  }
  const selectors = to.stages.flatMap(({ reviewers }) => leavesOf(reviewers))
  // Nobody in particular: the default channel.
  if (selectors.length === 0) add(fallback(options, 'this request'))
  for (const selector of selectors) add(routeOf(selector, options, issuer))
  if (users.size > MOST_TARGETS)
    throw unroutable(
      `${users.size} people would get a direct message, and at most ${MOST_TARGETS} can. Use a channel`,
    )
  return [
    ...[...channels].map(([channel, mention]) => ({
      type: 'channel' as const,
      channel,
      mention: [...mention],
    })),
    ...[...users].map((user) => ({ type: 'user' as const, user })),
  ]
}

function routeOf(
  selector: Exclude<ReviewerSelector, { type: 'anyOf' }>,
  options: ResolvedOptions,
  issuer: string,
): SlackRoute {
  if (selector.type === 'person') {
    if (selector.issuer === issuer) return { users: [selector.subject] }
    return fallback(options, `${selector.subject} at ${selector.issuer}`)
  }
  return options.routes.get(selector.name) ?? fallback(options, `the group ${selector.name}`)
}

function fallback({ channel }: ResolvedOptions, whom: string): SlackRoute {
  if (channel !== null) return { channel }
  throw unroutable(`there is no route for ${whom}, and no default channel. Name one in "routes" or "channel"`)
}

function leavesOf(selector: ReviewerSelector): readonly Exclude<ReviewerSelector, { type: 'anyOf' }>[] {
  return selector.type === 'anyOf' ? selector.of.flatMap(leavesOf) : [selector]
}

function unroutable(problem: string): GatewrightError {
  return new GatewrightError('ERR_OPTION_INVALID', `slackApprover.routes: ${problem}. Nobody was asked.`)
}

/** Mentions as Slack shows and notifies them. */
export function mentionsOf(target: Target): readonly RichTextElement[] {
  if (target.type === 'user') return []
  return target.mention.map((id) =>
    id.startsWith('S') ? { type: 'usergroup', usergroup_id: id } : { type: 'user', user_id: id },
  )
}

/** Whom the places reach: whoever may see a channel is not for us to list. */
export function reachedBy(targets: readonly Target[], issuer: string): 'everyone' | readonly PersonRef[] {
  const people: PersonRef[] = []
  for (const target of targets) {
    if (target.type === 'channel') return 'everyone'
    people.push({ issuer, subject: target.user })
  }
  return people
}
