import { setMaxListeners } from 'node:events'
import { checkOptions, OptionError } from '@gatewright/core'
import { OutboundError } from '../errors'
import { type AttemptParts, attempt, type Outcome } from './attempt'
import { judgedAgents, type Resolve, systemResolve } from './judged-agents'
import { linkedSignal } from './linked-signal'
import { OUTBOUND_OPTIONS, type OutboundOptions, parseOutboundOptions } from './outbound-options'
import { pause, pauseMs } from './retry'

/** What is sent. */
export interface OutboundMessage {
  /** `webhook-id`: the same for all attempts, and whenever the same thing is sent again. Letters, digits, `_` and `-`. */
  readonly id: string
  /** The JSON text, or its bytes, as it is signed and sent. */
  readonly body: string | Uint8Array
  /** @default 'application/json' */
  readonly contentType?: string
  /** Whether more than one attempt is made. @default true */
  readonly retry?: boolean
  /** Ends sending; whether the receiver got the message is then not known. */
  readonly signal?: AbortSignal
}

/** What became of a message that was delivered. */
export interface OutboundReceipt {
  /** From 200 to 299. */
  readonly status: number
  readonly attempts: number
}

/** A receiver, and the way to it. */
export interface Outbound {
  /** The receiver's host and port, for messages: no path, no query. */
  readonly target: string
  /**
   * Posts a message, signed by Standard Webhooks 1.0. Resolves when a 2xx arrived whole; the receiver may have got the
   * message more than once, each time under one id. Network errors, time-outs, 408, 429 and 5xx are tried again; anything
   * else is not. A rejection says nothing about whether the message arrived.
   *
   * @throws OutboundError `ERR_OUTBOUND_FAILED`, `ERR_OUTBOUND_FORBIDDEN` (T36), `ERR_OUTBOUND_DISABLED` after a 410,
   *   `ERR_OUTBOUND_ABORTED`, `ERR_OUTBOUND_TOO_LARGE`, `ERR_OUTBOUND_CLOSED`
   */
  send(message: OutboundMessage): Promise<OutboundReceipt>
  /** Ends every connection; what is being sent fails. Idempotent. */
  close(): void
}

const ID = /^[\w-]{1,200}$/

/**
 * The way to one receiver: signed, retried, and only to addresses on the internet unless `allow` says otherwise (T36).
 *
 * - Every address that the name resolves to is judged, and the connection goes to a judged one. No redirect is followed, no
 *   proxy of the environment is used, TLS certificates are always checked.
 * - A receiver that answers 410 gets nothing more: each later `send` rejects with `ERR_OUTBOUND_DISABLED`.
 *
 * @throws GatewrightError `ERR_SECRET_MISSING` without a secret (T18)
 * @throws OptionError `ERR_OPTION_INVALID` for an option that is wrong or unknown
 * @throws OutboundError `ERR_OUTBOUND_FORBIDDEN` when the URL holds an address that may not be reached
 * @example
 * ```ts
 * import { createOutbound } from '@gatewright/outbound'
 *
 * const outbound = createOutbound({
 *   url: 'https://hooks.example.com/gatewright',
 *   secret: process.env['HOOK_SECRET'] ?? '',
 * })
 * await outbound.send({ id: 'order-1-paid', body: JSON.stringify({ type: 'order.paid' }) })
 * outbound.close()
 * ```
 */
export function createOutbound(options: OutboundOptions): Outbound {
  checkOptions(options, OUTBOUND_OPTIONS, 'createOutbound')
  return outboundOver(systemResolve, options, 'createOutbound')
}

/** {@link createOutbound} over another resolver, for tests; and for others who take the same options. */
export function outboundOver(resolve: Resolve, options: OutboundOptions, where: string): Outbound {
  const settings = parseOutboundOptions(options, where)
  const { target, signer, clock, retry, random } = settings
  const parts: AttemptParts = { ...settings, agents: judgedAgents(target, resolve, settings.ca) }
  const closing = new AbortController()
  // Each message on its way listens to it, and they may be many.
  setMaxListeners(0, closing.signal)
  let disabled = false

  function headersOf(id: string, contentType: string, body: Buffer): Readonly<Record<string, string>> {
    // New for each attempt: receivers refuse what is older than some minutes.
    const timestamp = Math.floor(clock.now() / 1_000)
    return {
      'user-agent': 'gatewright',
      'accept-encoding': 'identity',
      ...settings.headers,
      'content-type': contentType,
      'webhook-id': id,
      'webhook-timestamp': `${timestamp}`,
      'webhook-signature': signer.sign(id, timestamp, body),
    }
  }

  function refuseIfEnded(attempts: number, signal: AbortSignal): void {
    const fields = { attempts }
    if (closing.signal.aborted)
      throw new OutboundError(
        'ERR_OUTBOUND_CLOSED',
        `the way to ${target.name} was closed. ${unknown(attempts)}`,
        fields,
      )
    if (signal.aborted)
      throw new OutboundError(
        'ERR_OUTBOUND_ABORTED',
        `sending to ${target.name} was aborted. ${unknown(attempts)}`,
        { ...fields, cause: signal.reason },
      )
    if (disabled)
      throw new OutboundError(
        'ERR_OUTBOUND_DISABLED',
        `${target.name} answered 410 (gone): it wants no more messages, and none is sent until the program is started anew. Remove it, or have its operator put it back.`,
        { ...fields, status: 410 },
      )
  }

  async function deliver(
    message: OutboundMessage,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<OutboundReceipt> {
    const { id, contentType = 'application/json' } = message
    const most = message.retry === false ? 1 : retry.attempts
    for (let attempts = 1; ; attempts += 1) {
      refuseIfEnded(attempts - 1, signal)
      const headers = headersOf(id, contentType, body)
      const outcome = await attempt(parts, { method: 'post', headers, body }, signal)
      if (outcome.type === 'delivered') return { status: outcome.status, attempts }
      if (outcome.type === 'gone') disabled = true
      refuseIfEnded(attempts, signal)
      if (outcome.type !== 'retry' || attempts === most) throw failed(target.name, outcome, attempts)
      await pause(clock, pauseMs(retry, attempts, outcome.retryAfterMs, random()), signal)
    }
  }

  return {
    target: target.name,
    async send(message) {
      const body = Buffer.from(message.body)
      if (!ID.test(message.id))
        throw new OptionError('send.id', 'must be 1 to 200 letters, digits, "_" or "-"')
      if (body.length > settings.maxBodyBytes)
        throw new OutboundError(
          'ERR_OUTBOUND_TOO_LARGE',
          `a message of ${body.length} bytes is larger than maxBodyBytes (${settings.maxBodyBytes}). Nothing was sent.`,
        )
      const linked = linkedSignal([closing.signal, message.signal])
      try {
        return await deliver(message, body, linked.signal)
      } finally {
        linked.unlink()
      }
    },
    close() {
      closing.abort()
      parts.agents.destroy()
    },
  }
}

function failed(
  name: string,
  outcome: Exclude<Outcome, { type: 'delivered' }>,
  attempts: number,
): OutboundError {
  if (outcome.type === 'forbidden') return outcome.error
  const { status, problem } = outcome
  const times = attempts === 1 ? 'one attempt' : `${attempts} attempts`
  return new OutboundError(
    'ERR_OUTBOUND_FAILED',
    `${name} did not acknowledge the message, after ${times}: ${problem}.`,
    { status, attempts },
  )
}

function unknown(attempts: number): string {
  return attempts === 0 ? 'Nothing was sent.' : 'Whether the message arrived is not known.'
}
