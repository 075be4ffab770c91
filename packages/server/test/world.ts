import type { GateOptions, Principal, ReviewDocument } from '@gatewright/core'
import { jwtVerify, SignJWT } from 'jose'
import { ada, type Scene, scene } from '../../core/test/scene'
import type { Summary } from '../src/api/request-schema'
import { createReviewServer, generateApiKey, type ReviewServer, type ReviewServerOptions } from '../src/index'
import { principalOf } from '../src/sign-in/claims'
import { createSealedCookies } from '../src/sign-in/sealed-cookie'
import { createSessions } from '../src/sign-in/session'
import { type SignIn, SignInError } from '../src/sign-in/sign-in'

const ISSUER = 'https://idp.test'
const SECRET = 'a secret of the test that is long enough'
const tokenKey = new TextEncoder().encode('a key of the identity provider of the test')

/** A person's own token, of the identity provider of the test. */
export function tokenOf({ subject, name, groups }: Principal, more: object = {}): Promise<string> {
  return new SignJWT({ name, groups: [...groups], ...more })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setSubject(subject)
    .setExpirationTime('1h')
    .sign(tokenKey)
}

function testSignIn(): SignIn {
  const refuse = async (): Promise<never> => {
    throw new SignInError('failed', 'There is no page here.')
  }
  return {
    id: 'test',
    title: 'the test',
    demo: false,
    people: [],
    begin: refuse,
    finish: refuse,
    endSessionUrl: async () => null,
    issued: (issuer) => issuer === ISSUER,
    async verifyToken(token) {
      try {
        const { payload } = await jwtVerify(token, tokenKey, { algorithms: ['HS256'], issuer: ISSUER })
        const rules = {
          identity: () => ({ issuer: ISSUER, subject: payload.sub ?? '' }),
          groups: () => payload.groups as string[],
        }
        return principalOf(payload, rules, 'token')
      } catch (cause) {
        throw new SignInError('failed', 'not valid', cause)
      }
    },
  }
}

const bot = generateApiKey()
const eve = generateApiKey()
const auditor = generateApiKey()

/** Keys of the programs of every world. */
export const keys = { bot: bot.key, eve: eve.key, auditor: auditor.key }

/** What the API answers, all of it in one type: each answer has some of these. */
interface ApiBody {
  readonly request: Summary
  readonly requests: readonly Summary[]
  readonly cursor: string | null
  readonly review: ReviewDocument
  readonly code: string
  readonly errors: readonly object[]
  readonly fencingToken: string
  readonly openapi: string
  readonly servers: readonly object[]
  readonly paths: object
  readonly components: {
    readonly securitySchemes: object
    readonly schemas: Readonly<Record<string, { readonly additionalProperties?: boolean } | undefined>>
  }
}

/** What was answered. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: ApiBody
}

/** A gate with a review server, and ways to call its API. */
export interface World {
  readonly s: Scene
  readonly server: ReviewServer
  readonly log: { readonly fields: object; readonly words: string }[]
  /** As nobody, a program (by its key), or a person (by their token). */
  call(
    as: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answered>
  /** A request of `bot`. */
  ask(
    more?: object,
  ): Promise<{ readonly id: string; readonly argumentsDigest: string; readonly reviewDigest: string }>
  /** A browser's cookie and CSRF token. */
  session(person: Principal): Promise<Record<string, string>>
  vote(id: string, as: Principal, more?: object): Promise<Answered>
  /** Approved by ada. */
  approved(more?: object): Promise<{ readonly id: string; readonly argumentsDigest: string }>
}

/** A world in memory, with a fake clock. */
export function world(options: Partial<ReviewServerOptions> = {}, gate: Partial<GateOptions> = {}): World {
  const s = scene({ agent: { id: 'host', owner: null }, rateLimit: false, ...gate })
  const log: { fields: object; words: string }[] = []
  const note = (fields: object, words: string) => void log.push({ fields, words })
  const server = createReviewServer(s.gate, {
    url: 'https://approvals.test/base',
    signIn: testSignIn(),
    secrets: [SECRET],
    viewers: ['auditors'],
    apiKeys: [
      { id: 'bot', hash: bot.hash, scopes: ['request'], owner: null, name: 'Bot' },
      { id: 'eve', hash: eve.hash, scopes: ['request'], owner: null },
      { id: 'auditor', hash: auditor.hash, scopes: ['read'] },
    ],
    rateLimit: false,
    logger: { info: () => {}, warn: note as never, error: note as never },
    now: () => Date.now(),
    ...options,
  })

  const self: World = {
    s,
    server,
    log,
    async call(as, method, path, body, headers = {}) {
      const response = await server.fetch(
        new Request(`https://approvals.test/base${path}`, {
          method,
          headers: {
            ...(as === null ? {} : { authorization: `Bearer ${as}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
      )
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? null : JSON.parse(text),
      }
    },
    async ask(more = {}) {
      const asked = { action: 'data.export', arguments: { table: 'customers' }, callId: 'c1', ...more }
      const { status, body } = await self.call(keys.bot, 'POST', '/api/v1/requests', asked)
      if (status !== 201) throw new Error(`not asked: ${status} ${JSON.stringify(body)}`)
      return body.request
    },
    async session(person) {
      const sessions = createSessions(createSealedCookies([SECRET], Date.now), {
        secret: SECRET,
        secure: true,
        seconds: 3_600,
        providers: ['test'],
      })
      const session = { id: 'one', provider: 'test', principal: person }
      const sealed = await createSealedCookies([SECRET], Date.now).seal('session', session, 3_600)
      return { cookie: `__Host-gatewright=${sealed}`, 'x-csrf-token': sessions.csrfToken(session) }
    },
    async vote(id, as, more = {}) {
      const review = await s.gate.requests.review(id)
      const word = { decision: 'approve', digest: review?.digest ?? '0'.repeat(64), ...more }
      return self.call(await tokenOf(as), 'POST', `/api/v1/requests/${id}/votes`, word)
    },
    async approved(more) {
      const request = await self.ask(more)
      const { status } = await self.vote(request.id, ada)
      if (status !== 200) throw new Error('not approved')
      return request
    },
  }
  return self
}

export { ada, ben, member, settle } from '../../core/test/scene'
