import type { Database } from './database'
import type { Rows } from './rows'

/** What every part of the store is made of. */
export interface Parts {
  readonly database: Database
  readonly rows: Rows
  /** Tells who listens, here and elsewhere, that these requests have changed. */
  readonly announce: (requestIds: readonly string[]) => void
}
