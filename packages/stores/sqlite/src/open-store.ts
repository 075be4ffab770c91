import { type ApprovalStore, systemClock } from '@gatewright/core'
import { fromColumn } from './database/column-text'
import { createExecutor } from './database/executor'
import type { OpenedDatabase } from './database/open'
import { createWriter } from './database/writer'
import { createRewrite } from './documents/rewrite'
import { storeError, unavailable } from './errors'
import { createFeed, type Feed, feedSource } from './feed'
import type { Settings } from './options'
import { createCounters } from './rows/counters'
import { createGrants } from './rows/grants'
import { createOutbox } from './rows/outbox'
import type { Parts } from './rows/parts'
import { createRequestReads } from './rows/queries'
import { createRequestRows } from './rows/request-rows'
import { createRequests } from './rows/requests'
import { createSideRows } from './rows/side-rows'
import { createQueries, type Queries } from './rows/statements'
import { chooseExecutor, threadEntry } from './thread/choose-executor'
import { startThread, type WriterThread } from './thread/start-thread'
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
  settings: Settings,
  vault: Parts['vault'],
  path: string,
): Promise<OpenStore> {
  const queries = createQueries(reader)
  const now = () => settings.clock.now()
  const feed = createFeed(feedSource(queries, fromColumn), watchCommits(path))
  function read<T>(work: (queries: Queries, now: number) => T): T {
    try {
      return work(queries, now())
    } catch (error) {
      throw storeError(error, path)
    }
  }

  const rows = createRequestRows(vault)
  const reads = createRequestReads({ rows, read })
  // A key that is wrong or missing is told of at the start, before there is a thread, and not when the first request is due.
  await reads.list({}, { limit: 1 })
  const executors = await chooseExecutor(
    await createExecutor(writing, now),
    () => threadFor(settings, path),
    settings.thread,
  )
  const writer = createWriter({
    executor: executors.choose,
    errorOf: (error) => storeError(error, path),
    onCommit: (change, ids) => feed.committed(change, ids.map(fromColumn)),
  })
  const parts: Parts = { vault, rows, read, write: writer.write }
  return {
    ...createRequests(parts),
    ...reads,
    outbox: createOutbox(parts),
    ...createSideRows(parts),
    grants: createGrants(parts),
    counters: createCounters(parts),
    feed,
    rewrite: createRewrite(parts),
    async close() {
      feed.close()
      await writer.idle()
      await executors.close()
      reader.close()
      writing.close()
    },
  }
}

/** Starts a thread that writes to the file. */
async function threadFor(settings: Settings, path: string): Promise<WriterThread> {
  const { busyMs, synchronous, cipher, clock } = settings
  const time = clock === systemClock ? null : () => clock.now()
  const care = { path, busyMs, synchronous, encrypted: cipher.sealingKeyId() !== null }
  try {
    return await startThread(threadEntry(), care, time)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw unavailable(
      `no thread could be started that writes to ${path}: ${why} With thread: 'auto' the store does without.`,
      error,
    )
  }
}
