import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyBook } from './key-book'
import { isUnproven } from './known-heads'
import type { TrustedHeads } from './trusted-heads'
import type { StructureCode } from './verdict'

/** What {@link PublishedHead.judge} needs of its log. */
export interface PublishedHeadParts {
  readonly keys: KeyBook | null
  /** How many entries the journal vouches for; `null` when it could not be read to its end. */
  readonly covered: number | null
  tell(code: StructureCode, message: string, index: number | null): void
}

/**
 * The `checkpoint` file of a log. The entries it counts were durable before it was written, so a log that has fewer was cut.
 * Its signature is judged only after the whole log was read: the key that made it may be one that the log hands over to.
 */
export class PublishedHead {
  readonly #note: Buffer
  readonly #origin: string
  readonly #trusted: TrustedHeads
  readonly #size: number | null
  readonly #root: Uint8Array
  #mismatch = false

  private constructor(note: Buffer, origin: string, trusted: TrustedHeads) {
    this.#note = note
    this.#origin = origin
    this.#trusted = trusted
    const judged = trusted.judge(note, origin)
    const isHead = judged.problem === null || isUnproven(judged)
    this.#size = isHead ? (judged.head?.size ?? null) : null
    this.#root = judged.head?.root ?? Buffer.alloc(0)
  }

  /** The published head of a log; `null` when there is none. */
  static of(directory: string, origin: string, trusted: TrustedHeads): PublishedHead | null {
    let note: Buffer
    try {
      note = readFileSync(join(directory, 'checkpoint'))
    } catch {
      return null
    }
    return new PublishedHead(note, origin, trusted)
  }

  /** The tree has that many entries. @returns whether they are those that this head was signed for, where it is of that size */
  reached(size: number, root: () => Uint8Array): boolean {
    if (this.#size !== size) return true
    this.#mismatch = !Buffer.from(this.#root).equals(root())
    return !this.#mismatch
  }

  /** The log was read. */
  judge({ covered, keys, tell }: PublishedHeadParts): void {
    const { problem } = this.#trusted.judge(this.#note, this.#origin)
    if (problem !== null) {
      tell(problem.code, `the published checkpoint: ${problem.message}`, null)
      return
    }
    const size = this.#size ?? 0
    const outlived = keys?.outlived(this.#note, size) ?? null
    if (outlived !== null) tell('key-out-of-range', `the published checkpoint: ${outlived}`, null)
    if (this.#mismatch) tell('checkpoint-file', 'the published checkpoint is not that of the journal', size)
    if (covered !== null && size > covered)
      tell(
        'journal-behind-checkpoint',
        `the journal vouches for ${covered} entries, and the published checkpoint for ${size}: its end was cut off`,
        null,
      )
  }
}
