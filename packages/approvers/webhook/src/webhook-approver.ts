import { type Approver, type ApproverHost, GatewrightError } from '@gatewright/core'
import { createKeepingOutbound, isOutboundError, type KeepingOutbound } from '@gatewright/outbound'
import { checkIssuerKeys } from './identity/issuer-keys'
import { type IdentityVerifier, identityVerifier } from './identity/verify-identity'
import { decisionsHandler } from './inbound/handle-decisions'
import { askingMessage, audienceOf, type Desk, updatingMessage } from './messages'
import { parseOptions, type WebhookApproverOptions } from './options'

/** An approver that asks a service of yours. */
export interface WebhookApprover extends Approver {
  /** Takes decisions, at the path `/decisions`. A review server mounts it under `/approvers/<name>`. */
  handle(request: Request): Promise<Response>
  /**
   * Sends what is in the dead-letter file, oldest first. Rejects at the first that fails: it and the rest are kept.
   *
   * @returns how many were delivered
   * @throws OutboundError, and GatewrightError `ERR_MESSAGE_GONE` when the receiver wants nothing more
   */
  redeliver(): Promise<number>
}

/** What there is between start and stop. */
interface Running {
  readonly host: ApproverHost
  readonly identities: IdentityVerifier
}

/**
 * Sends each request to a service of yours as a signed webhook, and takes decisions that it posts back, signed by it, each
 * with the deciding person's own signed token. `docs/webhook.md` says what a receiver does.
 *
 * - Out: Standard Webhooks 1.0, HMAC or Ed25519, several signatures while a secret is replaced; retries, then the
 *   dead-letter file; only to the internet unless `allow` says otherwise (T36). `webhook-id` is the delivery's id, so a
 *   receiver that keeps each id once shows each message once.
 * - In: nothing is parsed before the receiver's signature and timestamp are verified; what comes again is answered as
 *   already counted (T19). The actor is the `iss` and `sub` of the person's token, which must say the digest of the very
 *   statement: no other part of a payload names anybody (I5).
 * - A receiver that answers 410 gets nothing more: deliveries fail, and updates reject with `ERR_MESSAGE_GONE`.
 *
 * @throws GatewrightError `ERR_SECRET_MISSING` without a secret for each way (T18)
 * @throws OptionError `ERR_OPTION_INVALID` for an option that is wrong or unknown
 * @throws OutboundError `ERR_OUTBOUND_FORBIDDEN` when a URL holds an address that may not be reached (T36)
 * @example
 * ```ts
 * import { webhookApprover } from '@gatewright/webhook'
 *
 * export const approver = webhookApprover({
 *   url: 'https://approvals.example.com/gatewright',
 *   secret: process.env['GATEWRIGHT_WEBHOOK_SECRET'] ?? '',
 *   decisions: {
 *     url: 'https://gate.example.com/approvers/webhook/decisions',
 *     secret: process.env['APPROVALS_PUBLIC_KEY'] ?? '', // whpk_…
 *     issuers: [
 *       {
 *         issuer: 'https://idp.example.com',
 *         audience: 'approvals',
 *         keysUrl: 'https://idp.example.com/.well-known/jwks.json',
 *       },
 *     ],
 *   },
 * })
 * ```
 */
export function webhookApprover(options: WebhookApproverOptions): WebhookApprover {
  const settings = parseOptions(options)
  const desk: Desk = { url: settings.decisionsUrl, audience: audienceOf(settings.name, options.url) }
  // Made now, so that wrong options are found now.
  let way: KeepingOutbound | null = createKeepingOutbound(settings.outbound, 'webhookApprover')
  let running: Running | null = null

  const handle = decisionsHandler(settings, () => {
    const now = running
    return now && { ...now, audience: desk.audience, stopped: () => running !== now }
  })

  function started(): { readonly host: ApproverHost; readonly way: KeepingOutbound } {
    if (running === null || way === null)
      throw new Error(`${settings.name} is not started, so nothing was sent`)
    return { host: running.host, way }
  }

  return {
    name: settings.name,
    limits: settings.limits,
    needsSecret: true,
    async start(host) {
      way ??= createKeepingOutbound(settings.outbound, 'webhookApprover')
      await way.open()
      running = { host, identities: identityVerifier(settings.issuers, host.clock) }
    },
    async deliver(review, to, deliveryId, signal) {
      const { host, way } = started()
      const message = askingMessage(host, desk, review, to, deliveryId)
      await way.send({ ...message, signal })
      return { reference: message.id }
    },
    async update(review, { id }) {
      // Sent whether the first message arrived or not: the receiver knows, and shows nothing for one that it does not have.
      const { host, way } = started()
      await way.send(updatingMessage(host, desk, review, id)).catch(goneIfDisabled)
    },
    /** The receiver is sent nothing: whether it takes messages, a first one tells. */
    async check(signal) {
      const found = await Promise.all(
        [...settings.issuers.values()].map((issuer) => checkIssuerKeys(issuer, signal)),
      )
      const { host } = new URL(options.url)
      const set = `messages go to ${host}; whether it takes them, a first one tells`
      return [{ status: 'ok', message: set, fix: null }, ...found.flatMap((one) => one ?? [])]
    },
    handle,
    async redeliver() {
      return started().way.redeliver().catch(goneIfDisabled)
    },
    async stop() {
      const closing = way
      running?.identities.close()
      running = null
      way = null
      await closing?.close()
    },
  }
}

/** 410: the receiver is no more, and with it every message that it shows. */
function goneIfDisabled(error: unknown): never {
  if (!isOutboundError(error) || error.code !== 'ERR_OUTBOUND_DISABLED') throw error
  throw new GatewrightError('ERR_MESSAGE_GONE', `${error.message} Its messages are left as they are.`, {
    cause: error,
  })
}
