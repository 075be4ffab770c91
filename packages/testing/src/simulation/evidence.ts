import type { AuditEvent, PersonRef, ReviewDocument, VoteReceipt } from '@gatewright/core'

/** One run of the real function: its only effect on the world is that it stands here. */
export interface Effect {
  /** Position in the list; the function's result and its error carry it. */
  readonly index: number
  /** What `currentSession()` said. `null`: there was no session. */
  readonly requestId: string | null
  readonly action: string
  /** SHA-256 over the canonical JSON of the argument list as received, computed by the world itself. */
  readonly digest: string
  /** The idempotency key that the arguments name; `null` for a call without one. */
  readonly key: string | null
  /** The amount among the arguments as received. */
  readonly amount: number
  /** The credential that its session gave it. */
  readonly credential: string | null
  readonly life: string
  /** The operation in whose course it ran. `null`: in nobody's, such as the sweep of a process. */
  readonly operation: number | null
  readonly step: number
  readonly time: number
}

/** What a caller was told. */
export type Answer =
  | { readonly type: 'result'; readonly effect: number | null }
  /** `effect`: the error is the function's own. */
  | { readonly type: 'thrown'; readonly effect: number }
  | { readonly type: 'error'; readonly code: string; readonly requestId: string | null }
  /** An error that is neither the function's nor of Gatewright's family. */
  | { readonly type: 'foreign'; readonly name: string }

/** Something a program did with a gate. */
export interface Operation {
  readonly id: number
  readonly kind: 'call' | 'resume' | 'cancel' | 'start' | 'close'
  readonly life: string
  /** The call's action; for `resume` and `cancel`, that of the request. */
  readonly action: string | null
  readonly key: string | null
  /** Digest of the arguments handed in, computed by the world itself. */
  readonly digest: string | null
  /** The request that is resumed or cancelled. */
  readonly requestId: string | null
  readonly step: number
  readonly time: number
  /** When its caller gave up; `null`: they never did. */
  abortedStep: number | null
  /** `null`: it was never told anything; its process died, or it still waits. */
  answer: (Answer & { readonly step: number }) | null
}

/** A document that people could see. */
export interface Shown {
  readonly requestId: string
  readonly review: ReviewDocument
  readonly step: number
  /** Whether the store held the id of the message when it was posted. `null`: it was an update of one posted before. */
  readonly saved: boolean | null
}

/** A message, as a platform said last that it took it. */
export interface TakenMessage {
  readonly requestId: string
  readonly deliveryId: string
  /** How the request stood in it. */
  readonly status: string
  readonly step: number
}

/** A vote that a transport handed in, with what the voter was told. */
export interface Cast {
  readonly requestId: string
  readonly actor: PersonRef & { readonly type: string }
  readonly decision: 'approve' | 'reject'
  /** Of the document that the voter held. */
  readonly digest: string
  readonly edits: boolean
  readonly life: string
  readonly step: number
  readonly time: number
  /** `null`: nothing was told, or an error. */
  receipt: VoteReceipt | null
}

/** An answer of the directory. */
export interface DirectoryAnswer {
  readonly life: string
  readonly identity: PersonRef
  readonly person: (PersonRef & { readonly groups: readonly string[] }) | null
  readonly step: number
  readonly time: number
}

/** Something a person said of a standing grant. */
export interface GrantWord {
  readonly kind: 'create' | 'endorse' | 'revoke'
  readonly actor: PersonRef & { readonly type: string }
  readonly action: string
  /** The most that the amount of a covered call may be. */
  readonly atMost: number
  readonly uses: number
  readonly life: string
  readonly step: number
  readonly time: number
  /** `null` until a gate has named the new grant. */
  grantId: string | null
  /** When they were told that it was done; `null`: they were told something else, or nothing. */
  doneAt: number | null
}

/** A credential as the vault that issued it knows it. */
export interface Credential {
  readonly handle: string
  readonly leaseId: string
  readonly requestId: string
  /** The process that asked for it. */
  readonly life: string
  readonly step: number
  /** The step at which it ended, and the process that ended it. */
  revokedStep: number | null
  revokedBy: string | null
}

/** A request as an archive got it, before it was deleted. */
export interface Archived {
  readonly requestId: string
  readonly status: string
  readonly step: number
  readonly time: number
}

/** How one life of a process went. Steps are `null` for what did not happen. */
export interface LifeRecord {
  readonly name: string
  /** The log it writes. */
  readonly logId: string
  sealedStep: number | null
  closedStep: number | null
  crashedStep: number | null
}

/** What the world's rules say of an action: written down apart from the policies that the gates are given. */
export interface ExpectedPolicy {
  readonly effect: 'allow' | 'deny' | 'require'
  readonly requirements: readonly {
    readonly stages: readonly {
      readonly group: string
      readonly atLeast: number
      readonly escalatesTo: string | null
    }[]
  }[]
  readonly idempotent: boolean
  /** Whether a standing grant may stand in for the votes. */
  readonly grantable: boolean
  /** Whether its function gets a credential. */
  readonly credential: boolean
  /** Whether an approved call whose process vanished runs by itself. */
  readonly orphan: boolean
}

/** All that the checker gets: what outlives the program and what people outside of it saw. Pure data. */
export interface Evidence {
  /** Each durable log as its bytes: JSON lines of {@link LogLine}. */
  readonly logs: Readonly<Record<string, Uint8Array>>
  readonly effects: readonly Effect[]
  readonly operations: readonly Operation[]
  readonly shown: readonly Shown[]
  /** Every message, by what became of it. */
  readonly messages: readonly TakenMessage[]
  readonly casts: readonly Cast[]
  readonly directory: readonly DirectoryAnswer[]
  readonly lives: readonly LifeRecord[]
  readonly grantWords: readonly GrantWord[]
  readonly credentials: readonly Credential[]
  readonly archived: readonly Archived[]
  /** Requests that somebody told a store to forget. */
  readonly forgotten: readonly string[]
  /** How long a finished request is kept; `null`: for ever. */
  readonly keptMs: number | null
  /** Texts that no log may state in clear: the gates were told that they are personal. */
  readonly personal: readonly string[]
  /** Events that gates told their listeners of. */
  readonly emitted: readonly AuditEvent[]
  /** Whether everything came to an end once faults had ceased. */
  readonly atRest: boolean
  /** Events that stores hold and no log has, once everything has settled. */
  readonly unpublished: readonly AuditEvent[]
  readonly policies: Readonly<Record<string, ExpectedPolicy>>
  /** `issuer subject` of every identity to the same of its canonical person. */
  readonly canonical: Readonly<Record<string, string>>
  /** Canonical people who may review nothing: the agent's owner. */
  readonly owner: string
}

/** One line of a durable log: an event, and when it became durable. */
export interface LogLine {
  readonly step: number
  readonly event: AuditEvent
}

/** A promise that was broken. */
export interface Violation {
  readonly promise: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10'
  readonly what: string
  readonly subject: string | null
}
