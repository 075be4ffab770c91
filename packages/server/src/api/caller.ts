import type { Principal } from '@gatewright/core'
import { decodeJwt } from 'jose'
import type { Ctx, Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import { countedPerson } from '../http/who'
import { assertCsrf } from '../sign-in/csrf'
import { type SignIn, SignInError } from '../sign-in/sign-in'
import { type ApiKey, type ApiScope, findApiKey } from './api-keys'
import { isOfProgram } from './job-tokens'

/** Who calls the API: a program by its key, or a person by their own token or their browser's session (I5). */
export type Caller =
  | { readonly type: 'program'; readonly key: Program }
  | { readonly type: 'person'; readonly principal: Principal }

/** A program: by its API key, or the job that its token tells of. */
export interface Program extends Omit<ApiKey, 'hash'> {
  /** Who vouches for it. @default this server's own list of keys */
  readonly issuer?: string
}

const LONGEST_TOKEN = 16_384

/**
 * Who calls. One credential counts: where there is an `Authorization` header, no cookie is looked at.
 *
 * @throws HttpProblem 401 with `WWW-Authenticate` when nobody is proved, 403 for a session's request that may come from
 *   another site (T29); SignInError when the provider does not answer, or refuses this person
 */
export async function authenticate(c: Ctx, site: Site): Promise<Caller> {
  const header = c.req.header('authorization')
  if (header !== undefined) {
    const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(header) ?? []
    if (token === undefined || token.length > LONGEST_TOKEN)
      throw unauthenticated(c, 'The Authorization header is not "Bearer" and a token.', 'invalid_request')
    if (token.startsWith('gw_')) return program(c, site, token)
    return site.jobs.claims(token) ? job(c, site, token) : person(c, site, token)
  }
  const session = await site.sessions.read(c)
  if (session === null)
    throw unauthenticated(c, 'Send an API key or your own ID token as "Authorization: Bearer …", or sign in.')
  // Named in `problem` answers and logs like a page's.
  c.set('session', session)
  if (!isSafe(c.req.method)) await assertCsrf(c, site, session)
  return { type: 'person', principal: session.principal }
}

/** Who calls, in a route behind the authentication. @throws HttpProblem 401 where nothing authenticated: never nobody's route */
export function callerOf(c: Ctx): Caller {
  return c.get('caller') ?? fail(unauthenticated(c, 'Nobody authenticated.'))
}

function fail(problem: HttpProblem): never {
  throw problem
}

/** Who acts. A key is a service: the gate refuses its vote, and records that it tried (I5, I6). */
export function actorOf(caller: Caller): Principal {
  if (caller.type === 'person') return caller.principal
  const { id, issuer = 'gatewright:api-key', name = id } = caller.key
  return {
    type: 'service',
    issuer,
    subject: id,
    name,
    groups: [],
    assurance: { method: 'token' },
  }
}

/** The name under which a caller's requests are counted. */
export function countedCaller(caller: Caller): string {
  return caller.type === 'program' ? `key ${caller.key.id}` : countedPerson(caller.principal)
}

/** A program that may do this. @throws HttpProblem 403 for people, and for a key without the scope */
export function programWith(caller: Caller, scope: ApiScope): Program {
  if (caller.type !== 'program')
    throw new HttpProblem(403, 'key-needed', 'Programs do this, with an API key. Nothing was done.')
  if (!caller.key.scopes.includes(scope))
    throw new HttpProblem(403, 'scope', `This API key has no scope "${scope}". Nothing was done.`)
  return caller.key
}

function program(c: Ctx, { settings }: Site, token: string): Caller {
  const key = findApiKey(settings.apiKeys, token)
  if (key === null) throw unauthenticated(c, 'This API key is not known here.', 'invalid_token')
  return { type: 'program', key }
}

async function job(c: Ctx, { jobs }: Site, token: string): Promise<Caller> {
  try {
    return { type: 'program', key: await jobs.verify(token) }
  } catch (error) {
    if (error instanceof HttpProblem && error.problem.status === 401)
      throw unauthenticated(c, error.problem.detail, 'invalid_token')
    throw error
  }
}

async function person(c: Ctx, { settings }: Site, token: string): Promise<Caller> {
  if (isOfProgram(token))
    throw unauthenticated(
      c,
      'The token is one of a job or another program, and no person’s.',
      'invalid_token',
    )
  const issuer = issuerOf(token)
  // What the token says of itself chooses who is asked, and proves nothing.
  const providers = settings.signIns.filter((one) => issuer !== null && one.issued(issuer))
  let problem: unknown = null
  for (const provider of providers) {
    try {
      return { type: 'person', principal: await verified(provider, token) }
    } catch (error) {
      problem = error
    }
  }
  if (problem instanceof SignInError && problem.reason !== 'failed') throw problem
  throw unauthenticated(c, 'The token is not valid here.', 'invalid_token')
}

async function verified(provider: SignIn, token: string): Promise<Principal> {
  const principal = await provider.verifyToken(token)
  // I5: a provider that vouches for anything but people vouches for nobody here.
  if (principal.type !== 'human') throw new SignInError('refused', 'Only people have tokens here.')
  return principal
}

function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null
  } catch {
    return null
  }
}

/** RFC 6750: how to authenticate, and what was wrong. */
function unauthenticated(c: Ctx, detail: string, error?: string): HttpProblem {
  c.header('WWW-Authenticate', `Bearer realm="gatewright"${error === undefined ? '' : `, error="${error}"`}`)
  return new HttpProblem(401, 'unauthenticated', detail)
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}
