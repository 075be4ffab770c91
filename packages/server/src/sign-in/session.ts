import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Principal } from '@gatewright/core'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { MOST_COOKIE_BYTES, type SealedCookies } from './sealed-cookie'
import type { PendingSignIn } from './sign-in'
import { SignInError } from './sign-in'

/** Somebody who signed in, as their browser's cookie states. */
export interface Session {
  /** Random: what this session's CSRF token is made of. */
  readonly id: string
  readonly provider: string
  readonly principal: Principal
}

/** Sessions of browsers, kept in their own sealed cookies: nothing is stored here. */
export interface Sessions {
  read(c: Context): Promise<Session | null>
  /** Begins a new one, whatever the browser had. @throws SignInError for somebody in more groups than a cookie holds */
  begin(c: Context, provider: string, principal: Principal): Promise<Session>
  end(c: Context): void
  /** What a page of this session must send with whatever changes something. */
  csrfToken(session: Session): string
  isCsrfToken(session: Session, given: unknown): boolean
  /** Remembers a sign-in that is under way: ten minutes. */
  remember(c: Context, pending: PendingSignIn): Promise<void>
  /** The sign-in that is under way; it is forgotten, so that its answer is taken once. */
  recall(c: Context): Promise<PendingSignIn | null>
}

const PENDING_SECONDS = 600

/**
 * @param secure - the server's address is https
 * @param providers - ids of the ways to sign in that there are: a session of any other is over. One that was taken away may
 *   have been so for a reason, and one that lets anybody be anybody may have shared the secret
 */
export function createSessions(
  cookies: SealedCookies,
  {
    secret,
    secure,
    seconds,
    providers,
  }: {
    readonly secret: string
    readonly secure: boolean
    readonly seconds: number
    readonly providers: readonly string[]
  },
): Sessions {
  // The prefix makes browsers refuse the cookie from any other host, and over plain http.
  const prefix = secure ? '__Host-' : ''
  const names = { session: `${prefix}gatewright`, pending: `${prefix}gatewright-sign-in` }
  const attributes = { path: '/', httpOnly: true, secure, sameSite: 'Lax' } as const

  const csrfToken = ({ id }: Session): string =>
    createHmac('sha256', secret).update(`gatewright csrf v1\0${id}`).digest('base64url')

  return {
    async read(c) {
      const session = await cookies.open<Session>('session', getCookie(c, names.session))
      return session !== null && providers.includes(session.provider) ? session : null
    },

    async begin(c, provider, principal) {
      const session: Session = { id: randomBytes(18).toString('base64url'), provider, principal }
      const sealed = await cookies.seal('session', session, seconds)
      if (sealed.length > MOST_COOKIE_BYTES) {
        throw new SignInError(
          'refused',
          'You are in more groups than a session holds. Ask whoever runs this server to send fewer groups, or to use a directory.',
        )
      }
      setCookie(c, names.session, sealed, { ...attributes, maxAge: seconds })
      return session
    },

    end: (c) => void deleteCookie(c, names.session, attributes),
    csrfToken,

    isCsrfToken(session, given) {
      if (typeof given !== 'string') return false
      const expected = Buffer.from(csrfToken(session))
      const actual = Buffer.from(given)
      return expected.length === actual.length && timingSafeEqual(expected, actual)
    },

    async remember(c, pending) {
      const sealed = await cookies.seal('sign-in', pending, PENDING_SECONDS)
      setCookie(c, names.pending, sealed, { ...attributes, maxAge: PENDING_SECONDS })
    },

    async recall(c) {
      const pending = await cookies.open<PendingSignIn>('sign-in', getCookie(c, names.pending))
      deleteCookie(c, names.pending, attributes)
      return pending
    },
  }
}
