import type { WritingConnection } from '../database/connection'
import { createEventWrites, type EventRows, type EventWrites } from './event-writes'
import { createGrantWrites, type GrantWrites } from './grant-writes'
import { createRequestWrites, type RequestWrites } from './request-writes'
import { createRewriteWrites, type RewriteWrites } from './rewrite-writes'
import { createSideWrites, type SideWrites } from './side-writes'
import type { Transaction } from './transaction'

/**
 * Every way in which the file changes. Each is called within a transaction, whole or not at all, takes and answers plain
 * values, and waits for nothing: so they run in the program's own thread or in another.
 */
export type Writes = RequestWrites & EventWrites & SideWrites & GrantWrites & RewriteWrites

/** Their names. */
export type WriteName = keyof Writes

type Given<F> = F extends (transaction: Transaction, ...given: infer Rest) => unknown ? Rest : never

/** What a write is given. */
export type WriteInput<Name extends WriteName> = Given<Writes[Name]>

/** What it answers. */
export type WriteResult<Name extends WriteName> = ReturnType<Writes[Name]>

/** All writes of one connection. */
export interface WriteSet extends Pick<EventRows, 'flush' | 'discard'> {
  readonly writes: Writes
}

/** Makes them over the connection that writes. `flush` ends each write, or many: some of their rows are written only then. */
export async function createWrites(database: WritingConnection): Promise<WriteSet> {
  const { rows: events, writes: eventWrites } = await createEventWrites(database)
  const { setMark, writes: sideWrites } = await createSideWrites(database)
  const { uses: grants, writes: grantWrites } = await createGrantWrites(database, events)
  const writes: Writes = {
    ...(await createRequestWrites(database, { events, setMark, grants })),
    ...eventWrites,
    ...sideWrites,
    ...grantWrites,
    ...(await createRewriteWrites(database)),
  }
  return { writes, flush: events.flush, discard: events.discard }
}
