import type { MiddlewareHandler } from 'hono'
import type { Environment, Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import { createRateLimiter } from '../http/rate-limiter'
import { actorOf, type Caller, countedCaller } from './caller'

/** So many of one caller in a minute: more tell an auditor nothing new, and would fill the log. The server's own log has all. */
const MOST_A_MINUTE = 20
/** Of a request whose body no vote could be read from. */
const UNREAD = new Set(['not-json', 'malformed', 'not-valid'])

/**
 * T03, I6: a vote that is refused by its form alone never reaches the gate, which records those that it refuses; a body that
 * says who votes is one. Recorded here, of whoever proved who they are: by a key, a token or a session.
 */
export function recordRefusedVotes({ access, settings }: Site): MiddlewareHandler<Environment> {
  const recorded = createRateLimiter(MOST_A_MINUTE, 60_000, settings.now)
  return async (c, next) => {
    const requestId = c.req.param('id') ?? ''
    await next()
    const caller: Caller | null = c.get('caller')
    const { error } = c
    if (c.req.method !== 'POST' || caller === null) return
    if (!(error instanceof HttpProblem) || !UNREAD.has(error.problem.code)) return
    if (recorded.hit(countedCaller(caller)) > 0) return
    await access.recordMalformedVote({
      actor: actorOf(caller),
      requestId,
      channel: 'api',
      fields: (error.problem.errors ?? []).map(({ path }) => path),
    })
  }
}
