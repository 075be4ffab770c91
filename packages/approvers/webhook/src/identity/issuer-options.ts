import { checkOptions, type Duration, OptionError, parseDuration } from '@gatewright/core'
import { type ConnectionOptions, createReader, type OutboundReader } from '@gatewright/outbound'

/** A public key as a JSON Web Key (RFC 7517), with the members of its kind. */
export interface WebhookJwk {
  readonly kty: 'RSA' | 'EC' | 'OKP'
  /** Needed when there are several keys. */
  readonly kid?: string
  readonly [member: string]: unknown
}

/** Who vouches for people: the company's identity provider, or a service of your own that signs tokens for them. */
export interface WebhookIssuerOptions {
  /** The `iss` of its tokens, exactly. */
  readonly issuer: string
  /** The `aud` of tokens that are meant for decisions: the client id, mostly. A token needs one of them. */
  readonly audience: string | readonly string[]
  /** Where its keys are: the `jwks_uri` of its metadata. This or `keys`. Read when a token comes, and every ten minutes. */
  readonly keysUrl?: string
  /** Its public keys. This or `keysUrl`. */
  readonly keys?: readonly WebhookJwk[]
  /** Signature algorithms to accept, all of them asymmetric. @default RS, PS and ES with 256, 384 and 512, and EdDSA */
  readonly algorithms?: readonly string[]
  /**
   * The claim that binds a token to one statement: `nonce`, as identity providers put it into ID tokens, or
   * `authorization_details` (RFC 9396). @default 'nonce'
   */
  readonly binding?: 'nonce' | 'authorization_details'
  /** The claim with the immutable id of the person. `oid` is Entra's: give the issuer of one tenant. @default 'sub' */
  readonly subjectClaim?: 'sub' | 'oid'
  /** A claim with group names, for gates without a directory. @default none */
  readonly groupsClaim?: string
  /** How long ago a token may have been issued. @default '10m' */
  readonly maxAge?: Duration
  /** What `keysUrl` may reach inside: as in `createOutbound`. @default none */
  readonly allow?: readonly string[]
  /** Whether `keysUrl` may be `http://`: whoever is on the way then says who people are. @default false */
  readonly allowHttp?: boolean
  /** Certificates to trust for `keysUrl`, in PEM. */
  readonly ca?: string
}

/** An issuer as tokens are verified with it. */
export interface Issuer {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly algorithms: readonly string[]
  readonly binding: 'nonce' | 'authorization_details'
  readonly subjectClaim: 'sub' | 'oid'
  readonly groupsClaim: string | null
  readonly maxAgeMs: number
  /** Its keys, or how they are read. */
  readonly keys: readonly WebhookJwk[] | (() => OutboundReader)
}

/** No `none`, and nothing symmetric: whoever can verify such a token can also make one. */
const ALGORITHMS: readonly string[] = [
  ...['RS', 'PS', 'ES'].flatMap((kind) => [`${kind}256`, `${kind}384`, `${kind}512`]),
  'EdDSA',
  'Ed25519',
]

const KNOWN = [
  'issuer',
  'audience',
  'keysUrl',
  'keys',
  'algorithms',
  'binding',
  'subjectClaim',
  'groupsClaim',
  'maxAge',
  'allow',
  'allowHttp',
  'ca',
] as const

/**
 * Reads the issuers, by their `iss`.
 *
 * @throws OptionError naming the issuer and the option
 */
export function parseIssuers(
  issuers: readonly WebhookIssuerOptions[],
  where: string,
): ReadonlyMap<string, Issuer> {
  if (!Array.isArray(issuers) || issuers.length === 0)
    throw new OptionError(where, 'must name at least one issuer: without one, nobody could be known')
  const found = new Map<string, Issuer>()
  for (const [index, options] of issuers.entries()) {
    const issuer = parseIssuer(options, `${where}[${index}]`)
    if (found.has(issuer.issuer)) throw new OptionError(`${where}[${index}].issuer`, 'is there twice')
    found.set(issuer.issuer, issuer)
  }
  return found
}

function parseIssuer(options: WebhookIssuerOptions, where: string): Issuer {
  checkOptions(options, KNOWN, where)
  const { issuer, algorithms = ALGORITHMS, binding = 'nonce', subjectClaim = 'sub', groupsClaim } = options
  const audience = typeof options.audience === 'string' ? [options.audience] : options.audience
  nonEmpty(issuer, `${where}.issuer`)
  if (!Array.isArray(audience) || audience.length === 0)
    throw new OptionError(
      `${where}.audience`,
      'must be a text or a list of them: a token for another service is no vote',
    )
  for (const one of audience) nonEmpty(one, `${where}.audience`)
  if (!Array.isArray(algorithms) || algorithms.length === 0)
    throw new OptionError(`${where}.algorithms`, 'must be a list of algorithms')
  const wrong = algorithms.find((one) => !ALGORITHMS.includes(one))
  if (wrong !== undefined)
    throw new OptionError(
      `${where}.algorithms`,
      `"${String(wrong).slice(0, 20)}" is not accepted. Known are: ${ALGORITHMS.join(', ')}`,
    )
  if (binding !== 'nonce' && binding !== 'authorization_details')
    throw new OptionError(`${where}.binding`, "must be 'nonce' or 'authorization_details'")
  // T21: an address, or a name that can be given to somebody else, is no identity.
  if (subjectClaim !== 'sub' && subjectClaim !== 'oid')
    throw new OptionError(`${where}.subjectClaim`, "must be 'sub' or 'oid': others can pass to somebody else")
  if (groupsClaim !== undefined) nonEmpty(groupsClaim, `${where}.groupsClaim`)
  const maxAgeMs = parseDuration(options.maxAge ?? '10m', `${where}.maxAge`)
  if (maxAgeMs < 1_000) throw new OptionError(`${where}.maxAge`, 'must be at least a second')
  return {
    issuer,
    audience: [...audience],
    algorithms: [...algorithms],
    binding,
    subjectClaim,
    groupsClaim: groupsClaim ?? null,
    maxAgeMs,
    keys: parseKeys(options, where),
  }
}

function parseKeys(options: WebhookIssuerOptions, where: string): Issuer['keys'] {
  const { keysUrl, keys, allow, allowHttp, ca } = options
  if ((keysUrl === undefined) === (keys === undefined))
    throw new OptionError(`${where}.keys`, 'give keys or keysUrl, and not both')
  if (keysUrl !== undefined) {
    const connection: ConnectionOptions = {
      url: keysUrl,
      timeout: '5s',
      maxResponseBytes: 262_144,
      ...(allow === undefined ? {} : { allow }),
      ...(allowHttp === undefined ? {} : { allowHttp }),
      ...(ca === undefined ? {} : { ca }),
    }
    // Checked now, and read when a token comes.
    createReader(connection).close()
    return () => createReader(connection)
  }
  if (allow !== undefined || allowHttp !== undefined || ca !== undefined)
    throw new OptionError(`${where}.allow`, 'allow, allowHttp and ca are for keysUrl')
  if (!Array.isArray(keys) || keys.length === 0)
    throw new OptionError(`${where}.keys`, 'must be a non-empty list of public keys')
  for (const [index, key] of keys.entries()) checkKey(key, `${where}.keys[${index}]`, keys.length > 1)
  return keys.map((key) => ({ ...key }))
}

function checkKey(key: unknown, where: string, needsId: boolean): void {
  const jwk = (typeof key === 'object' && key !== null ? key : {}) as Partial<WebhookJwk>
  if (jwk.kty !== 'RSA' && jwk.kty !== 'EC' && jwk.kty !== 'OKP')
    throw new OptionError(where, 'must be a public JSON Web Key of the kind RSA, EC or OKP')
  if ('d' in jwk || 'k' in jwk) throw new OptionError(where, 'is a private key; give the public one')
  if (needsId && (typeof jwk.kid !== 'string' || jwk.kid === ''))
    throw new OptionError(`${where}.kid`, 'is needed where there are several keys')
}

function nonEmpty(value: unknown, where: string): void {
  if (typeof value !== 'string' || value === '') throw new OptionError(where, 'must be a non-empty text')
}
