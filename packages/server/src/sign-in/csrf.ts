import type { Ctx, Site } from '../http/environment'
import { fieldsOf } from '../http/form'
import { HttpProblem } from '../http/problems'
import type { Session } from './session'

/**
 * What changes something comes from a page of this server, of this very session (T29): browsers say where a request comes
 * from, and it carries the session's token in a field or a header.
 *
 * @throws HttpProblem 403
 */
export async function assertCsrf(c: Ctx, { sessions, settings }: Site, session: Session): Promise<void> {
  const origin = c.req.header('origin')
  const elsewhere = origin !== undefined && origin !== settings.url.origin
  const site = c.req.header('sec-fetch-site')
  const foreign = elsewhere || (site !== undefined && site !== 'same-origin' && site !== 'none')
  const given = c.req.header('x-csrf-token') ?? (isForm(c) ? (await fieldsOf(c)).csrf : undefined)
  if (!foreign && sessions.isCsrfToken(session, given)) return
  throw new HttpProblem(
    403,
    'csrf',
    // The inbox opened by another name than its own, 127.0.0.1 say, shows pages, and then refuses what they send.
    elsewhere
      ? `This did not come from a page of ${settings.url.origin}, so nothing was done. Open the inbox at that address.`
      : 'This did not come from a page of this session, so nothing was done. Load the page again.',
  )
}

function isForm(c: Ctx): boolean {
  return /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(
    c.req.header('content-type') ?? '',
  )
}
