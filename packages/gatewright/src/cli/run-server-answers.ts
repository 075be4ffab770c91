import { isSafeUrl } from './run-address'
import { ServerUnreachable } from './run-server-client'

/** A request at a server, as far as its asker needs it. */
export interface AskedRequest {
  readonly id: string
  readonly status: string
  readonly argumentsDigest: string
  /** From asking to expiry, in milliseconds: the server's clock may be another. */
  readonly lastsMs: number
  readonly reason: string | null
  readonly link: string | null
  /** Names of those who decided, where the answer holds them. */
  readonly by: readonly string[]
}

/** The licence to run. */
export interface Claim {
  readonly requestId: string
  readonly action: string
  readonly arguments: unknown
  readonly fencingToken: string
  readonly leaseMs: number
}

type Fields = Readonly<Record<string, unknown>>

/** @throws ServerUnreachable for what is no answer of a review server */
export function readRequest(body: Fields): AskedRequest {
  const request = fields(body.request)
  const { progress } = fields(body.review)
  const { votes } = fields(progress)
  const { id, status, argumentsDigest, createdAt, expiresAt, link } = request
  const lastsMs = Number(expiresAt) - Number(createdAt)
  if (!isText(id) || !isText(status) || !isText(argumentsDigest) || Number.isNaN(lastsMs)) throw noAnswer()
  const { reason } = fields(request.resolution)
  const { summary } = fields(request.outcome)
  const why = reason ?? summary
  return {
    id,
    status,
    argumentsDigest,
    lastsMs,
    reason: isText(why) ? why : null,
    link: typeof link === 'string' && isSafeUrl(link) ? link : null,
    by: Array.isArray(votes) ? [...new Set(votes.flatMap((vote) => deciderOf(fields(vote), status)))] : [],
  }
}

/** @throws ServerUnreachable for what is no claim */
export function readClaim({ requestId, action, arguments: args, fencingToken, leaseMs }: Fields): Claim {
  if (!isText(requestId) || !isText(action) || !isText(fencingToken)) throw noAnswer()
  if (typeof leaseMs !== 'number' || !(leaseMs > 0)) throw noAnswer()
  return { requestId, action, arguments: args, fencingToken, leaseMs }
}

function deciderOf({ by, counts, decision }: Fields, status: string): readonly string[] {
  const decided = status === 'rejected' ? decision === 'reject' : counts === true
  return decided && isText(by) ? [by] : []
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function noAnswer(): ServerUnreachable {
  return new ServerUnreachable('what answered there is no review server')
}
