import type { ApprovalStore } from '@gatewright/core'
import { fromColumn } from './database/column-text'
import type { OpenedDatabase } from './database/open'
import { createWriter, type Work } from './database/writer'
import { createRewrite } from './documents/rewrite'
import { storeError } from './errors'
import { createFeed, type Feed, feedSource } from './feed'
import type { Settings } from './options'
import { createCounters } from './rows/counters'
import { createGrants } from './rows/grants'
import { createOutbox } from './rows/outbox'
import type { Parts } from './rows/parts'
import { createRequestReads } from './rows/queries'
import { createRequests } from './rows/requests'
import { createSideRows } from './rows/side-rows'
import { createQueries, type Queries } from './rows/statements'
import { watchCommits } from './write-watch'

/** The methods of a store whose file is open. */
export interface OpenStore
  extends Pick<
    ApprovalStore,
    | 'create'
    | 'transition'
    | 'forget'
    | 'get'
    | 'getMany'
    | 'getByKey'
    | 'list'
    | 'similar'
    | 'due'
    | 'outbox'
    | 'deliveries'
    | 'leases'
    | 'credentials'
    | 'grants'
    | 'links'
    | 'counters'
  > {
  readonly feed: Feed
  rewrite(): Promise<number>
  close(): Promise<void>
}

/** Makes a store of a file that is open. */
export async function assembleStore(
  { reader, writing }: OpenedDatabase,
  { clock }: Settings,
  vault: Parts['vault'],
  path: string,
): Promise<OpenStore> {
  const queries = createQueries(reader)
  const now = () => clock.now()
  const feed = createFeed(feedSource(queries, fromColumn), watchCommits(path))
  const writer = await createWriter({ database: writing, path, now, onCommit: feed.committed })

  function read<T>(work: (queries: Queries, now: number) => T): T {
    try {
      return work(queries, now())
    } catch (error) {
      throw storeError(error, path)
    }
  }

  const parts: Parts = { vault, database: writing, read, write: <T>(work: Work<T>) => writer.write(work) }
  const outbox = await createOutbox(parts)
  const grants = await createGrants(parts, outbox)
  const counters = await createCounters(parts)
  const requests = await createRequests({
    ...parts,
    outbox,
    setMark: counters.setMark,
    grants: grants.uses,
  })
  const reads = createRequestReads(parts)
  // A key that is wrong or missing is told of at the start, and not when the first request is due.
  await reads.list({}, { limit: 1 })
  return {
    ...requests,
    ...reads,
    outbox: outbox.rows,
    ...(await createSideRows(parts)),
    grants: grants.rows,
    counters: counters.rows,
    feed,
    rewrite: await createRewrite(parts),
    async close() {
      feed.close()
      await writer.idle()
      reader.close()
      writing.close()
    },
  }
}
