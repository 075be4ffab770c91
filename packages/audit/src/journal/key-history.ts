import { isAuditLogError } from '../errors'
import type { LogEvent } from '../event'
import { parseVerifierKey, type TrustedKey } from '../note'

/** The key of a log gave way to another. */
export interface Handover {
  readonly from: string
  readonly to: string
  /** Of the tree whose checkpoint the old key signed as its last. */
  readonly size: number
}

interface Range {
  readonly vkey: string
  readonly from: number
  to: number | null
}

interface Opened {
  readonly key: string
  readonly cosigners: readonly string[]
}

/**
 * Which keys a log had, as its own events tell: `log.opened` names the key in use, `log.rotated-key` its successor.
 *
 * A rotation counts only when its event is the last entry under the checkpoint that first covers it: that checkpoint is
 * the old key's last word. An event that a crash left without one is covered together with what follows it, and then the
 * old key went on. So at every size there is exactly one key, whatever was cut off.
 */
export class KeyHistory {
  readonly #origin: string
  readonly #keys: Range[] = []
  readonly #cosigners = new Map<string, Range>()
  #opened: Opened | null = null
  #rotation: (Omit<Handover, 'size'> & { readonly index: number }) | null = null
  #covered = 0

  /** @param origin - of the log: the name of its keys */
  constructor(origin: string) {
    this.#origin = origin
  }

  /** The key that signs the next checkpoint; `null` before the first one. */
  get current(): string | null {
    return this.#keys.at(-1)?.vkey ?? null
  }

  /** The further keys that sign beside it, as the newest opening says. */
  get cosigners(): readonly string[] {
    return [...this.#cosigners.values()].flatMap(({ to, vkey }) => (to === null ? [vkey] : []))
  }

  /** Keys that signed beside the log's own, and do so no more. They never come back. */
  get dropped(): readonly string[] {
    return [...this.#cosigners.values()].flatMap(({ to, vkey }) => (to === null ? [] : [vkey]))
  }

  /** Keys that gave way to another, with the size that was their last. */
  get retired(): readonly { readonly vkey: string; readonly to: number }[] {
    return this.#keys.flatMap(({ to, vkey }) => (to === null ? [] : [{ vkey, to }]))
  }

  /** The key that signs a checkpoint of that size; `null` where nothing tells. */
  at(size: number): string | null {
    return this.#keys.find(({ from, to }) => size >= from && (to === null || size <= to))?.vkey ?? null
  }

  /** All keys that signed, each with its range. */
  ranges(): readonly TrustedKey[] {
    return [...this.#keys, ...this.#cosigners.values()].map(({ vkey, from, to }) => ({ vkey, from, to }))
  }

  /** Takes an event of the log's own chain, and where it stands. */
  take({ data, type }: Pick<LogEvent, 'data' | 'type'>, index: number): void {
    if (type === 'log.opened' && typeof data.key === 'string') {
      const cosigners = Array.isArray(data.cosigners) ? data.cosigners.map(String) : []
      this.#opened = { key: data.key, cosigners }
    } else if (type === 'log.rotated-key')
      this.#rotation = { from: String(data.from), to: String(data.to), index }
  }

  /** Takes a checkpoint. @returns the handover that it completes, and what is wrong with what it covers */
  checkpoint(size: number): { readonly handover: Handover | null; readonly problem: string | null } {
    const problem = this.#open(size)
    const rotation = this.#rotation
    this.#rotation = null
    this.#covered = size
    if (problem !== null || rotation === null || rotation.index + 1 !== size)
      return { handover: null, problem }
    const { from, to } = rotation
    const wrong = this.wrongWith(from, to)
    if (wrong !== null) return { handover: null, problem: wrong }
    const handover = { from, to, size }
    this.rotate(handover)
    return { handover, problem: null }
  }

  /** Notes a handover that is certain: to be called by who made it. */
  rotate({ from, to, size }: Handover): void {
    const last = this.#keys.at(-1)
    if (last === undefined) this.#keys.push({ vkey: from, from: 0, to: size })
    else last.to = size
    this.#keys.push({ vkey: to, from: size + 1, to: null })
  }

  #open(size: number): string | null {
    const opened = this.#opened
    this.#opened = null
    if (opened === null) return null
    const { current } = this
    if (current !== null && opened.key !== current)
      return `the log was opened with the key ${shortKey(opened.key)}, and its key is ${shortKey(current)}`
    if (current === null) this.#keys.push({ vkey: opened.key, from: 0, to: null })
    for (const range of this.#cosigners.values())
      if (range.to === null && !opened.cosigners.includes(range.vkey)) range.to = this.#covered
    for (const vkey of opened.cosigners)
      if (!this.#cosigners.has(vkey)) this.#cosigners.set(vkey, { vkey, from: size, to: null })
    return null
  }

  /** What forbids a rotation; `null` when nothing does. */
  wrongWith(from: string, to: string): string | null {
    const { current } = this
    if (current !== null && from !== current)
      return `the rotation hands over from the key ${shortKey(from)}, and the key of the log is ${shortKey(current)}`
    if (!isKeyOf(this.#origin, from) || !isKeyOf(this.#origin, to))
      return `the rotation names what is no verifier key of the log "${this.#origin}"`
    if (to === from || this.#cosigners.has(to) || this.#keys.some(({ vkey }) => vkey === to))
      return `the rotation hands over to the key ${shortKey(to)}, which the log has or had already`
    return null
  }
}

/** Name and id of a verifier key, for messages. */
export function shortKey(vkey: string): string {
  return vkey.split('+', 2).join('+')
}

function isKeyOf(origin: string, vkey: string): boolean {
  try {
    return parseVerifierKey(vkey).name === origin
  } catch (error) {
    if (isAuditLogError(error)) return false
    throw error
  }
}
