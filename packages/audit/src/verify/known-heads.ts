import type { TrustedHeads } from './trusted-heads'
import type { Findings } from './verdict'

/** A head that somebody kept: the log must still hold what it held then. */
export interface KnownHead {
  readonly origin: string
  readonly size: number
  /** Base64 of the root hash. */
  readonly root: string
}

/** What a known head is compared with. */
interface Pending extends KnownHead {
  readonly what: string
}

/** Reads known heads: as data, or as the signed notes that were kept. A note that no trusted key signed proves nothing. */
export function readKnownHeads(
  heads: readonly (KnownHead | string)[],
  trusted: TrustedHeads,
  findings: Findings,
): readonly KnownHead[] {
  return heads.flatMap((head) => {
    if (typeof head !== 'string') return [head]
    const judged = trusted.judge(head, null)
    if (judged.problem === null) {
      const { origin, root, size } = judged.head
      return [{ origin, size, root: Buffer.from(root).toString('base64') }]
    }
    findings.add('error', 'known-head-invalid', `a known head cannot be used: ${judged.problem.message}`, {})
    return []
  })
}

/** Compares the heads that are known of one log with the tree as it grows. */
export class HeadComparison {
  readonly #pending: Pending[]
  readonly #findings: Findings
  readonly #directory: string
  /** Heads that were compared. */
  compared = 0

  constructor(heads: readonly KnownHead[], origin: string, directory: string, findings: Findings) {
    this.#findings = findings
    this.#directory = directory
    this.#pending = heads
      .filter((head) => head.origin === origin)
      .map((head) => ({ ...head, what: 'the known head' }))
      .sort((one, other) => one.size - other.size)
  }

  /** The next size at which a head is known; `Infinity` when there is none left. */
  get nextSize(): number {
    return this.#pending[0]?.size ?? Number.POSITIVE_INFINITY
  }

  /** The tree has reached {@link nextSize}. `isSound`: whether nothing is wrong with the log so far. */
  reached(size: number, root: Uint8Array, isSound: () => boolean): void {
    const found = Buffer.from(root).toString('base64')
    while (this.#pending[0]?.size === size) {
      const { what, root: expected } = this.#pending.shift() as Pending
      this.compared += 1
      if (found === expected) continue
      // What was changed without the key is no other history: it is damage.
      const code = isSound() ? 'known-head-fork' : 'known-head-mismatch'
      const message = `the first ${size} entries are not those of ${what}: the log was written anew, or is another one`
      this.#findings.add('error', code, message, { directory: this.#directory, index: size - 1 })
    }
  }

  /** The log ends at `size`. */
  ended(size: number, sound: boolean): void {
    for (const { size: known, what } of this.#pending.splice(0)) {
      this.compared += 1
      const code = sound ? 'known-head-ahead' : 'known-head-mismatch'
      const message = `the log ends at ${size} entries, and had ${known} when ${what} was kept: it was rolled back, or its end was cut off`
      this.#findings.add('error', code, message, { directory: this.#directory, index: size })
    }
  }
}
