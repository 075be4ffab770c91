import type { VoteReceipt } from '@gatewright/core'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Ctx, Site } from '../http/environment'
import type { Session } from '../sign-in/session'

/** The answer to a vote, on its way to the page that is loaded next. */
export interface Flash {
  readonly session: string
  readonly requestId: string
  readonly status: Exclude<VoteReceipt['status'], 'refused'>
  readonly message: string
}

const SECONDS = 60

/** Keeps an answer in the browser's sealed cookie: nobody can make a page say what the gate did not. */
export async function leaveFlash(c: Ctx, { cookies, settings }: Site, flash: Flash): Promise<void> {
  const sealed = await cookies.seal('flash', flash, SECONDS)
  setCookie(c, nameIn(settings.secure), sealed, { ...attributes(settings.secure), maxAge: SECONDS })
}

/** The answer to this session's vote on this request, once; else `null`. */
export async function takeFlash(
  c: Ctx,
  { cookies, settings }: Site,
  session: Session,
  requestId: string,
): Promise<Flash | null> {
  const name = nameIn(settings.secure)
  const sealed = getCookie(c, name)
  if (sealed === undefined) return null
  deleteCookie(c, name, attributes(settings.secure))
  const flash = await cookies.open<Flash>('flash', sealed)
  return flash?.session === session.id && flash.requestId === requestId ? flash : null
}

function nameIn(secure: boolean): string {
  return `${secure ? '__Host-' : ''}gatewright-flash`
}

function attributes(secure: boolean) {
  return { path: '/', httpOnly: true, secure, sameSite: 'Lax' } as const
}
