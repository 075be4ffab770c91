import { readFileSync } from 'node:fs'
import { createSample, sampleEvent, sampleMove, sampleRequest } from '@gatewright/testing'
import { expect, test } from 'vitest'
import type { EncryptionKey } from '../src/index'
import { keyOf, openStore, scratchFile } from './scratch'
import { rows, sql } from './sql'

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

function bytesOnDisk(file: string): string {
  return [file, `${file}-wal`].map((name) => readFileSync(name, 'latin1')).join('')
}

test('rewriting lets an old key go, and what was in clear', async () => {
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
  // Two requests, of two documents and an event each.
  expect(await second.rewrite()).toBe(6)
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

test('a document of an older version of the row, or in a form that is not known, is not read', async () => {
  const file = scratchFile()
  const store = encrypted(file, keyOf('k1', 1))
  const request = await createSample(store, 'r-1')
  sql(file, 'CREATE TABLE kept AS SELECT * FROM requests')
  await store.transition(sampleMove(request, { reminders: 1 }))
  sql(file, "UPDATE requests SET state = (SELECT state FROM kept WHERE id = 'r-1') WHERE id = 'r-1'")
  const read = async () => store.get('r-1')
  await expect(read()).rejects.toThrow('with the key "k1", and does not open with it')
  sql(file, "UPDATE requests SET state = x'00' WHERE id = 'r-1'")
  await expect(read()).rejects.toThrow('in a form that is not known')
})

test('what a request is belongs to its row, and is no other document', async () => {
  const file = scratchFile()
  const store = encrypted(file, keyOf('k1', 1))
  await createSample(store, 'r-1')
  await createSample(store, 'r-2')
  const read = async () => store.get('r-1')
  sql(file, 'CREATE TABLE kept AS SELECT * FROM requests')
  for (const from of [
    "content FROM kept WHERE id = 'r-2'",
    "state FROM kept WHERE id = 'r-1'",
    "substr(content, 1, 40) FROM kept WHERE id = 'r-1'",
  ]) {
    sql(file, `UPDATE requests SET content = (SELECT ${from}) WHERE id = 'r-1'`)
    await expect(read(), from).rejects.toThrow('with the key "k1", and does not open with it')
  }
})

test('a move seals all of a request with the first key, also what it does not change', async () => {
  const file = scratchFile()
  const plain = openStore(file)
  await plain.create(secret, [event])
  await plain.close()
  const keys = [keyOf('k1', 1)]
  const store = openStore(file, { encryption: { keys: () => keys } })
  const read = await store.get('r-1')
  const first = await store.transition(sampleMove(read ?? secret, { reminders: 1 }))
  expect(rows(file, 'SELECT typeof(content), typeof(state) FROM requests')).toEqual([['blob', 'blob']])
  // Another key while the program runs: its next move takes it for both.
  keys.unshift(keyOf('k2', 2))
  await store.transition(sampleMove(first.request ?? secret, { reminders: 2 }))
  await store.close()
  expect((await encrypted(file, keyOf('k2', 2)).get('r-1'))?.intent).toBe(SECRET)
})

test('a store that cannot read its newest request says so when it is opened', async () => {
  const file = scratchFile()
  await createSample(encrypted(file, keyOf('k1', 1)), 'r-1')
  await expect(openStore(file).opened).rejects.toThrow(/the key "k1".*without "encryption"/)
})
