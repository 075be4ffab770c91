import { readFileSync } from 'node:fs'
import { createSample, sampleEvent, sampleMove, sampleRequest } from '@gatewright/testing'
import Database from 'libsql'
import { expect, test } from 'vitest'
import type { EncryptionKey } from '../src/index'
import { keyOf, openStore, scratchFile } from './scratch'

const SECRET = 'the merger with Umbrella'
const secret = sampleRequest('r-1', {
  intent: SECRET,
  arguments: JSON.stringify([SECRET]),
  key: 'k'.repeat(64),
})
const event = {
  ...sampleEvent('r-1', 1),
  data: { note: SECRET },
  openings: [{ pointer: '/a', salt: 'c2FsdA==', value: SECRET }],
}

function encrypted(file: string, ...keys: readonly EncryptionKey[]) {
  return openStore(file, { encryption: { keys: () => keys } })
}

function sql(file: string, text: string): void {
  const database = new Database(file)
  database.exec(text)
  database.close()
}

function bytesOnDisk(file: string): string {
  return [file, `${file}-wal`].map((name) => readFileSync(name, 'latin1')).join('')
}

test('nothing of arguments, intent, notes, openings, results, marks or messages stands in the file', async () => {
  const file = scratchFile()
  const store = encrypted(file, keyOf('k1', 1))
  await store.create(secret, [event])
  const mark = { key: 'm', until: store.now() + 60_000, value: SECRET }
  const moved = sampleMove(secret, { result: SECRET, status: 'rejected' })
  await store.transition({ ...moved, mark })
  await store.deliveries.put({
    id: 'd-1',
    requestId: 'r-1',
    approver: 'console',
    stages: [],
    status: 'sending',
    attempts: 1,
    nextAttemptAt: 0,
    reference: SECRET,
    reached: 'everyone',
    shownVersion: 1,
    error: SECRET,
  })
  await store.credentials.put({
    id: 'c-1',
    requestId: 'r-1',
    processId: 'p',
    broker: 'vault',
    handle: SECRET,
    createdAt: 0,
  })
  expect(bytesOnDisk(file)).not.toContain('Umbrella')
  expect(await store.get('r-1')).toEqual(moved.next)
  expect(await store.counters.mark('m')).toEqual(mark)
  expect(await store.outbox.unpublished({ logId: 'log', limit: 1 })).toEqual([event])
})

test('without the key nothing is opened, and the error names it', async () => {
  const file = scratchFile()
  const store = encrypted(file, keyOf('k1', 1))
  await store.create(secret, [event])
  await store.close()
  await expect(openStore(file).opened).rejects.toThrow(
    /encrypted with key 'k1'.*Nothing was executed or changed/s,
  )
  await expect(encrypted(file, keyOf('k2', 2)).opened).rejects.toThrow(/key 'k1', which .* does not list/s)
  await expect(encrypted(file, keyOf('k1', 9)).opened).rejects.toThrow(/cannot be decrypted with key 'k1'/)
})

test('new rows have the first key, old ones stay readable, and rewriting lets the old key go', async () => {
  const file = scratchFile()
  const plain = openStore(file)
  await plain.create(sampleRequest('r-0', { intent: SECRET }), [sampleEvent('r-0', 1)])
  await plain.close()
  const first = encrypted(file, keyOf('k1', 1))
  await first.create(secret, [event])
  await first.close()
  const second = encrypted(file, keyOf('k2', 2), keyOf('k1', 1))
  for (let number = 2; number < 250; number += 1) await createSample(second, `r-${number}`)
  expect(await second.get('r-1')).toEqual(secret)
  // Two requests with an event each.
  expect(await second.rewrite()).toBe(4)
  expect(await second.rewrite()).toBe(0)
  await second.close()
  const third = encrypted(file, keyOf('k2', 2))
  expect(await third.get('r-1')).toEqual(secret)
  expect((await third.get('r-0'))?.intent).toBe(SECRET)
  expect(await third.outbox.unpublished({ logId: 'log', subject: 'r-1', limit: 9 })).toEqual([event])
  await third.close()
  sql(file, 'PRAGMA wal_checkpoint(TRUNCATE)')
  expect(bytesOnDisk(file), 'what was once in clear lies about').not.toContain('Umbrella')
})

test('a row put in the place of another, of an older version, or changed, is not read', async () => {
  const file = scratchFile()
  const store = encrypted(file, keyOf('k1', 1))
  const other = sampleRequest('r-2')
  await store.create(secret, [event])
  await store.create(other, [sampleEvent('r-2', 1)])
  sql(file, 'CREATE TABLE kept AS SELECT * FROM requests')
  await store.transition(sampleMove(other, { reminders: 1 }))
  const read = async () => store.get('r-2')
  sql(file, "UPDATE requests SET doc = (SELECT doc FROM kept WHERE id = 'r-1') WHERE id = 'r-2'")
  await expect(read()).rejects.toThrow("cannot be decrypted with key 'k1'")
  sql(file, "UPDATE requests SET doc = (SELECT doc FROM kept WHERE id = 'r-2') WHERE id = 'r-2'")
  await expect(read()).rejects.toThrow("cannot be decrypted with key 'k1'")
  sql(file, "UPDATE requests SET doc = x'00' WHERE id = 'r-2'")
  await expect(read()).rejects.toThrow('in a form that is not known')
  expect(await store.get('r-1')).toEqual(secret)
})

test('a key that comes while the store is open counts at once', async () => {
  let keys = [keyOf('k1', 1)]
  const file = scratchFile()
  const store = openStore(file, { encryption: { keys: () => keys } })
  await store.create(secret, [event])
  keys = [keyOf('k2', 2), keyOf('k1', 1)]
  await createSample(store, 'r-2')
  await store.close()
  await expect(encrypted(file, keyOf('k1', 1)).opened).rejects.toThrow("key 'k2'")
})
