import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto'
import type { Clock } from '@gatewright/core'
import type { OutboundClient } from '@gatewright/outbound'
import { SignJWT } from 'jose'
import { TeamsError } from '../failure'
import type { Credential, ResolvedOptions } from './options'

/** The bot's own token, for calls to the Bot Connector. */
export interface AccessToken {
  /** A token that is good for some minutes at least. @throws TeamsError when the sign-in fails */
  get(signal?: AbortSignal): Promise<string>
  /** Forgets the token, which was refused. */
  drop(token: string): void
}

const SCOPE = 'https://api.botframework.com/.default'
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** A token is used until so long before its end. */
const EARLIER_MS = 300_000

/**
 * Signs in with client credentials (RFC 6749, section 4.4; assertions by RFC 7523), at the app's tenant. The token is kept
 * until five minutes before its end; of calls that need one at the same time, one signs in.
 */
export function createAccessToken(
  { appId, tenantId, loginUrl, credential }: ResolvedOptions,
  client: OutboundClient,
  clock: Clock,
): AccessToken {
  const url = `${loginUrl}${tenantId}/oauth2/v2.0/token`
  let held: { readonly token: string; readonly until: number } | null = null
  let asking: Promise<string> | null = null

  async function signIn(): Promise<string> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: appId,
      scope: SCOPE,
      ...(await proofOf(credential, appId, url, clock.now())),
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
    const answer = await client.request({ method: 'post', url, headers, body: body.toString() })
    const told = parse(answer.body)
    const { access_token: token, expires_in: seconds } = told
    if (answer.status !== 200 || typeof token !== 'string' || !/^[\w.~+/=-]+$/.test(token))
      throw refused(answer.status, told)
    const lasts = typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : 0
    held = { token, until: clock.now() + Math.max(0, lasts - EARLIER_MS) }
    return token
  }

  return {
    async get(signal) {
      signal?.throwIfAborted()
      if (held !== null && clock.now() < held.until) return held.token
      asking ??= signIn().finally(() => {
        asking = null
      })
      return signal === undefined ? asking : abortable(asking, signal)
    },
    drop(token) {
      if (held?.token === token) held = null
    },
  }
}

/** Whether the sign-in was refused, so that trying again is of no use. */
export function isRefusedSignIn(error: unknown): boolean {
  return (
    error instanceof TeamsError &&
    error.reason === 'sign-in' &&
    (error.status === 400 || error.status === 401)
  )
}

async function proofOf(
  credential: Credential,
  appId: string,
  audience: string,
  now: number,
): Promise<Readonly<Record<string, string>>> {
  if (credential.type === 'password') return { client_secret: credential.password }
  const assertion =
    credential.type === 'federated'
      ? await credential.assertion()
      : await signed(credential, appId, audience, Math.floor(now / 1_000))
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion }
}

function signed(
  { privateKey, certificate }: Extract<Credential, { type: 'certificate' }>,
  appId: string,
  audience: string,
  now: number,
): Promise<string> {
  const thumbprint = createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url')
  return new SignJWT({})
    .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint })
    .setIssuer(appId)
    .setSubject(appId)
    .setAudience(audience)
    .setJti(randomUUID())
    .setNotBefore(now)
    .setExpirationTime(now + 600)
    .sign(createPrivateKey(privateKey))
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const told: unknown = JSON.parse(body.toString())
    return typeof told === 'object' && told !== null ? (told as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** By codes alone: descriptions of Entra quote what was sent. */
function refused(status: number, told: Readonly<Record<string, unknown>>): TeamsError {
  const [number] = Array.isArray(told['error_codes']) ? told['error_codes'] : []
  const code =
    typeof told['error'] === 'string' && /^[a-z_]{1,40}$/.test(told['error']) ? told['error'] : 'no code'
  const detail = typeof number === 'number' ? `${code}, AADSTS${number}` : code
  return new TeamsError(
    `the bot could not sign in at Entra (${status}, ${detail}). Check appId, tenantId and the credential. Nothing was sent.`,
    { status, reason: 'sign-in' },
  )
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
