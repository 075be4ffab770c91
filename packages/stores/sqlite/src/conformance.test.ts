import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ApprovalStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describeApprovalStore, type StoreHarness } from '@gatewright/testing/conformance'
import { type EncryptionOptions, sqliteStore } from './index'

const clock = fakeClock()
const KEYS: EncryptionOptions = { keys: () => [{ id: 'k1', key: new Uint8Array(32).fill(7) }] }

describeApprovalStore('the SQLite store', harness())
describeApprovalStore('the SQLite store with encryption', harness(KEYS))

function harness(encryption?: EncryptionOptions): StoreHarness {
  const files = new WeakMap<ApprovalStore, string>()

  function open(file: string): ApprovalStore {
    const store = sqliteStore({ file, clock, ...(encryption === undefined ? {} : { encryption }) })
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
