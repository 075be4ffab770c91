import { isAuditLogError } from '../errors'
import { chainHash, readEntry, restoreBody } from '../event'
import { verifyInclusion } from '../merkle'
import { parseLogProof, type TrustedKey } from '../note'
import { opensCommitment } from '../openings/open-commitment'
import { Meaning } from '../verify/meaning/meaning'
import type { LoggedEvent } from '../verify/meaning/told'
import { TrustedHeads } from '../verify/trusted-heads'
import { Findings, type Verdict } from '../verify/verdict'
import { parseReceipt, type Receipt, type ReceiptEntry } from './receipt'

/** What became of a receipt. */
export interface ReceiptVerdict extends Pick<Verdict, 'status' | 'findings'> {
  readonly receipt: Receipt | null
  /** The head that vouches for all of it; `null` unless it is valid. */
  readonly head: { readonly origin: string; readonly size: number; readonly root: string } | null
}

/**
 * Verifies a receipt offline, by public keys alone: the checkpoint is signed by a trusted key of its log, every event
 * stands in the log byte for byte, and the events make a decision that can have been taken so.
 *
 * @param receipt - the text of the file
 * @returns a verdict; a text that is no receipt is `invalid` too
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a key of `trust` that is none
 */
export function verifyReceipt(
  receipt: string,
  { trust }: { readonly trust: readonly TrustedKey[] },
): ReceiptVerdict {
  const findings = new Findings()
  const trusted = new TrustedHeads(trust)
  let parsed: Receipt
  try {
    parsed = parseReceipt(receipt)
  } catch (error) {
    findings.add('error', 'receipt-invalid', messageOf(error), {})
    return { status: findings.status, findings: findings.listed, receipt: null, head: null }
  }
  const reading = new ReceiptReading(parsed, trusted, findings)
  const events = parsed.events.flatMap((entry) => reading.take(entry) ?? [])
  reading.judge(events)
  const valid = findings.status === 'valid'
  return {
    status: findings.status,
    findings: findings.listed,
    receipt: parsed,
    head: valid ? reading.head : null,
  }
}

class ReceiptReading {
  readonly #receipt: Receipt
  readonly #trusted: TrustedHeads
  readonly #findings: Findings
  #note: string | null = null
  #root: { readonly origin: string; readonly size: number; readonly root: Uint8Array } | null = null
  #lastIndex = -1

  constructor(receipt: Receipt, trusted: TrustedHeads, findings: Findings) {
    this.#receipt = receipt
    this.#trusted = trusted
    this.#findings = findings
  }

  get head(): ReceiptVerdict['head'] {
    return this.#root === null
      ? null
      : { ...this.#root, root: Buffer.from(this.#root.root).toString('base64') }
  }

  /** One event, when it certainly stands in the log. */
  take({ body, entry, openings, proof }: ReceiptEntry): LoggedEvent | null {
    const leaf = Buffer.from(entry, 'utf8')
    try {
      const { checkpoint, hashes, index } = parseLogProof(proof)
      if (!this.#judgeCheckpoint(checkpoint) || this.#root === null) return null
      const { root, size } = this.#root
      if (!verifyInclusion({ leaf, index, size, root, proof: hashes })) {
        this.#findings.add(
          'error',
          'proof-invalid',
          `the proof does not lead from the event to the checkpoint at index ${index}`,
          { index },
        )
        return null
      }
      if (index <= this.#lastIndex)
        this.#findings.add(
          'error',
          'receipt-invalid',
          'the events are not in the order of the log, or one is repeated',
          { index },
        )
      this.#lastIndex = index
      const read = readEntry(leaf, { index })
      const event = body === null ? read.event : restoreBody(read.event, Buffer.from(body, 'utf8'))
      for (const opening of openings)
        if (!opensCommitment(event, opening))
          this.#findings.add(
            'error',
            'opening-mismatch',
            `the value at ${opening.pointer} is not the one that was committed to`,
            { index, eventId: event.id },
          )
      return { event, hash: body === null ? read.hash : chainHash(event), log: 0, file: '', offset: 0, index }
    } catch (error) {
      this.#findings.add('error', 'proof-invalid', messageOf(error), {})
      return null
    }
  }

  /** All events are proven by one head: two might be two stories. */
  #judgeCheckpoint(note: string): boolean {
    if (this.#note !== null) {
      if (this.#note === note) return this.#root !== null
      this.#findings.add('error', 'receipt-invalid', 'its proofs do not all lead to one checkpoint', {})
      return false
    }
    this.#note = note
    const { head, problem } = this.#trusted.judge(note, this.#receipt.origin)
    if (problem !== null) {
      // A receipt holds no rotation: only the trust file can tell of a key that took over.
      const hint =
        problem.code === 'checkpoint-unsigned'
          ? '. If the log rotated its key, a newer trust file names it'
          : ''
      this.#findings.add('error', problem.code, `${problem.message}${hint}`, {})
      return false
    }
    this.#root = { origin: head.origin, size: head.size, root: head.root }
    return true
  }

  /** What the events say. */
  judge(events: readonly LoggedEvent[]): void {
    const { requestId } = this.#receipt
    const meaning = new Meaning(
      (severity, code, message, { event, index }) =>
        this.#findings.add(severity, code, message, { index, eventId: event.id }),
      1,
      true,
    )
    for (const about of events) meaning.add(about)
    meaning.finish()
    if (!events.some(({ event }) => event.subject === requestId && event.seq === 1))
      this.#findings.add('error', 'receipt-invalid', `it does not hold the beginning of ${requestId}`, {})
  }
}

function messageOf(error: unknown): string {
  if (isAuditLogError(error)) return error.message
  throw error
}
