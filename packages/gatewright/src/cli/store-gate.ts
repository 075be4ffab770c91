import { existsSync } from 'node:fs'
import { type ApprovalStore, type Approver, createGate, type Gate, group } from '@gatewright/core'
import { sqliteStore } from '@gatewright/store-sqlite'
import { FailedError, UsageError } from './exit'

/** Where requests lie when nobody says: what `createGate` of this package keeps them in. */
export const DEFAULT_STORE = '.gatewright/requests.db'

/** What each command over a store says of it in its help. */
export const STORE_HELP = `  --store PLACE      the requests: an SQLite file, or the address of a PostgreSQL database (postgres://…, which needs
                     @gatewright/store-postgres to be installed). Default: ${DEFAULT_STORE}`

/** A store that was opened for a command, with a gate over it that reviews, votes and cancels, and runs nothing. */
export interface StoreGate {
  readonly gate: Gate
  readonly store: ApprovalStore
  close(): Promise<void>
}

/**
 * Opens a store that is there, with a gate without a log: what it does stays recorded in the store, until the process that
 * runs the calls publishes it.
 *
 * @throws UsageError when there is no such store
 * @throws FailedError when it cannot be opened
 */
export async function openStoreGate(
  place: string | undefined,
  approvers: readonly Approver[] = [],
): Promise<StoreGate> {
  const store = await openStore(place ?? DEFAULT_STORE)
  const gate = createGate({
    agent: { id: 'gatewright command line', owner: null },
    // It opens no requests: nobody is ever asked by this.
    reviewers: group('nobody'),
    approvers,
    attend: 'all',
    coalesce: false,
    store,
    audit: null,
    logger: {
      info() {},
      warn() {},
      error: (message) => void process.stderr.write(`gatewright: ${message}\n`),
    },
  })
  return {
    gate,
    store,
    async close() {
      await gate.close()
      await store.close()
    },
  }
}

async function openStore(place: string): Promise<ApprovalStore> {
  if (/^postgres(?:ql)?:\/\//.test(place)) return openPostgres(place)
  if (!existsSync(place))
    throw new UsageError(
      `there are no requests at ${place}. Name the store with --store: the SQLite file that the program uses, or postgres://…`,
    )
  const store = sqliteStore({ file: place })
  await answering(store.opened)
  return store
}

/** A store that cannot be used is no mistake of the command line, whichever code its error has. */
async function answering(opened: Promise<void>): Promise<void> {
  try {
    await opened
  } catch (error) {
    throw new FailedError(error instanceof Error ? error.message : 'the store cannot be opened', {
      cause: error,
    })
  }
}

/** What is used of `@gatewright/store-postgres`, which this package does not depend on. */
interface PostgresStore extends ApprovalStore {
  ready(): Promise<void>
}

/** Only who keeps requests in PostgreSQL has its driver. */
async function openPostgres(connectionString: string): Promise<ApprovalStore> {
  const name = '@gatewright/store-postgres'
  let loaded: { readonly postgresStore: (options: { readonly connectionString: string }) => PostgresStore }
  try {
    loaded = (await import(name)) as typeof loaded
  } catch (error) {
    throw new FailedError(`requests in PostgreSQL need ${name}: npm install ${name}`, { cause: error })
  }
  const store = loaded.postgresStore({ connectionString })
  try {
    await answering(store.ready())
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}
