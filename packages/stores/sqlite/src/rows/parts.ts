import type { Awaitable } from '@gatewright/core'
import type { WritingConnection } from '../database/connection'
import type { Work } from '../database/writer'
import type { Vault } from '../documents/vault'
import type { Queries } from './statements'

/** What every table of the store works with. */
export interface Parts {
  readonly vault: Vault
  /** The connection that writes, for preparing statements. */
  readonly database: WritingConnection
  /** Reads what is committed. @throws GatewrightError once the store was closed */
  read<T>(work: (queries: Queries, now: number) => T): Awaitable<T>
  write<T>(work: Work<T>): Promise<T>
}
