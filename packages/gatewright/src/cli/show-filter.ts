import type { EventFacts, LogEvent } from '@gatewright/audit'
import { isNamed } from './request-ids'

/** What a person wants to see. Whatever is `undefined` lets everything through. */
export interface ShowFilter {
  readonly request?: string | undefined
  readonly type?: readonly string[] | undefined
  readonly action?: readonly string[] | undefined
  readonly by?: readonly string[] | undefined
  readonly since?: number
  readonly until?: number
}

/** Makes the test of a filter. */
export function showFilter(filter: ShowFilter): (event: LogEvent, facts: EventFacts) => boolean {
  const { action, by, request, type } = filter
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = filter
  return (event, facts) =>
    event.time >= since &&
    event.time < until &&
    (request === undefined || isNamed(event.subject, request) || isNamed(facts.requestId, request)) &&
    (type === undefined || type.some((name) => isIn(event.type, name))) &&
    (action === undefined || action.some((name) => facts.action !== null && isIn(facts.action, name))) &&
    (by === undefined || by.some((name) => isBy(facts, name)))
}

/** Names have parts, as `data.export`: `data` and `data.*` are the group of them. */
function isIn(name: string, wanted: string): boolean {
  const group = wanted.replace(/\.?\*$/, '')
  return name === wanted || group === '' || name.startsWith(`${group}.`)
}

/** Whether somebody had a hand in it: the person who took the step, the agent, or the human it acts for. */
function isBy({ actor, onBehalfOf, requester }: EventFacts, wanted: string): boolean {
  // What a person did themselves is not the agent's doing, although it is about its request.
  const agents = actor === null ? [requester, onBehalfOf?.subject, onBehalfOf?.name] : []
  return [actor?.subject, actor?.name, ...agents].some((name) => name?.toLowerCase() === wanted.toLowerCase())
}
