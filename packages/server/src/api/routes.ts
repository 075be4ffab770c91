import type { MiddlewareHandler } from 'hono'
import type { Environment, Site } from '../http/environment'
import { HttpProblem, tooManyRequests } from '../http/problems'
import type { RateLimiter } from '../http/rate-limiter'
import { createSlots } from '../http/slots'
import { type Api, createApi } from './api'
import { authenticate, type Caller, countedCaller } from './caller'
import { DOCUMENT_PATH, describeApi, describeSecurity } from './document'
import { eventRoutes } from './event-routes'
import { assertJson } from './json-body'
import { programRoutes } from './program-routes'
import { readingRoutes } from './reading-routes'
import { recordRefusedVotes } from './refused-votes'
import { votingRoutes } from './voting-routes'

/**
 * The API, to be mounted at `/api`: `/v1/…`, and its description at `/openapi.json`, for everybody. No other origin's page
 * can use it: there is no CORS.
 *
 * @param limiter - counts requests of a key, a person, or of an address that proved to be neither
 */
export function apiRoutes(site: Site, limiter: RateLimiter | null): Api {
  const api = createApi(site)
  describeSecurity(api)
  api.use('/v1/*', onlyKnown(site, limiter))
  api.use('/v1/requests/:id/votes', recordRefusedVotes(site))
  api.use('/v1/*', async (c, next) => {
    if (c.req.method === 'POST') await assertJson(c)
    await next()
  })
  const slots = createSlots(site.closing)
  readingRoutes(api, site, slots)
  eventRoutes(api, site, slots)
  votingRoutes(api, site)
  programRoutes(api, site)

  const document = describeApi(api, site)
  api.get(DOCUMENT_PATH, (c) => c.json(document))
  refuseOtherMethods(api)
  api.all('*', () => {
    throw new HttpProblem(404, 'not-found', 'There is nothing here. /api/openapi.json says what there is.')
  })
  return api
}

/** Lets only those in who proved who they are, each so often. */
function onlyKnown(site: Site, limiter: RateLimiter | null): MiddlewareHandler<Environment> {
  const count = (who: string): void => {
    const waitMs = limiter?.hit(who) ?? 0
    if (waitMs > 0) throw tooManyRequests(waitMs)
  }
  return async (c, next) => {
    if (c.req.method === 'OPTIONS') return next()
    let caller: Caller
    try {
      caller = await authenticate(c, site)
    } catch (error) {
      // Guessing costs: who proves nothing is counted by where it comes from.
      count(site.strangers(c, 'api'))
      throw error
    }
    count(countedCaller(caller))
    c.set('caller', caller)
    await next()
  }
}

/** RFC 9110: what is there and not done in this way says in which ways it is. */
function refuseOtherMethods(api: Api): void {
  const methods = new Map<string, Set<string>>([[DOCUMENT_PATH, new Set(['GET', 'HEAD'])]])
  for (const definition of api.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue
    const path = definition.route.path.replaceAll(/\/{(.+?)}/g, '/:$1')
    const known = methods.get(path) ?? new Set()
    known.add(definition.route.method.toUpperCase())
    if (definition.route.method === 'get') known.add('HEAD')
    methods.set(path, known)
  }
  for (const [path, known] of methods) {
    const allow = [...known, 'OPTIONS'].join(', ')
    api.all(path, (c) => {
      c.header('Allow', allow)
      if (c.req.method === 'OPTIONS') return c.body(null, 204)
      throw new HttpProblem(405, 'method', `This is not done with ${c.req.method}. It is with ${allow}.`)
    })
  }
}
