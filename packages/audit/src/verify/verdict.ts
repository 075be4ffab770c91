/** How bad a finding is. An `error` breaks a promise of the log; a `warning` is for a person to look at; a `note` is a fact. */
export type Severity = 'error' | 'warning' | 'note'

/** What may be wrong. Codes are stable; messages are for people. */
export type FindingCode = StructureCode | MeaningCode

/** Findings about files, bytes, hashes and signatures. */
export type StructureCode =
  | 'log-missing'
  | 'log-repeated'
  | 'segment-missing'
  | 'segment-misnamed'
  | 'segment-header'
  | 'segment-unfinished'
  | 'frame-damaged'
  | 'frame-torn'
  | 'entry-invalid'
  | 'entry-unacknowledged'
  | 'body-missing'
  | 'body-mismatch'
  | 'checkpoint-missing'
  | 'checkpoint-invalid'
  | 'checkpoint-too-large'
  | 'checkpoint-origin'
  | 'checkpoint-size'
  | 'checkpoint-root'
  | 'checkpoint-unsigned'
  | 'signature-bad'
  | 'signature-missing'
  | 'key-out-of-range'
  | 'key-rotation'
  | 'key-successor'
  | 'checkpoint-file'
  | 'journal-behind-checkpoint'
  | 'tile-mismatch'
  | 'tile-beyond'
  | 'tile-misnamed'
  | 'opening-missing'
  | 'opening-mismatch'
  | 'opening-unreadable'
  | 'openings-withheld'
  | 'redaction-undone'
  | 'known-head-invalid'
  | 'known-head-mismatch'
  | 'known-head-fork'
  | 'known-head-ahead'
  | 'proof-invalid'
  | 'receipt-invalid'
  | 'verification-bounded'

/** Findings about what the events say. */
export type MeaningCode =
  | 'event-malformed'
  | 'event-type-unknown'
  | 'event-duplicated'
  | 'event-conflict'
  | 'event-order'
  | 'event-foreign'
  | 'event-unexpected'
  | 'chain-gap'
  | 'chain-broken'
  | 'chain-scattered'
  | 'policy-hash'
  | 'policy-mismatch'
  | 'rule-mismatch'
  | 'requirement-invalid'
  | 'requirement-shed'
  | 'deadline-too-late'
  | 'digest-mismatch'
  | 'vote-not-human'
  | 'vote-own-request'
  | 'vote-not-eligible'
  | 'vote-repeated'
  | 'vote-wrong-stage'
  | 'vote-wrong-document'
  | 'vote-late'
  | 'vote-assurance'
  | 'vote-note-missing'
  | 'approval-without-quorum'
  | 'approval-carried'
  | 'rejection-without-vote'
  | 'run-without-basis'
  | 'run-late'
  | 'run-not-observed'
  | 'grant-unknown'
  | 'grant-mismatch'
  | 'grant-used-up'
  | 'grant-expired'
  | 'grant-revoked'
  | 'grant-givers'
  | 'outcome-foreign'
  | 'outcome-missing'
  | 'moved-early'

/** Where a finding is. Whatever does not apply is `null`. */
export interface FindingPlace {
  readonly directory: string | null
  /** Relative to the directory. */
  readonly file: string | null
  /** Byte offset in the file. */
  readonly offset: number | null
  /** Index of the entry in its log, from 0. */
  readonly index: number | null
  readonly eventId: string | null
}

/** One thing that is wrong, or that a person should know. */
export interface Finding {
  readonly severity: Severity
  readonly code: FindingCode
  /** In plain words. Names the record, and never repeats its contents. */
  readonly message: string
  readonly place: FindingPlace
}

/**
 * - `valid`: all that was checked holds
 * - `invalid`: something was changed, or says what cannot have been
 * - `diverged`: sound in itself, but not the log that a known head speaks of: rewritten, rolled back or cut
 * - `incomplete`: nothing is wrong, but not everything that belongs to it was there to be checked
 */
export type VerdictStatus = 'valid' | 'invalid' | 'diverged' | 'incomplete'

/** How much was checked. */
export interface VerifiedCounts {
  readonly logs: number
  readonly segments: number
  readonly bytes: number
  readonly entries: number
  readonly checkpoints: number
  readonly signatures: number
  readonly tiles: number
  readonly knownHeads: number
  /** Personal values beside the log that were compared with their commitments. */
  readonly openings: number
  /** Subjects: requests, direct calls, and steps that stand alone. */
  readonly subjects: number
  readonly requests: number
  readonly votes: number
  readonly executions: number
  /** Executions that nobody and no rule had approved, because the gate only observed. */
  readonly observed: number
}

/** One log as it was found: what to keep as a known head for the next verification. */
export interface VerifiedHead {
  readonly directory: string
  readonly origin: string
  readonly size: number
  /** Base64 of the root hash. */
  readonly root: string
}

/** What a verification came to. */
export interface Verdict {
  readonly status: VerdictStatus
  /** In the order they were met, at most 1,000; `unlisted` counts the rest. */
  readonly findings: readonly Finding[]
  readonly unlisted: number
  readonly counts: VerifiedCounts
  readonly heads: readonly VerifiedHead[]
}

const DIVERGED: ReadonlySet<FindingCode> = new Set<FindingCode>(['known-head-fork', 'known-head-ahead'])

/** What an honest log may lack: a writer that died, or events that another log holds. */
const INCOMPLETE: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'frame-torn',
  'entry-unacknowledged',
  'chain-gap',
  'checkpoint-missing',
  'verification-bounded',
])

/** What findings make of a verdict. Divergence stands first: it says more than what follows from it. */
export function statusOf(codes: ReadonlySet<FindingCode>): VerdictStatus {
  const errors = [...codes]
  if (errors.some((code) => DIVERGED.has(code))) return 'diverged'
  if (errors.some((code) => !INCOMPLETE.has(code))) return 'invalid'
  return errors.length > 0 ? 'incomplete' : 'valid'
}

const MAX_FINDINGS = 1_000

/** Gathers findings, bounded: a log that is wrong everywhere must not fill the memory of who checks it. */
export class Findings {
  readonly #listed: Finding[] = []
  readonly #errors = new Set<FindingCode>()
  #unlisted = 0

  add(severity: Severity, code: FindingCode, message: string, place: Partial<FindingPlace>): void {
    if (severity === 'error') this.#errors.add(code)
    if (this.#listed.length >= MAX_FINDINGS) {
      this.#unlisted += 1
      return
    }
    const { directory = null, file = null, offset = null, index = null, eventId = null } = place
    this.#listed.push({ severity, code, message, place: { directory, file, offset, index, eventId } })
  }

  get listed(): readonly Finding[] {
    return this.#listed
  }

  get unlisted(): number {
    return this.#unlisted
  }

  get status(): VerdictStatus {
    return statusOf(this.#errors)
  }
}
