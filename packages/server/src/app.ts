import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { apiRoutes } from './api/routes'
import { limitBodies } from './http/body-limit'
import type { Ctx, Environment, Site } from './http/environment'
import { isLoopback } from './http/loopback'
import { HttpProblem, refusalOf, tooManyRequests } from './http/problems'
import { createRateLimiter } from './http/rate-limiter'
import { securityHeaders } from './http/security-headers'
import { countedPerson } from './http/who'
import { assetRoutes } from './inbox/asset-routes'
import { inboxRoutes } from './inbox/inbox-routes'
import { page } from './inbox/page'
import { linkRoutes } from './linking/link-routes'
import { signInRoutes } from './sign-in/routes'

/** Puts the routes of a server together. */
export function createApp(site: Site): Hono<Environment> {
  const { settings, gate, access, sessions } = site
  const app = new Hono<Environment>().basePath(settings.base)
  const limiter =
    settings.rateLimit && createRateLimiter(settings.rateLimit.max, settings.rateLimit.perMs, settings.now)

  app.use(securityHeaders(settings.secure))
  app.use(async (c, next) => {
    const started = performance.now()
    c.set('requestId', randomUUID())
    c.set('session', null)
    c.set('caller', null)
    c.set('csrf', '')
    c.header('X-Request-Id', c.get('requestId'))
    await next()
    settings.logger.info(
      {
        requestId: c.get('requestId'),
        method: c.req.method,
        // The route and not the address: that may hold an invitation or a code.
        route: c.req.routePath,
        status: c.res.status,
        ms: Math.round(performance.now() - started),
      },
      'answered',
    )
  })
  app.use(limitBodies())

  // A page elsewhere whose name was made to lead to this computer (DNS rebinding) must not sit among made-up people.
  if (settings.signIns.some(({ demo }) => demo))
    app.use(async (c, next) => {
      if (!isLoopback(new URL(c.req.url).hostname))
        throw new HttpProblem(403, 'not-this-computer', 'Made-up identities answer on this computer alone.')
      await next()
    })

  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    await gate.start()
    await gate.requests.list({}, { limit: 1 })
    return c.json({ status: 'ready' })
  })

  // Approvers verify what comes in by themselves, from the raw body: no session, no form, no other check touches it.
  app.all('/approvers/:name/*', async (c) => {
    const answer = await access.handle(c.req.param('name'), c.req.raw)
    if (answer === null) throw new HttpProblem(404, 'not-found', 'There is no such approver here.')
    return answer
  })

  // Programs and tokens are counted by themselves, so it stands before the sessions of browsers.
  app.route('/api', apiRoutes(site, limiter))

  app.use(async (c, next) => {
    const session = await sessions.read(c)
    c.set('session', session)
    c.set('csrf', session === null ? '' : sessions.csrfToken(session))
    const waitMs = limiter?.hit(callerOf(c, site)) ?? 0
    if (waitMs > 0) throw tooManyRequests(waitMs)
    await next()
  })
  app.route('/', assetRoutes())
  app.route('/', signInRoutes(site))
  app.route('/', inboxRoutes(site))
  app.route('/', linkRoutes(site))
  app.get('/', (c) => c.redirect(site.at('/requests')))

  app.notFound((c) =>
    // Outside of the server's own path nothing prepared the context: that is the host program's to answer.
    c.get('requestId') === undefined
      ? c.text('There is nothing here.', 404)
      : answerProblem(c, site, new HttpProblem(404, 'not-found', 'There is nothing here.')),
  )
  app.onError((error, c) => answerProblem(c, site, error))
  return app
}

/** Whose requests are counted together. Only a verified name counts. */
function callerOf(c: Ctx, { strangers }: Site): string {
  const session = c.get('session')
  return session === null ? strangers(c, 'pages') : countedPerson(session.principal)
}

function answerProblem(c: Ctx, site: Site, error: unknown): Response | Promise<Response> {
  const { problem, retryAfterMs } = refusalOf(error)
  // In whole seconds, and never before the time.
  if (retryAfterMs !== null) c.header('Retry-After', `${Math.max(1, Math.ceil(retryAfterMs / 1_000))}`)
  const requestId = c.get('requestId') ?? randomUUID()
  if (problem.status >= 500)
    site.settings.logger.error({ requestId, route: c.req.routePath, error: kindOf(error) }, problem.detail)
  if (c.req.path.startsWith(site.at('/api/')))
    return c.json({ type: 'about:blank', ...problem, requestId }, problem.status, {
      'Content-Type': 'application/problem+json',
    })
  return page(
    c,
    site,
    { title: problem.title, status: problem.status },
    html`<h1>${problem.title}</h1>
      <p>${problem.detail}</p>
      <p><small>Request ${requestId}</small></p>
      <p><a href="${site.at('/requests')}">Back to the inbox</a></p>`,
  )
}

/** What may be said of an error in a log: its kind and where, never what it holds (T43). */
function kindOf(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error }
  const { name, stack = '', cause } = error
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return {
    name,
    stack: frames.slice(0, 8),
    ...(cause instanceof Error ? { cause: { name: cause.name } } : {}),
  }
}
