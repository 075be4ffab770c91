import { resolve as absolute } from 'node:path'
import { checkOptions, OptionError } from '@gatewright/core'
import { DeadLetters, type LetterKind } from '../dead-letters'
import { isOutboundError } from '../errors'
import { type Outbound, type OutboundMessage, outboundOver } from './create-outbound'
import { systemResolve } from './judged-agents'
import { OUTBOUND_OPTIONS, type OutboundOptions, wholeNumber } from './outbound-options'

/** Options of {@link createKeepingOutbound}: those of `createOutbound`, and its own. */
export interface KeepingOutboundOptions extends OutboundOptions {
  /**
   * Path of a file for messages that were not delivered: JSON Lines, mode 0600, made if it is missing. Each process needs
   * its own. Without it, nothing is kept.
   */
  readonly deadLetters?: string
  /** The largest that file gets. @default 64 MiB */
  readonly maxDeadLetterBytes?: number
}

/** The names of {@link KeepingOutboundOptions}. */
export const KEEPING_OUTBOUND_OPTIONS: readonly string[] = [
  ...OUTBOUND_OPTIONS,
  'deadLetters',
  'maxDeadLetterBytes',
]

/** An {@link Outbound} that keeps what it could not deliver. */
export interface KeepingOutbound extends Omit<Outbound, 'close'> {
  /**
   * Opens the file, so that one that cannot be used is found when a program starts, not in the first outage.
   *
   * @throws OutboundError `ERR_OUTBOUND_DEAD_LETTERS`
   */
  open(): Promise<void>
  /**
   * Sends what is kept, oldest first, each message once, under its own id; what is delivered is forgotten. Rejects at the
   * first that fails: it and the rest are kept.
   *
   * @returns how many were delivered
   * @throws OutboundError as `send` does, and `ERR_OUTBOUND_DEAD_LETTERS` when the file cannot be used
   */
  redeliver(): Promise<number>
  /** Ends every connection, and lets go of the file. Idempotent. */
  close(): Promise<void>
}

const NOT_KEPT: readonly string[] = ['ERR_OUTBOUND_DISABLED', 'ERR_OUTBOUND_CLOSED', 'ERR_OUTBOUND_TOO_LARGE']
const MIB = 1_024 * 1_024

/**
 * As `createOutbound`, with a dead-letter file: what was not delivered after the retries is durable in it before `send`
 * rejects, once for each id, and leaves it when a later `send` of that id, or `redeliver()`, succeeds. What a receiver does
 * not want any more (410) is not kept, and neither is what was being sent when it was closed, which the caller knows of.
 *
 * @param where - names the options in messages
 * @throws GatewrightError, OptionError, OutboundError as `createOutbound`
 * @example
 * ```ts
 * import { createKeepingOutbound } from '@gatewright/outbound'
 *
 * const outbound = createKeepingOutbound({
 *   url: 'https://hooks.example.com/gatewright',
 *   secret: process.env['HOOK_SECRET'] ?? '',
 *   deadLetters: './undelivered.jsonl',
 * })
 * await outbound.redeliver()
 * await outbound.close()
 * ```
 */
export function createKeepingOutbound(
  options: KeepingOutboundOptions,
  where = 'createKeepingOutbound',
): KeepingOutbound {
  checkOptions(options, KEEPING_OUTBOUND_OPTIONS, where)
  const { deadLetters: path, maxDeadLetterBytes = 64 * MIB, ...rest } = options
  if (path !== undefined && (typeof path !== 'string' || path === ''))
    throw new OptionError(`${where}.deadLetters`, 'must be the path of a file')
  const most = wholeNumber(maxDeadLetterBytes, `${where}.maxDeadLetterBytes`)
  const outbound = outboundOver(systemResolve, rest, where)
  const file = path === undefined ? null : absolute(path)
  let letters: Promise<DeadLetters> | null = null
  let closing: Promise<void> | null = null
  let turn: Promise<unknown> = Promise.resolve()

  /** One after the other: the file is one, and so is its end. */
  function inTurn<T>(work: (letters: DeadLetters) => Promise<T>): Promise<T> {
    letters ??= DeadLetters.open(file as string, most, MESSAGES)
    const open = letters
    const mine = turn.then(() => open).then(work)
    turn = mine.catch(() => {})
    return mine
  }

  async function keep(message: OutboundMessage, error: unknown): Promise<void> {
    if (file === null || (isOutboundError(error) && NOT_KEPT.includes(error.code))) return
    try {
      await inTurn((kept) => kept.add([encode(message)]))
    } catch (problem) {
      throw new AggregateError([error, problem], `${(error as Error).message} ${(problem as Error).message}`)
    }
  }

  return {
    target: outbound.target,
    async open() {
      if (file !== null) await inTurn(async () => {})
    },
    async send(message) {
      const receipt = await outbound.send(message).catch(async (error: unknown) => {
        await keep(message, error)
        throw error
      })
      // A file that cannot be written keeps too much, never too little: receivers keep each id once.
      if (file !== null)
        await inTurn((kept) => kept.remove([encode({ ...message, body: '' })])).catch(() => {})
      return receipt
    },
    async redeliver() {
      if (file === null) return 0
      let delivered = 0
      for (;;) {
        const [entry] = await inTurn((kept) => kept.oldest(1))
        if (entry === undefined) return delivered
        await outbound.send({ ...decode(entry), retry: false })
        await inTurn((kept) => kept.remove([entry]))
        delivered += 1
      }
    },
    close() {
      closing ??= (async () => {
        outbound.close()
        if (letters !== null) await inTurn((kept) => kept.close()).catch(() => {})
      })()
      return closing
    },
  }
}

interface Letter {
  readonly id: string
  readonly contentType: string
  readonly body: string
}

/** The id tells messages apart, so that one under a known id is not kept twice. */
const MESSAGES: LetterKind = { check: decode, keyOf: (entry) => decode(entry).id }

function encode({ id, contentType = 'application/json', body }: OutboundMessage): Buffer {
  const letter: Letter = { id, contentType, body: Buffer.from(body).toString('utf8') }
  return Buffer.from(JSON.stringify(letter))
}

function decode(entry: Buffer): Letter {
  const letter = JSON.parse(entry.toString('utf8')) as Letter | null
  const texts = [letter?.id, letter?.contentType, letter?.body]
  if (letter === null || texts.some((text) => typeof text !== 'string')) throw new Error('is no message')
  return letter
}
