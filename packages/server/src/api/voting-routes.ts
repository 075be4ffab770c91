import type { ArgumentEdit, VoteReceipt, VoteRefusal } from '@gatewright/core'
import { createRoute } from '@hono/zod-openapi'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import { type Api, idOf } from './api'
import { actorOf, callerOf } from './caller'
import { answer, body, PERSON, path, problems } from './common-schema'
import { defined } from './defined'
import { noSuchRequest } from './sight'
import { receipt, vote } from './vote-schema'

const voteRoute = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/votes',
  operationId: 'vote',
  tags: ['Votes'],
  summary: 'Vote, as the person who authenticated',
  description:
    'Only people vote: with their own ID token or their browser’s session (and its `X-CSRF-Token`), never with an API key. The same vote again is answered `already-counted`.',
  security: PERSON,
  request: { params: path, body: body(vote) },
  responses: { 200: answer('The vote counts.', receipt), ...problems(400, 403, 404, 409, 413, 415) },
})

const REFUSED: Readonly<Record<VoteRefusal, ContentfulStatusCode>> = {
  'not-found': 404,
  'not-human': 403,
  'own-request': 403,
  assurance: 403,
  digest: 409,
  'incomplete-view': 409,
  'note-needed': 422,
  'earlier-stage': 409,
  'identity-unavailable': 503,
  'edit-invalid': 422,
  'edit-denied': 403,
  'edit-unsupported': 422,
}

/** Voting. The actor is who authenticated, whatever the body says (I5, T03). */
export function votingRoutes(api: Api, { gate }: Site): void {
  api.openapi(voteRoute, async (c) => {
    const { edits, ...word } = c.req.valid('json')
    const said = await gate.vote({
      requestId: idOf(c),
      actor: actorOf(callerOf(c)),
      ...defined({ ...word, edits: edits as readonly ArgumentEdit[] | undefined }),
    })
    if (said.status === 'counted' || said.status === 'already-counted')
      return c.json({ status: said.status, requestStatus: said.requestStatus, message: said.message }, 200)
    // RFC 9470: the person has to sign in again, better.
    if (said.status === 'refused' && said.reason === 'assurance')
      c.header('WWW-Authenticate', 'Bearer realm="gatewright", error="insufficient_user_authentication"')
    throw refusal(said)
  })
}

function refusal(said: Extract<VoteReceipt, { status: 'refused' | 'too-late' }>): HttpProblem {
  if (said.status === 'too-late') return new HttpProblem(409, 'vote-too-late', said.message)
  const { reason, message, link } = said
  if (reason === 'not-found') return noSuchRequest()
  return new HttpProblem(REFUSED[reason], `vote-${reason}`, message, link === undefined ? {} : { link })
}
