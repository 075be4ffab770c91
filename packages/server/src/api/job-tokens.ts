import { checkOptions, OptionError, type Principal } from '@gatewright/core'
import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import { privateUrl } from '../http/loopback'
import { HttpProblem } from '../http/problems'
import { CLAIMS_OF_CLIENTS } from '../sign-in/claims'
import { type ApiKey, isPerson } from './api-keys'
import type { Program } from './caller'

/** What a job's ID token says, once it is verified. */
export type JobClaims = Readonly<JWTPayload>

/** Jobs of a CI system that ask with their own ID tokens, so that no key lies anywhere. Votes are never cast with one (I5). */
export interface JobTokens {
  /** Who issues them, exactly: `https://token.actions.githubusercontent.com`, or the address of your GitLab. https, or http on this computer. */
  readonly issuer: string
  /** For whom they must be: a name of this server's own, never the client id of a sign-in. */
  readonly audience: string
  /** Where its keys are. @default what its discovery document says */
  readonly keys?: string
  /** Whether this job may ask. Anything but `true`, and what it throws, refuses. */
  readonly allow: (claims: JobClaims) => boolean
  /**
   * The id of the agent, as for an API key: jobs of one id can claim what any of them asked for. Make it of claims that no
   * other job can have.
   */
  readonly agent: (claims: JobClaims) => string
  /** Who answers for them; `null` says that nobody does. */
  readonly owner: Principal | null
  /** The person for whom the job acts, who cannot review its calls: whoever started it, by its claims. @default nobody */
  readonly onBehalfOf?: (claims: JobClaims) => Principal | null
}

/** Tells which program a job is. */
export interface Jobs {
  /** Whether a token says that it is one of a job: that chooses who verifies it, and proves nothing. */
  claims(token: string): boolean
  /**
   * @throws HttpProblem 401 for what is not valid here, 403 for a job that may not ask, 503 while its issuer's keys cannot be had
   */
  verify(token: string): Promise<Program>
}

/** Signatures by a key pair alone: whoever can verify a token cannot make one. */
const ALGORITHMS = ['RS256', 'ES256', 'PS256', 'ES384', 'EdDSA', 'RS384', 'RS512', 'PS384', 'PS512', 'ES512']
const SKEW_SECONDS = 30
const TIMEOUT_MS = 10_000
const LONGEST_ID = 200

/** Claims that GitHub and GitLab give to jobs, and no provider gives to people. */
const CLAIMS_OF_JOBS = ['job_id', 'job_workflow_ref', 'pipeline_id', 'runner_id']

/**
 * Whether a token says that it is one of a job or another program, whoever takes it. GitLab signs people in and issues tokens
 * for jobs under one name, a job chooses the audience itself, and its token has the groups of whoever started it; Google gives
 * tokens for any audience to service accounts, and others give them to programs that sign in by themselves. A program that
 * acts for a person has a token with their subject, and says so (RFC 8693, `act`; T02). It is nobody's vote (I5).
 */
export function isOfProgram(token: string): boolean {
  try {
    const claims = decodeJwt(token)
    return (
      CLAIMS_OF_JOBS.some((claim) => claims[claim] !== undefined) ||
      CLAIMS_OF_CLIENTS.some((claim) => claims[claim] !== undefined && claims[claim] === claims.sub) ||
      claims.act !== undefined ||
      claims.idtyp === 'app' ||
      claims.gty === 'client-credentials'
    )
  } catch {
    return false
  }
}

/** @throws OptionError naming what is wrong */
export function checkJobTokens(given: readonly JobTokens[]): readonly JobTokens[] {
  const option = 'createReviewServer.jobTokens'
  if (!Array.isArray(given)) throw new OptionError(option, 'is a list')
  for (const [index, one] of (given as readonly JobTokens[]).entries()) {
    const where = `${option}[${index}]`
    checkOptions(one, ['issuer', 'audience', 'keys', 'allow', 'agent', 'owner', 'onBehalfOf'], where)
    for (const name of ['issuer', 'keys'] as const)
      if ((name === 'issuer' || one.keys !== undefined) && privateUrl(one[name]) === null)
        throw new OptionError(`${where}.${name}`, 'is an https address (http only on this computer)')
    // T18: what is missing is never taken for "no check".
    if (typeof one.audience !== 'string' || one.audience.trim() === '')
      throw new OptionError(`${where}.audience`, 'is needed, and not empty')
    for (const name of ['allow', 'agent'] as const)
      if (typeof one[name] !== 'function')
        throw new OptionError(`${where}.${name}`, 'is needed: a function of the claims')
    if (one.onBehalfOf !== undefined && typeof one.onBehalfOf !== 'function')
      throw new OptionError(`${where}.onBehalfOf`, 'is a function of the claims')
    if (one.owner !== null && !isPerson(one.owner ?? ({} as Principal)))
      throw new OptionError(
        `${where}.owner`,
        'is needed: a person, as person(issuer, subject), or null to say "nobody"',
      )
  }
  const names = given.map(({ issuer, audience }) => JSON.stringify([issuer, audience]))
  if (new Set(names).size < names.length)
    throw new OptionError(option, 'two of them have one issuer and audience: join them')
  return given
}

/**
 * Makes the verifier of jobs' tokens.
 *
 * @param apiKeys - whose ids no job may have
 * @param agentId - nor that of the gate's own agent
 * @param now - milliseconds since the epoch
 */
export function createJobs(
  all: readonly JobTokens[],
  {
    apiKeys,
    agentId,
    now,
  }: { readonly apiKeys: readonly ApiKey[]; readonly agentId: string; readonly now: () => number },
): Jobs {
  const taken = new Set([agentId, ...apiKeys.map(({ id }) => id)])
  const verifiers = all.map((one) => ({ one, keys: keysOf(one) }))

  function find(token: string) {
    try {
      const { iss, aud = [] } = decodeJwt(token)
      return verifiers.find(({ one }) => one.issuer === iss && [aud].flat().includes(one.audience))
    } catch {
      return undefined
    }
  }

  return {
    claims: (token) => find(token) !== undefined,
    async verify(token) {
      const verifier = find(token)
      if (verifier === undefined) throw notValid()
      const { one, keys } = verifier
      let claims: JobClaims
      try {
        const { payload } = await jwtVerify(token, await keys(), {
          issuer: one.issuer,
          audience: one.audience,
          algorithms: ALGORITHMS,
          clockTolerance: SKEW_SECONDS,
          currentDate: new Date(now()),
          requiredClaims: ['exp', 'iat', 'sub'],
        })
        claims = payload
      } catch (error) {
        throw isRefusal(error) ? notValid() : notAvailable()
      }
      return programOf(one, claims, taken)
    },
  }
}

/** Who a verified job is here. Every doubt refuses. */
function programOf(one: JobTokens, claims: JobClaims, taken: ReadonlySet<string>): Program {
  let id: unknown
  let onBehalfOf: Principal | null
  try {
    // T40: a promise, or nothing, is no yes.
    if (one.allow(claims) !== true) throw refused()
    id = one.agent(claims)
    onBehalfOf = one.onBehalfOf?.(claims) ?? null
  } catch {
    throw refused()
  }
  if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID || taken.has(id)) throw refused()
  if (onBehalfOf !== null && !isPerson(onBehalfOf)) throw refused()
  return { id, issuer: one.issuer, scopes: ['request'], owner: one.owner, onBehalfOf }
}

/** The keys of an issuer, found once. One that was down is asked again by the next job. */
function keysOf({ issuer, keys }: JobTokens): () => Promise<ReturnType<typeof createRemoteJWKSet>> {
  let finding: Promise<ReturnType<typeof createRemoteJWKSet>> | null = null
  const find = async () =>
    createRemoteJWKSet(new URL(keys ?? (await discover(issuer))), { timeoutDuration: TIMEOUT_MS })
  return async () => {
    finding ??= find()
    try {
      return await finding
    } catch (error) {
      finding = null
      throw error
    }
  }
}

/** OpenID Connect Discovery 1.0, as far as it names the keys. */
async function discover(issuer: string): Promise<string> {
  const response = await fetch(`${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const found = (await response.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown }
  const keys = privateUrl(found.jwks_uri)
  if (!response.ok || found.issuer !== issuer || keys === null)
    throw new Error('what answered there is not the discovery document of this issuer')
  return keys.href
}

/** Whether the token is at fault, and not the way to its issuer's keys. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  )
}

function notValid(): HttpProblem {
  return new HttpProblem(401, 'unauthenticated', 'The token is not valid here.')
}

function notAvailable(): HttpProblem {
  return new HttpProblem(503, 'job-keys', 'The keys of the token’s issuer cannot be had just now. Try again.')
}

function refused(): HttpProblem {
  return new HttpProblem(403, 'job-refused', 'This job may not ask here. Nothing was done.')
}
