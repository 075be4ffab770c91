import type { RequestStatus } from './request'

/** How a leaf's text differs from the plain value. */
export type LeafMark = 'redacted' | 'truncated' | 'escaped' | 'mixed-script'

/** One value of a tree, ready to be shown: inert text on any channel that escapes its own markup. */
export interface ReviewLeaf {
  /** JSON Pointer (RFC 6901). */
  readonly path: string
  /** `string`, `number`, `boolean`, `null`, `undefined`, `date`, `bigint`, `map`, `set`, `url`, `bytes`, `empty object`, `empty list`, `live`. */
  readonly type: string
  /** Hidden characters are visible escapes; secrets are gone. */
  readonly text: string
  readonly marks: readonly LeafMark[]
  /** How many characters are not shown. */
  readonly omitted: number
}

/** A stage in words, for "who else must approve". */
export interface ReviewStage {
  readonly requirement: string
  readonly stage: string
  readonly reviewers: string
  readonly atLeast: number
  readonly assurance: string | null
}

/** Bounds on what one channel can show. What does not fit is declared, and then the document cannot be approved in place. */
export interface ReviewLimits {
  /** Characters of one leaf. */
  readonly leafCharacters: number
  readonly leaves: number
  /** Characters of all leaves together. */
  readonly totalCharacters: number
}

/** The part of a review document that is approved: fixed for given arguments, covered by the digest. */
export interface ReviewContent {
  readonly format: 1
  readonly requestId: string
  readonly action: string
  readonly title: string | null
  readonly description: string | null
  /** Of the arguments that would run. */
  readonly argumentsDigest: string
  readonly requester: { readonly id: string; readonly name: string; readonly owner: string | null }
  readonly onBehalfOf: string | null
  /** What the agent says about itself. Show it under exactly this label. */
  readonly intent: { readonly label: 'the agent says'; readonly leaf: ReviewLeaf } | null
  readonly arguments: readonly ReviewLeaf[]
  /** Who changed the arguments, and how, when a reviewer did. */
  readonly edited: {
    readonly by: string
    readonly changes: readonly {
      readonly path: string
      readonly before: string | null
      readonly after: string | null
    }[]
  } | null
  readonly context:
    | { readonly status: 'none' }
    | { readonly status: 'unavailable'; readonly reason: string }
    | {
        readonly status: 'available'
        readonly resource: readonly ReviewLeaf[]
        readonly lineage: readonly ReviewLeaf[]
        readonly impact: readonly ReviewLeaf[]
        readonly scope: readonly ReviewLeaf[]
        readonly labels: readonly ReviewLeaf[]
      }
  readonly pins: readonly { readonly name: string; readonly digest: string }[]
  readonly risk: { readonly level: string; readonly score: number; readonly reasons: readonly string[] }
  /** The rules that asked. */
  readonly rules: readonly { readonly id: string; readonly version: number; readonly reason: string | null }[]
  readonly stages: readonly ReviewStage[]
  /** What is not shown, in words. Empty means everything is. */
  readonly missing: readonly string[]
  /** Which votes need a note: one without is refused. Ask for it before the vote is cast. */
  readonly noteFor: { readonly approve: boolean; readonly reject: boolean }
}

/** A past decision on the same kind of call. */
export interface SimilarDecision {
  readonly requestId: string
  readonly status: RequestStatus
  readonly by: string | null
  readonly at: number
  readonly sameArguments: boolean
}

/** The part that moves while people decide: not covered by the digest. */
export interface ReviewProgress {
  readonly status: RequestStatus
  readonly version: number
  readonly createdAt: number
  readonly expiresAt: number
  readonly votes: readonly {
    readonly by: string
    readonly decision: 'approve' | 'reject'
    readonly note: string | null
    readonly at: number
    /** `false`: cast on arguments that were edited since. */
    readonly counts: boolean
  }[]
  /** Stages open now, with the approvals still missing. */
  readonly open: readonly {
    readonly requirement: string
    readonly stage: string
    readonly reviewers: string
    readonly missing: number
  }[]
  readonly similar: readonly SimilarDecision[]
  /** How many equal requests wait behind this one. Each needs its own vote. */
  readonly waitingBehind: number
  readonly reminder: number
  readonly resolution: { readonly reason: string; readonly by: string | null } | null
  readonly outcome: { readonly status: string; readonly summary: string } | null
}

/** What a reviewer sees, on every channel. Built from the real call, never from somebody's words about it (I9). */
export interface ReviewDocument {
  readonly requestId: string
  /** SHA-256 of the canonical form of `content`. A vote carries it. */
  readonly digest: string
  /** The first 8 hex digits of `digest`, for people to compare. */
  readonly shortDigest: string
  /** Whether everything is shown. If not, approving in place is refused: the digest is not the complete document's. */
  readonly complete: boolean
  readonly content: ReviewContent
  readonly progress: ReviewProgress
  /** Where the complete document can be seen. */
  readonly link: string | null
}
