import { resolve as absolute } from 'node:path'
import { decodeEvent, encodeEvent } from '@gatewright/audit'
import {
  type AuditEvent,
  type AuditSink,
  checkOptions,
  GatewrightError,
  type Logger,
  OptionError,
  sha256Hex,
} from '@gatewright/core'
import { DeadLetters, type LetterKind } from '../dead-letters'
import { type Outbound, outboundOver } from '../http/create-outbound'
import { systemResolve } from '../http/judged-agents'
import { OUTBOUND_OPTIONS, type OutboundOptions, wholeNumber } from '../http/outbound-options'
import { EventQueue } from './event-queue'

/** Options of {@link webhookAudit}: those of `createOutbound`, and its own. */
export interface WebhookAuditOptions extends OutboundOptions {
  /**
   * Path of a file for events that were not delivered: JSON Lines, mode 0600, made if it is missing. Each process needs
   * its own.
   */
  readonly deadLetters: string
  /** The largest that file gets. @default 64 MiB */
  readonly maxDeadLetterBytes?: number
  /**
   * What an append waits for. `strict`: the receiver's 2xx. `best-effort`: that, or, after the retries, the dead-letter
   * file; the gate then goes on while the receiver is away. @default 'strict'
   */
  readonly mode?: 'strict' | 'best-effort'
  /** Names the log to the store. Must stay the same over restarts. @default made of the URL's host and a digest of the URL */
  readonly logId?: string
  /** The most bytes of events that go in one request; a larger event goes alone. @default 1 MiB */
  readonly batchBytes?: number
  /** The most bytes of events that wait in memory; more are refused. @default 64 MiB */
  readonly queueBytes?: number
  /** @default console */
  readonly logger?: Logger
}

/** What {@link WebhookAudit.redeliver} did. */
export interface Redelivery {
  /** How many events the receiver acknowledged. */
  readonly delivered: number
}

/** An audit sink that posts to a receiver. */
export interface WebhookAudit extends AuditSink {
  append(events: readonly AuditEvent[]): Promise<void>
  /**
   * Sends what is in the dead-letter file, oldest first, and takes out what the receiver acknowledged. New events wait
   * meanwhile. Rejects when the receiver still fails; what it acknowledged until then is out, and the rest is kept.
   */
  redeliver(): Promise<Redelivery>
  /** Finishes what was accepted, retries included, and lets go of connections and the file. Idempotent. */
  close(): Promise<void>
}

const OWN_OPTIONS = [
  'deadLetters',
  'maxDeadLetterBytes',
  'mode',
  'logId',
  'batchBytes',
  'queueBytes',
  'logger',
] as const
const MIB = 1_024 * 1_024

/**
 * Sends every event to a receiver, as a batch of CloudEvents (`application/cloudevents-batch+json`), signed by Standard
 * Webhooks. Each event stands on a line of its own, in the very bytes that a `fileAudit` would write.
 *
 * - An append resolves when the receiver answered 2xx: that is its word that it holds the events durably, in that order.
 *   One request at a time; what comes meanwhile goes with the next.
 * - A batch that is tried again has the same `webhook-id`. Events may come again in other batches: the receiver keeps each
 *   event id once.
 * - What could not be delivered goes to the dead-letter file, and the append rejects with `ERR_AUDIT_UNAVAILABLE` (I7),
 *   unless `mode` is `best-effort`. While the receiver fails, each batch is tried once only.
 * - Openings of commitments (personal values) are never sent.
 *
 * @throws GatewrightError `ERR_SECRET_MISSING` without a secret (T18)
 * @throws OptionError `ERR_OPTION_INVALID` for an option that is wrong or unknown
 * @throws OutboundError `ERR_OUTBOUND_FORBIDDEN` when the URL holds an address that may not be reached (T36)
 * @example
 * ```ts
 * import { webhookAudit } from '@gatewright/outbound'
 *
 * const audit = webhookAudit({
 *   url: 'https://siem.example.com/gatewright',
 *   secret: process.env['AUDIT_HOOK_SECRET'] ?? '',
 *   deadLetters: './audit-undelivered.jsonl',
 * })
 * await audit.redeliver()
 * await audit.close()
 * ```
 */
export function webhookAudit(options: WebhookAuditOptions): WebhookAudit {
  checkOptions(options, [...OUTBOUND_OPTIONS, ...OWN_OPTIONS], 'webhookAudit')
  const own = parseOwnOptions(options)
  return new Sink(outboundOver(systemResolve, options, 'webhookAudit'), own)
}

/** Equal events have equal bytes. */
export const EVENTS: LetterKind = { check: decodeEvent, keyOf: sha256Hex }

type Settings = ReturnType<typeof parseOwnOptions>

class Sink implements WebhookAudit {
  readonly logId: string
  readonly #outbound: Outbound
  readonly #settings: Settings
  readonly #queue: EventQueue
  readonly #deadLetters: Promise<DeadLetters>
  #lastTurn: Promise<unknown> = Promise.resolve()
  #redelivering: Promise<Redelivery> | null = null
  #closing: Promise<void> | null = null
  /** The receiver did not take the last batch. */
  #failing = false

  constructor(outbound: Outbound, settings: Settings) {
    this.logId = settings.logId
    this.#outbound = outbound
    this.#settings = settings
    this.#queue = new EventQueue(
      (entries) => this.#inTurn(() => this.#deliver(entries)),
      settings.batchBytes,
      settings.queueBytes,
    )
    this.#deadLetters = DeadLetters.open(settings.deadLetters, settings.maxDeadLetterBytes, EVENTS)
    // Said by each append.
    this.#deadLetters.catch(() => {})
  }

  async append(events: readonly AuditEvent[]): Promise<void> {
    if (this.#closing !== null) throw this.#unavailable('it was closed')
    try {
      await this.#queue.append(encodeAll(events))
    } catch (error) {
      throw this.#unavailable((error as Error).message, error)
    }
  }

  redeliver(): Promise<Redelivery> {
    if (this.#closing !== null) return Promise.reject(this.#unavailable('it was closed'))
    this.#redelivering ??= this.#redeliverAll().finally(() => {
      this.#redelivering = null
    })
    return this.#redelivering
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #deliver(entries: readonly Buffer[]): Promise<void> {
    // Before anything is sent: an unusable file is found when the program starts, not in the first outage.
    const deadLetters = await this.#deadLetters
    try {
      await this.#post(withoutRepetitions(entries))
    } catch (error) {
      await this.#keep(deadLetters, entries, error)
      if (this.#settings.mode === 'strict') throw error
      return
    }
    await deadLetters
      .remove(entries)
      .catch((error: unknown) => this.#say('error', 'cannot be written', error))
  }

  async #post(entries: readonly Buffer[]): Promise<void> {
    const body = batchBody(entries)
    // Of the bytes, which hold the ids: the same events are the same message, and changed ones are not.
    const id = `audit_${sha256Hex(Buffer.concat([Buffer.from(`${this.logId}\n`), body]))}`
    try {
      await this.#outbound.send({
        id,
        body,
        contentType: 'application/cloudevents-batch+json',
        retry: !this.#failing,
      })
    } catch (error) {
      if (!this.#failing) this.#say('error', 'fails', error)
      this.#failing = true
      throw error
    }
    if (this.#failing) this.#say('warn', 'works again')
    this.#failing = false
  }

  async #keep(deadLetters: DeadLetters, entries: readonly Buffer[], failure: unknown): Promise<void> {
    try {
      await deadLetters.add(entries)
    } catch (error) {
      throw new AggregateError([failure, error], `${(failure as Error).message} ${(error as Error).message}`)
    }
  }

  async #redeliverAll(): Promise<Redelivery> {
    const deadLetters = await this.#deadLetters
    let delivered = 0
    const next = async (): Promise<boolean> => {
      const entries = await deadLetters.oldest(this.#settings.batchBytes)
      if (entries.length === 0) return false
      await this.#post(entries)
      await deadLetters.remove(entries)
      delivered += entries.length
      return true
    }
    try {
      while (await this.#inTurn(next)) {}
    } finally {
      await this.#inTurn(() => deadLetters.compact())
    }
    return { delivered }
  }

  /** One thing at a time: two requests could arrive in another order than they were sent. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lastTurn.then(work)
    this.#lastTurn = done.catch(() => {})
    return done
  }

  async #finish(): Promise<void> {
    await this.#queue.idle()
    await this.#redelivering?.catch(() => {})
    this.#outbound.close()
    const deadLetters = await this.#deadLetters.catch(() => null)
    await deadLetters?.close()
  }

  #say(how: 'warn' | 'error', what: string, error?: unknown): void {
    this.#settings.logger[how](`the audit receiver ${this.#outbound.target} (${this.logId}) ${what}`, {
      error,
    })
  }

  #unavailable(why: string, cause?: unknown): GatewrightError {
    return new GatewrightError(
      'ERR_AUDIT_UNAVAILABLE',
      `the log ${this.logId} did not take the events: ${why}`,
      {
        cause,
      },
    )
  }
}

/** At once: the caller may change the events afterwards. Members that are not the event's own, as openings, stay here. */
function encodeAll(events: readonly AuditEvent[]): readonly Buffer[] {
  return events.map((event) => encodeEvent(event))
}

/** Equal events have equal bytes. */
function withoutRepetitions(entries: readonly Buffer[]): readonly Buffer[] {
  return [...new Map(entries.map((entry) => [entry.toString('latin1'), entry])).values()]
}

/** A JSON array with one entry a line: canonical JSON has no line breaks, so receivers can also split it by them. */
function batchBody(entries: readonly Buffer[]): Buffer {
  const parts = entries.flatMap((entry, index) => [Buffer.from(index === 0 ? '[\n' : ',\n'), entry])
  return Buffer.concat([...parts, Buffer.from('\n]\n')])
}

function parseOwnOptions(options: WebhookAuditOptions) {
  const { deadLetters, mode = 'strict', logger = console, url } = options
  if (typeof deadLetters !== 'string' || deadLetters === '')
    throw new OptionError('webhookAudit.deadLetters', 'is needed: the path of a file')
  if (mode !== 'strict' && mode !== 'best-effort')
    throw new OptionError('webhookAudit.mode', "must be 'strict' or 'best-effort'")
  const { logId = defaultLogId(url) } = options
  if (typeof logId !== 'string' || logId === '')
    throw new OptionError('webhookAudit.logId', 'must be a non-empty string')
  const batchBytes = wholeNumber(options.batchBytes ?? MIB, 'webhookAudit.batchBytes')
  if (batchBytes + 16 > (options.maxBodyBytes ?? Number.POSITIVE_INFINITY))
    throw new OptionError('webhookAudit.batchBytes', 'must be smaller than maxBodyBytes')
  return {
    deadLetters: absolute(deadLetters),
    mode,
    logger,
    logId,
    maxDeadLetterBytes: wholeNumber(
      options.maxDeadLetterBytes ?? 64 * MIB,
      'webhookAudit.maxDeadLetterBytes',
    ),
    batchBytes,
    queueBytes: wholeNumber(options.queueBytes ?? 64 * MIB, 'webhookAudit.queueBytes'),
  }
}

/** The digest tells receivers on one host apart, and gives away no path or query, which may be secret. */
function defaultLogId(url: unknown): string {
  if (typeof url !== 'string' || !URL.canParse(url)) return 'webhook'
  const { host, href } = new URL(url)
  return `webhook:${host}:${sha256Hex(href).slice(0, 16)}`
}
