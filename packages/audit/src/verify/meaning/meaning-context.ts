import type { GrantBook } from './grant-book'
import type { PolicyHashes } from './policy-record'
import type { LoggedEvent, Tell } from './told'

/** What was judged, in numbers. */
export interface MeaningCounts {
  subjects: number
  requests: number
  votes: number
  executions: number
  observed: number
}

/** What stories share. */
export interface MeaningContext {
  readonly tell: Tell
  readonly counts: MeaningCounts
  readonly policyHashes: PolicyHashes
  readonly grants: GrantBook
  /** Notes a run that only a gate's `observe` mode let through. */
  observed(about: LoggedEvent): void
}
