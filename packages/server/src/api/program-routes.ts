import { sha256Hex } from '@gatewright/core'
import type { RemoteAgent } from '@gatewright/core/review'
import { createRoute, z } from '@hono/zod-openapi'
import type { Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import { type Api, idOf, shown } from './api'
import { type Caller, callerOf, type Program, programWith } from './caller'
import { answer, BEARER, body, PROGRAM, path, problems } from './common-schema'
import { defined } from './defined'
import { exactArguments } from './exact-json'
import { summary } from './request-schema'
import { ask, askHeaders, beaten, cancel, changed, claim, claimed, heartbeat, outcome } from './run-schema'
import { noSuchRequest, seen, sightOf } from './sight'

const askRoute = createRoute({
  method: 'post',
  path: '/v1/requests',
  operationId: 'createRequest',
  tags: ['Programs'],
  summary: 'Ask for approval of a call',
  description:
    'The same key with the same arguments is the same request, however often it is sent; with other arguments it is a conflict. A call that policy allows comes back `approved` without anybody’s vote; one that policy denies is a problem 403.',
  security: PROGRAM,
  request: { headers: askHeaders, body: body(ask) },
  responses: {
    201: {
      ...answer('The request, new or as it stands.', z.object({ request: summary })),
      headers: z.object({ Location: z.string().openapi({ description: 'The request’s path in this API.' }) }),
    },
    ...problems(400, 403, 409, 413, 415),
  },
})

const claimRoute = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/claim',
  operationId: 'claim',
  tags: ['Programs'],
  summary: 'Take an approval, for one execution',
  description:
    'Policy, pins and reviewers are checked once more, and the request’s whole story is in the audit log before the answer. Of all that claim, one gets it.',
  security: PROGRAM,
  request: { params: path, body: body(claim) },
  responses: { 200: answer('The licence to run.', claimed), ...problems(400, 403, 404, 409, 413, 415) },
})

const heartbeatRoute = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/heartbeat',
  operationId: 'heartbeat',
  tags: ['Programs'],
  summary: 'Give a sign of life while it runs',
  description: 'Without one for a lease, the run counts as cut off: its outcome is `unknown`.',
  security: PROGRAM,
  request: { params: path, body: body(heartbeat) },
  responses: { 200: answer('It still runs.', beaten), ...problems(400, 403, 404, 409, 413, 415) },
})

const outcomeRoute = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/outcome',
  operationId: 'tellOutcome',
  tags: ['Programs'],
  summary: 'Tell how the run ended',
  description:
    'The first word counts; the same word again is answered the same. After the outcome had become `unknown` it is kept as `lateOutcome`.',
  security: PROGRAM,
  request: { params: path, body: body(outcome) },
  responses: { 200: answer('The request as it stands.', changed), ...problems(400, 403, 404, 409, 413, 415) },
})

const cancelRoute = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/cancel',
  operationId: 'cancelRequest',
  tags: ['Requests'],
  summary: 'Cancel what has not started',
  description:
    'For the agent that asked, for whoever answers for it, and for the person it acts for. Reviewers reject instead.',
  security: BEARER,
  request: { params: path, body: body(cancel) },
  responses: { 200: answer('It is cancelled.', changed), ...problems(400, 403, 404, 409, 413, 415) },
})

/** Gating for programs in any language: ask, claim, run by themselves, tell the outcome. */
export function programRoutes(api: Api, site: Site): void {
  const { access, gate, at } = site
  const { remote } = access

  api.openapi(askRoute, async (c) => {
    const key = programWith(callerOf(c), 'request')
    const { action, arguments: given, argumentsDigest, model, ...words } = c.req.valid('json')
    const idempotencyKey = c.req.valid('header')['idempotency-key']
    if (idempotencyKey === undefined && words.callId === undefined)
      throw new HttpProblem(
        422,
        'key-missing',
        'An "Idempotency-Key" header or "callId" is needed: a call that is sent twice must not be asked, or run, twice. Nothing was asked.',
      )
    const { args, text } = exactArguments(given)
    // I2: what the program meant is what people will see, or nobody is asked.
    if (argumentsDigest !== undefined && argumentsDigest !== sha256Hex(text))
      throw new HttpProblem(
        422,
        'digest-differs',
        'argumentsDigest is not the SHA-256 of the RFC 8785 JSON of [arguments]. Nothing was asked.',
      )
    const answered = await remote.ask(agentOf(key, model), {
      action,
      args,
      // T03: whom the agent acts for is the key's to say.
      context: {
        ...defined({ ...words, key: idempotencyKey }),
        onBehalfOf: key.onBehalfOf ?? null,
      },
    })
    if (answered.requestId === null)
      throw new HttpProblem(
        403,
        'ERR_APPROVAL_DENIED',
        `${action} was denied by policy: ${answered.reason ?? 'no reason was given'}. Nothing was asked.`,
      )
    const request = await gate.requests.get(answered.requestId)
    if (request === null) throw noSuchRequest()
    c.header('Location', at(`/api/v1/requests/${encodeURIComponent(request.id)}`))
    return c.json({ request: shown(site, request) }, 201)
  })

  api.openapi(claimRoute, async (c) => {
    const agent = agentOf(programWith(callerOf(c), 'request'))
    const { lease, ...options } = c.req.valid('json')
    return c.json(await remote.claim(agent, idOf(c), { ...options, ...leaseOf(lease) }), 200)
  })

  api.openapi(heartbeatRoute, async (c) => {
    const agent = agentOf(programWith(callerOf(c), 'request'))
    const { fencingToken, lease } = c.req.valid('json')
    return c.json(await remote.heartbeat(agent, idOf(c), { fencingToken, ...leaseOf(lease) }), 200)
  })

  api.openapi(outcomeRoute, async (c) => {
    const agent = agentOf(programWith(callerOf(c), 'request'))
    const { fencingToken, status, summary: words, resultDigest } = c.req.valid('json')
    const told = { status, ...defined({ summary: words, resultDigest }) }
    const request = await remote.outcome(agent, idOf(c), fencingToken, told)
    return c.json({ request: shown(site, request) }, 200)
  })

  api.openapi(cancelRoute, async (c) => {
    const id = idOf(c)
    const caller = callerOf(c)
    const by = await canceller(caller, id)
    const { reason = 'no reason was given' } = c.req.valid('json')
    const cancelled = await gate.cancel(id, { reason: `cancelled by ${by.name}: ${reason}`, ...by.person })
    if (cancelled === null) throw noSuchRequest()
    if (cancelled.status !== 'cancelled')
      throw new HttpProblem(409, 'too-late', `It is ${cancelled.status}, so it was not cancelled.`)
    return c.json({ request: shown(site, cancelled) }, 200)
  })

  /** Whose request it is may cancel it; whoever else sees it may not, and nobody else learns of it (T04). */
  async function canceller(caller: Caller, id: string) {
    const request = await seen(sightOf(site, caller), await gate.requests.get(id))
    if (caller.type === 'program') {
      const key = programWith(caller, 'request')
      if (request.requester.id === key.id) return { name: key.name ?? key.id, person: {} }
    } else {
      const [standing] = await access.standings.of([request], caller.principal)
      if (standing === 'own') return { name: caller.principal.name, person: { by: caller.principal } }
    }
    throw new HttpProblem(
      403,
      'not-yours',
      'The agent that asked, whoever answers for it, and the person it acts for may cancel it. Nothing was done.',
    )
  }
}

function agentOf({ id, name = id, owner = null }: Program, model?: string): RemoteAgent {
  return { id, name, owner, ...(model === undefined ? {} : { model }) }
}

function leaseOf(seconds: number | undefined) {
  return seconds === undefined ? {} : { lease: `${seconds}s` as const }
}
