import type { ApprovalRequest, RequestFilter } from '@gatewright/core'
import { REQUEST_STATUSES } from '@gatewright/core/review'
import { createRoute, z } from '@hono/zod-openapi'
import type { Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import type { Slots } from '../http/slots'
import { createSealedCookies } from '../sign-in/sealed-cookie'
import { type Api, idOf, shown } from './api'
import { type Caller, callerOf, countedCaller } from './caller'
import { answer, BEARER, count, instant, list, path, problems, text } from './common-schema'
import { createCursors } from './cursor'
import { defined } from './defined'
import { review, summary } from './request-schema'
import { noSuchRequest, type Sight, seen, sightOf } from './sight'

const statuses = z
  .string()
  .max(500)
  .optional()
  .transform((value) => value?.split(','))
  .pipe(z.array(z.enum(REQUEST_STATUSES)).optional())
  .openapi({
    type: 'string',
    description: 'One status, or several with commas between.',
    example: 'pending,approved',
  })

const one = (description: string) => z.string().min(1).max(500).optional().openapi({ description })

const listRoute = createRoute({
  method: 'get',
  path: '/v1/requests',
  operationId: 'listRequests',
  tags: ['Requests'],
  summary: 'List requests, newest first',
  description:
    'Those that the caller may know of: an agent its own, a person what asks or concerns them, viewers and `read` keys all. A page may hold fewer than `limit`, even none: the end is where `cursor` is null.',
  security: BEARER,
  request: {
    query: z.strictObject({
      status: statuses,
      action: one('Of this action.'),
      requester: one('By the agent of this id.'),
      runId: one('Of this run.'),
      createdAfter: instant('Created later than this.'),
      createdBefore: instant('Created earlier than this.'),
      limit: count('The most on one page.', { least: 1, most: 200, otherwise: 50 }),
      cursor: z.string().min(1).max(4_000).optional().openapi({
        description: 'From the page before, with the same filters. Good for a day.',
      }),
    }),
  },
  responses: {
    200: answer(
      'A page.',
      z.object({
        requests: list(summary, 'Newest first.'),
        cursor: text('Give it back to go on.').nullable(),
      }),
    ),
    ...problems(),
  },
})

const getRoute = createRoute({
  method: 'get',
  path: '/v1/requests/{id}',
  operationId: 'getRequest',
  tags: ['Requests'],
  summary: 'Get a request and what reviewers see of it, or wait for its decision',
  description:
    'With `wait`, the answer comes once the request is no longer pending, or after that many seconds.',
  security: BEARER,
  request: {
    params: path,
    query: z.strictObject({
      wait: count('Seconds to wait for a decision.', { least: 0, most: 60, otherwise: 0 }),
    }),
  },
  responses: {
    200: answer('The request as it stands.', z.object({ request: summary, review })),
    ...problems(404),
  },
})

const statisticsRoute = createRoute({
  method: 'get',
  path: '/v1/statistics',
  operationId: 'getStatistics',
  tags: ['Requests'],
  summary: 'What became of the newest requests',
  description: 'For `read` keys and viewers of all requests; for an agent’s key of its own.',
  security: BEARER,
  request: {
    query: z.strictObject({
      action: one('Of this action.'),
      requester: one('By the agent of this id.'),
      createdAfter: instant('Created later than this.'),
      createdBefore: instant('Created earlier than this.'),
      most: count('The newest so many.', { least: 1, most: 10_000, otherwise: 1_000 }),
    }),
  },
  responses: {
    200: answer(
      'Counts and times.',
      z
        .object({
          requests: z.number().openapi({ description: 'How many were looked at.' }),
          approved: z.number(),
          rejected: z.number(),
          unanswered: z.number().openapi({ description: 'Expired, or nobody could be reached.' }),
          cancelled: z.number(),
          waiting: z.number(),
          approvalRate: z
            .number()
            .nullable()
            .openapi({ description: 'Approved among approved and rejected.' }),
          decisionMs: z
            .object({ median: z.number(), p90: z.number() })
            .nullable()
            .openapi({ description: 'From asking to the decision. Milliseconds.' }),
        })
        .openapi('Statistics'),
    ),
    ...problems(403),
  },
})

/** Pages of a store that are read for one page of somebody who may see few of them. */
const MOST_PAGES = 10

/** Reading: the list, one request, waiting for its decision, and statistics. Decides nothing (T29). */
export function readingRoutes(api: Api, site: Site, slots: Slots): void {
  const { gate, access, settings } = site
  const cursors = createCursors(createSealedCookies(settings.secrets, settings.now))

  api.openapi(listRoute, async (c) => {
    const { status, requester, limit = 50, cursor, ...rest } = c.req.valid('query')
    const caller = callerOf(c)
    const sight = sightOf(site, caller)
    const filter = defined({ ...rest, status, requesterId: requester, ...sight.within })
    const who = countedCaller(caller)
    // An agent that asks for another's requests sees none of them, and none of its own either.
    if (requester !== undefined && filter.requesterId !== requester)
      return c.json({ requests: [], cursor: null }, 200)
    const from = cursor === undefined ? null : await cursors.open(cursor, filter, who)
    const page = await visiblePage(sight, filter, from, limit)
    return c.json(
      {
        requests: page.requests.map((request) => shown(site, request)),
        cursor: page.cursor === null ? null : await cursors.seal(page.cursor, filter, who),
      },
      200,
    )
  })

  /** The first page with anything on it that may be seen. */
  async function visiblePage(sight: Sight, filter: RequestFilter, from: string | null, limit: number) {
    let cursor = from
    let requests: readonly ApprovalRequest[] = []
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const page = await gate.requests.list(filter, { cursor, limit })
      const sees = await sight.sees(page.requests)
      requests = page.requests.filter((_, index) => sees[index])
      cursor = page.cursor
      if (requests.length > 0 || cursor === null) break
    }
    return { requests, cursor }
  }

  api.openapi(getRoute, async (c) => {
    const id = idOf(c)
    const { wait = 0 } = c.req.valid('query')
    const caller = callerOf(c)
    const sight = sightOf(site, caller)
    let request = await seen(sight, await gate.requests.get(id))
    if (wait > 0 && request.status === 'pending' && c.req.raw.method === 'GET') {
      const ending = new AbortController()
      const end = (): void => ending.abort()
      const leave = slots.take(countedCaller(caller), end)
      c.req.raw.signal.addEventListener('abort', end, { once: true })
      try {
        const decided = await access.following.decided(id, wait * 1_000, ending.signal)
        // Asked again: whoever lost their role while waiting sees nothing more (T23).
        request = await seen(sight, decided)
      } finally {
        leave()
      }
    }
    const document = await gate.requests.review(id)
    if (document === null) throw noSuchRequest()
    return c.json({ request: shown(site, request), review: document }, 200)
  })

  api.openapi(statisticsRoute, async (c) => {
    const { requester, ...rest } = c.req.valid('query')
    const within = await statisticsWithin(callerOf(c), requester)
    return c.json(await access.statistics(defined({ ...rest, ...within })), 200)
  })

  /** T04: counts tell of requests, so they are for those who may know of each. */
  async function statisticsWithin(
    caller: Caller,
    requester: string | undefined,
  ): Promise<{ readonly requesterId: string | undefined }> {
    const own = caller.type === 'program' && !caller.key.scopes.includes('read') ? caller.key.id : null
    const all =
      caller.type === 'program'
        ? own === null
        : await access.standings.isMember(caller.principal, settings.viewers)
    if (all) return { requesterId: requester }
    if (own !== null && (requester === undefined || requester === own)) return { requesterId: own }
    throw new HttpProblem(
      403,
      'viewers',
      'Statistics are for viewers, for "read" keys, and for an agent of its own.',
    )
  }
}
