import { REQUEST_STATUSES } from '@gatewright/core/review'
import { z } from '@hono/zod-openapi'

/** @param example - shown in the description of the API */
export function text(description: string, example?: string) {
  return z.string().openapi({ description, ...(example === undefined ? {} : { example }) })
}

export function list<T extends z.ZodType>(of: T, description: string) {
  return z.array(of).readonly().openapi({ description })
}

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is a SHA-256 in lower-case hex')
  .openapi({
    description: 'SHA-256 in lower-case hex.',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })

export const time = z.number().openapi({
  description: 'Milliseconds since the Unix epoch, by the store’s clock.',
  example: 1795651200000,
})

export const status = z.enum(REQUEST_STATUSES).openapi('RequestStatus', {
  description:
    '`pending` waits for people. `approved` may be claimed once. `executing` was claimed. `rejected`, `expired`, `cancelled`, `undeliverable`, `lapsed` (approved, not used in time), `invalidated` (the approval fell) and `blocked` (refused after the claim) never ran. `succeeded` and `failed` ran. `unknown` may have run: nobody runs it again.',
})

/** Problem details (RFC 9457). */
export const problem = z
  .object({
    type: text('Always `about:blank`: `code` decides.', 'about:blank'),
    code: text('What went wrong, for programs; stable.', 'ERR_REQUEST_NOT_FOUND'),
    status: z.number().int().openapi({ description: 'The HTTP status.', example: 404 }),
    title: text('The kind of problem.', 'Not found'),
    detail: text(
      'What happened, what did not happen, and what to do. Holds no argument and no secret.',
      'There is no such request, or it is not yours to see. Nothing was done.',
    ),
    requestId: text('Names this HTTP request in the server’s log. Also in `X-Request-Id`.'),
    errors: list(
      z.object({ path: text('JSON Pointer to the field.', '/decision'), message: text('What is wrong.') }),
      'Which fields are not valid.',
    ).optional(),
    link: text('Where a person can go on, signed in.').optional(),
  })
  .openapi('Problem', { description: 'Problem details (RFC 9457).' })

const SAID = {
  400: 'The body is no JSON.',
  401: 'No credential, or one that is not valid. `WWW-Authenticate` says how to authenticate.',
  403: 'Refused: by policy, by the scope of the key, or because this needs a person.',
  404: 'There is no such request, or the caller may not know of it.',
  409: 'It is not, or no longer, in a state in which this can be done.',
  413: 'The body is too large.',
  415: 'The body is not said to be JSON.',
  422: 'A field is not valid, or not known. `errors` names it.',
  429: 'Too many requests, of this server or by the gate’s own limits: wait for `Retry-After` seconds. `too-many-open` says none: end an answer first.',
  500: 'Something went wrong here.',
  503: 'Something that is needed does not answer just now. Nothing was decided.',
} as const

const requestId = {
  'X-Request-Id': { description: 'Names this request in the log.', schema: { type: 'string' as const } },
}

const retryAfter = {
  'Retry-After': {
    description: 'After so many seconds the same may succeed.',
    schema: { type: 'integer' as const, minimum: 1 },
  },
}

/** The problem answers that a route may give, beside those that every route may. */
export function problems<Status extends keyof typeof SAID>(...statuses: Status[]) {
  const every = [401, 422, 429, 500, 503] as const
  const answer = (status: keyof typeof SAID) => ({
    description: SAID[status],
    headers: status === 429 ? { ...requestId, ...retryAfter } : requestId,
    content: { 'application/problem+json': { schema: problem } },
  })
  return Object.fromEntries([...every, ...statuses].map((status) => [status, answer(status)])) as {
    readonly [Key in Status | (typeof every)[number]]: ReturnType<typeof answer>
  }
}

/** A body that must be JSON. */
export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const
}

/** A JSON answer. */
export function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, headers: requestId, content: { 'application/json': { schema } } } as const
}

/** The path of a request. */
export const path = z.strictObject({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    description: 'The request’s id.',
    example: '01KAZ4Q9W3M2T8V5XH6C7B1D0E',
  }),
})

/** A whole number in a query. */
export function count(
  description: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
) {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'is a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most))
    .optional()
    .openapi({
      type: 'integer',
      description: `${description} From ${least} to ${most}; ${otherwise} unless said.`,
      minimum: least,
      maximum: most,
      default: otherwise,
    })
}

/** A time in a query. */
export const instant = (description: string) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'is milliseconds since the epoch')
    .transform(Number)
    .optional()
    .openapi({
      type: 'integer',
      description: `${description} Milliseconds since the Unix epoch.`,
      example: 1795651200000,
    })

export const BEARER = [{ apiKey: [] }, { idToken: [] }, { session: [] }]
export const PROGRAM = [{ apiKey: [] }]
export const PERSON = [{ idToken: [] }, { session: [] }]
