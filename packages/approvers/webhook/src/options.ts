import { checkOptions, type Duration, OptionError, type ReviewLimits } from '@gatewright/core'
import {
  KEEPING_OUTBOUND_OPTIONS,
  type KeepingOutboundOptions,
  type WebhookVerifier,
  webhookVerifier,
} from '@gatewright/outbound'
import { type Issuer, parseIssuers, type WebhookIssuerOptions } from './identity/issuer-options'

/** How decisions come back. */
export interface WebhookDecisionOptions {
  /** The public address under which the receiver reaches `handle`, with its path `/decisions`: stands in each message. */
  readonly url: string
  /**
   * Verifies what the receiver sends: `whsec_` (HMAC-SHA256) or `whpk_` (the receiver's public Ed25519 key). Of several,
   * each will do: so a key is replaced without a gap. Never the secret that signs what we send.
   */
  readonly secret: string | readonly string[]
  /** Who vouches for the people who decide. */
  readonly issuers: readonly WebhookIssuerOptions[]
  /** How far a decision's timestamp may be from now, before and after. From 1s to 1h. @default '5m' */
  readonly tolerance?: Duration
  /** The largest decision that is read. @default 262144 */
  readonly maxBytes?: number
}

/** Options of {@link webhookApprover}: those of `createOutbound`, and its own. */
export interface WebhookApproverOptions extends KeepingOutboundOptions {
  /** Stands in the log with every vote. @default 'webhook' */
  readonly name?: string
  readonly decisions: WebhookDecisionOptions
  /**
   * What the receiver can show. What does not fit is declared, and then the message offers no approval, but the link to the
   * full view. @default { leafCharacters: 100_000, leaves: 5_000, totalCharacters: 500_000 }
   */
  readonly limits?: ReviewLimits
}

/** Options as the approver uses them. */
export interface WebhookSettings {
  readonly name: string
  readonly limits: ReviewLimits
  readonly outbound: KeepingOutboundOptions
  readonly decisionsUrl: string
  readonly verifier: WebhookVerifier
  readonly issuers: ReadonlyMap<string, Issuer>
  readonly maxBytes: number
}

const WHERE = 'webhookApprover'
const LIMITS: ReviewLimits = { leafCharacters: 100_000, leaves: 5_000, totalCharacters: 500_000 }

/**
 * Checks the options and fills in what is left out. Those of the way out are checked where it is made.
 *
 * @throws OptionError, and GatewrightError `ERR_SECRET_MISSING` (T18)
 */
export function parseOptions(options: WebhookApproverOptions): WebhookSettings {
  checkOptions(options, [...KEEPING_OUTBOUND_OPTIONS, 'name', 'decisions', 'limits'], WHERE)
  const { name = 'webhook', decisions, limits = LIMITS, ...outbound } = options
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name))
    throw new OptionError(`${WHERE}.name`, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
  checkOptions(decisions, ['url', 'secret', 'issuers', 'tolerance', 'maxBytes'], `${WHERE}.decisions`)
  const { url, secret, issuers, tolerance = '5m', maxBytes = 262_144 } = decisions
  const verifier = webhookVerifier(secret, `${WHERE}.decisions.secret`, tolerance)
  refuseShared(outbound.secret, secret)
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1_024)
    throw new OptionError(`${WHERE}.decisions.maxBytes`, 'must be a whole number, 1024 or more')
  return {
    name,
    limits: parseLimits(limits),
    outbound,
    decisionsUrl: parseUrl(url, outbound.allowHttp === true),
    verifier,
    issuers: parseIssuers(issuers, `${WHERE}.decisions.issuers`),
    maxBytes,
  }
}

/** One key both ways would let somebody send our own messages back to us, signed. */
function refuseShared(
  ours: string | readonly string[] | undefined,
  theirs: string | readonly string[],
): void {
  const sending = [ours ?? []].flat()
  if ([theirs].flat().some((one) => sending.includes(one)))
    throw new OptionError(
      `${WHERE}.decisions.secret`,
      'must not be one that signs what is sent: give each way its own',
    )
}

function parseUrl(url: string, allowHttp: boolean): string {
  const where = `${WHERE}.decisions.url`
  if (typeof url !== 'string' || !URL.canParse(url))
    throw new OptionError(
      where,
      'must be a URL, such as https://gate.example.com/approvers/webhook/decisions',
    )
  const { protocol, pathname, search, hash, username, password } = new URL(url)
  if (protocol !== 'https:' && !(protocol === 'http:' && allowHttp))
    throw new OptionError(where, 'must begin with https://; for plain http, set allowHttp')
  if (!pathname.endsWith('/decisions')) throw new OptionError(where, 'must end with /decisions')
  if (search !== '' || hash !== '' || username !== '' || password !== '')
    throw new OptionError(where, 'must hold no user name, no query and no fragment')
  return url
}

function parseLimits(limits: ReviewLimits): ReviewLimits {
  checkOptions(limits, Object.keys(LIMITS), `${WHERE}.limits`)
  for (const name of Object.keys(LIMITS) as (keyof ReviewLimits)[]) {
    if (!Number.isSafeInteger(limits[name]) || limits[name] < 1)
      throw new OptionError(`${WHERE}.limits.${name}`, 'must be a whole number, 1 or more')
  }
  return { ...limits }
}
