import { Hono } from 'hono'
import type { Environment, Site } from '../http/environment'
import { takeFlash } from './flash'
import { historyPage, waitingPage } from './list-pages'
import { createLiveHints } from './live-hints'
import { requestPage, viewOf } from './request-page'
import { requireSession, sessionOf } from './require-session'
import { createShownDocuments } from './shown-documents'
import { findVisible } from './visible-requests'
import { voteRoutes } from './vote-routes'

/** The pages on which people see what waits and decide. All of them need a session, and none needs a script. */
export function inboxRoutes(site: Site): Hono<Environment> {
  const app = new Hono<Environment>()
  const shown = createShownDocuments()
  const hints = createLiveHints(site)
  const signedIn = requireSession(site)
  for (const path of ['/requests/*', '/history', '/events']) app.use(path, signedIn)

  app.get('/requests', (c) => waitingPage(c, site))
  app.get('/history', (c) => historyPage(c, site))
  app.get('/events', (c) => hints.open(c, sessionOf(c).principal))
  app.get('/requests/:id', async (c) => {
    const session = sessionOf(c)
    const view = await viewOf(site, await findVisible(site, c.req.param('id'), session.principal), c)
    shown.keep(view.review)
    const flash = await takeFlash(c, site, session, view.request.id)
    const notice = flash && { tone: TONES[flash.status], text: flash.message }
    return requestPage(c, site, view, { notice })
  })
  app.route('/', voteRoutes(site, shown))
  return app
}

const TONES = { counted: 'good', 'already-counted': 'plain', 'too-late': 'warning' } as const
