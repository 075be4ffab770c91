import type { ParsedCheckpoint } from '../note'
import type { JudgedHead, TrustedHeads } from './trusted-heads'
import type { Findings, StructureCode } from './verdict'

/** A head that somebody kept: the log must still hold what it held then. */
export interface KnownHead {
  readonly origin: string
  readonly size: number
  /** Base64 of the root hash. */
  readonly root: string
}

/**
 * A known head, and the note it was kept as when no trusted key vouches for it yet: the log that it is of may hand over to
 * the key that signed it.
 */
export interface GivenHead extends KnownHead {
  readonly unproven: string | null
}

/** What a known head is compared with. */
interface Pending extends GivenHead {
  readonly what: string
}

/** What may be missing of a head that a key signed which is not known yet. */
const UNPROVEN: ReadonlySet<StructureCode> = new Set<StructureCode>([
  'checkpoint-unsigned',
  'signature-missing',
])

/** Whether a head may still turn out to be signed by a key that a trusted one hands over to. */
export function isUnproven({ head, problem }: JudgedHead): boolean {
  return head !== null && problem !== null && UNPROVEN.has(problem.code)
}

/** Reads known heads: as data, or as the signed notes that were kept. A note that no trusted key signed proves nothing. */
export function readKnownHeads(
  heads: readonly (KnownHead | string)[],
  trusted: TrustedHeads,
  findings: Findings,
): readonly GivenHead[] {
  return heads.flatMap((head): readonly GivenHead[] => {
    if (typeof head !== 'string') return [{ ...head, unproven: null }]
    const judged = trusted.judge(head, null)
    if (judged.problem === null) return [{ ...plain(judged.head), unproven: null }]
    if (judged.head !== null && isUnproven(judged)) return [{ ...plain(judged.head), unproven: head }]
    refuse(judged.problem.message, findings)
    return []
  })
}

/** Refuses heads that nobody vouches for, and that no log which was read could prove. */
export function refuseUnproven(heads: readonly GivenHead[], trusted: TrustedHeads, findings: Findings): void {
  for (const { unproven } of heads) {
    const problem = unproven === null ? null : trusted.judge(unproven, null).problem
    if (problem !== null) refuse(problem.message, findings)
  }
}

function plain({ origin, root, size }: ParsedCheckpoint): KnownHead {
  return { origin, size, root: Buffer.from(root).toString('base64') }
}

function refuse(message: string, findings: Findings): void {
  findings.add('error', 'known-head-invalid', `a known head cannot be used: ${message}`, {})
}

/** Compares the heads that are known of one log with the tree as it grows. */
export class HeadComparison {
  readonly #pending: Pending[]
  readonly #findings: Findings
  readonly #directory: string
  readonly #trusted: TrustedHeads
  /** To be told of heads that are proven only by what follows them. */
  #later: (() => void)[] = []
  /** Heads that were compared. */
  compared = 0

  constructor(
    heads: readonly GivenHead[],
    origin: string,
    { directory, findings, trusted }: { directory: string; findings: Findings; trusted: TrustedHeads },
  ) {
    this.#findings = findings
    this.#directory = directory
    this.#trusted = trusted
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
      const pending = this.#pending.shift() as Pending
      const { what, root: expected } = pending
      if (found === expected) {
        this.#count(pending, () => {})
        continue
      }
      // What was changed without the key is no other history: it is damage.
      const code = isSound() ? 'known-head-fork' : 'known-head-mismatch'
      const message = `the first ${size} entries are not those of ${what}: the log was written anew, or is another one`
      this.#count(pending, () =>
        this.#findings.add('error', code, message, { directory: this.#directory, index: size - 1 }),
      )
    }
  }

  /** The log ends at `size`. */
  ended(size: number, sound: boolean): void {
    for (const pending of this.#pending.splice(0)) {
      const { size: known, what } = pending
      const code = sound ? 'known-head-ahead' : 'known-head-mismatch'
      const message = `the log ends at ${size} entries, and had ${known} when ${what} was kept: it was rolled back, or its end was cut off`
      this.#count(pending, () =>
        this.#findings.add('error', code, message, { directory: this.#directory, index: size }),
      )
    }
    for (const tell of this.#later.splice(0)) tell()
  }

  #count({ unproven }: Pick<Pending, 'unproven'>, tell: () => void): void {
    if (unproven !== null) {
      this.#later.push(() => {
        if (this.#trusted.judge(unproven, null).problem === null) this.#count({ unproven: null }, tell)
      })
      return
    }
    this.compared += 1
    tell()
  }
}
