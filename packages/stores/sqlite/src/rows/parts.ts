import type { Awaitable } from '@gatewright/core'
import type { Writer } from '../database/writer'
import type { Vault } from '../documents/vault'
import type { RequestRows } from './request-rows'
import type { Queries } from './statements'

/** What every table of the store works with. */
export interface Parts {
  readonly vault: Vault
  readonly rows: RequestRows
  /** Reads what is committed. @throws GatewrightError once the store was closed */
  read<T>(work: (queries: Queries, now: number) => T): Awaitable<T>
  readonly write: Writer['write']
}
