import type { MiddlewareHandler } from 'hono'
import type { Ctx, Environment, Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import type { Session } from '../sign-in/session'

/** Lets only people through who are signed in: pages lead to the sign-in and back, everything else is refused. */
export function requireSession({ at, settings }: Site): MiddlewareHandler<Environment> {
  return async (c, next) => {
    if (c.get('session') !== null) return next()
    if (c.req.method !== 'GET' || c.req.path === at('/events')) throw notSignedIn()
    const { pathname, search } = new URL(c.req.url)
    const returnTo = pathname.startsWith(`${settings.base}/`) ? pathname + search : at('/requests')
    return c.redirect(`${at('/sign-in')}?return=${encodeURIComponent(returnTo)}`)
  }
}

/** Whose session a route behind {@link requireSession} works for. @throws HttpProblem 401 */
export function sessionOf(c: Ctx): Session {
  const session = c.get('session')
  if (session === null) throw notSignedIn()
  return session
}

function notSignedIn(): HttpProblem {
  return new HttpProblem(
    401,
    'not-signed-in',
    'You are not signed in (any more), so nothing was done. Sign in and try again.',
  )
}
