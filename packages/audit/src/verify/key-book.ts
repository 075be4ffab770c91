import { isAuditLogError } from '../errors'
import type { LogEvent } from '../event'
import { KeyHistory, shortKey } from '../journal/key-history'
import { parseNote, parseVerifierKey, verifyNote } from '../note'
import type { TrustedHeads } from './trusted-heads'
import type { Severity, StructureCode } from './verdict'

/** Tells of something that is wrong with a key. */
export type TellKey = (severity: Severity, code: StructureCode, message: string) => void

/**
 * Judges the keys of one log by its own events: a key that handed over signs nothing more, and a rotation is what the old
 * key signed last. It only ever adds to what the trusted keys refuse, but for one thing: a key that is trusted without an
 * end, and hands over properly, lends its trust to the next.
 */
export class KeyBook {
  readonly #history: KeyHistory
  readonly #trusted: TrustedHeads
  /** Trusted keys that signed a checkpoint so far. */
  readonly #used = new Set<string>()

  constructor(origin: string, trusted: TrustedHeads) {
    this.#history = new KeyHistory(origin)
    this.#trusted = trusted
  }

  /** Takes an event of the log's own chain, and where it stands. */
  take(event: LogEvent, index: number): void {
    this.#history.take(event, index)
  }

  /** Takes a checkpoint that holds, and the trusted keys that signed it. @returns whether its keys hold, too */
  judge(note: Buffer, size: number, signedBy: readonly string[], tell: TellKey): boolean {
    for (const vkey of signedBy) this.#used.add(vkey)
    const used = this.outlived(note, size)
    if (used !== null) tell('error', 'key-out-of-range', used)
    const { handover, problem } = this.#history.checkpoint(size)
    if (problem !== null) tell('error', 'key-rotation', problem)
    if (handover === null) return used === null && problem === null
    const { from, to } = handover
    if (!isSignedBy(note, from)) {
      const message = `the log hands over from the key ${shortKey(from)}, and another key signed that`
      tell('error', 'key-rotation', message)
      return false
    }
    if (this.#used.has(to)) {
      tell('error', 'key-rotation', `the log hands over to the key ${shortKey(to)}, which signed before that`)
      return false
    }
    if (this.#trusted.handOver(handover)) {
      const message = `the trusted key ${shortKey(from)} handed over at ${size} entries, and its word was taken for the next key. Put that into the trust file, from ${size + 1} on, and end the old one at ${size}: ${to}`
      tell('warning', 'key-successor', message)
    }
    return used === null
  }

  /** That a key which gave way to another signed a head of that size; `null` when none did. */
  outlived(note: string | Buffer, size: number): string | null {
    const { retired } = this.#history
    if (retired.length === 0) return null
    // Ids are looked at first: logs have many heads, and a retired key signs none of them.
    const lines = parseNote(note).signatures.map(({ keyId, name }) => `${name}+${hexId(keyId)}`)
    for (const { vkey, to } of retired) {
      if (size > to && lines.includes(shortKey(vkey)) && isSignedBy(note, vkey))
        return `the key ${shortKey(vkey)} signed a checkpoint of ${size} entries, and had handed over at ${to}`
    }
    return null
  }
}

function hexId(keyId: number): string {
  return keyId.toString(16).padStart(8, '0')
}

function isSignedBy(note: string | Buffer, vkey: string): boolean {
  try {
    return verifyNote(note, [parseVerifierKey(vkey)]).signedBy.length > 0
  } catch (error) {
    if (isAuditLogError(error)) return false
    throw error
  }
}
