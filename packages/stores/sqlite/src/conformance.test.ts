import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ApprovalStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describeApprovalStore, type StoreHarness } from '@gatewright/testing/conformance'
import { builtPackage } from '../test/built'
import { type SqliteStoreOptions, sqliteStore } from './index'

const clock = fakeClock()
const KEYS = { keys: () => [{ id: 'k1', key: new Uint8Array(32).fill(7) }] }
const built = await builtPackage()

describeApprovalStore('the SQLite store', harness(sqliteStore, {}))
describeApprovalStore(
  'the SQLite store with encryption, writing from a thread',
  harness(built.sqliteStore, { encryption: KEYS, thread: 'always' }),
)

function harness(make: typeof sqliteStore, options: Partial<SqliteStoreOptions>): StoreHarness {
  const files = new WeakMap<ApprovalStore, string>()

  function open(file: string): ApprovalStore {
    const store = make({ file, clock, ...options })
    files.set(store, file)
    return store
  }

  const fileOf = (store: ApprovalStore): string => files.get(store) ?? ''
  return {
    create: () => open(join(mkdtempSync(join(tmpdir(), 'gatewright-sqlite-')), 'requests.db')),
    async dispose(store) {
      await store.close()
      rmSync(dirname(fileOf(store)), { recursive: true })
    },
    reopen: (closed) => open(fileOf(closed)),
    another: (store) => open(fileOf(store)),
    clock,
  }
}
