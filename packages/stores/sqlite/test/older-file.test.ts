import type { ApprovalRequest } from '@gatewright/core'
import { REQUEST_STATUSES } from '@gatewright/core/review'
import { createSample, sampleEvent, sampleMove, sampleRequest, sampleVote } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { openWriter } from '../src/database/connection'
import { migrate } from '../src/database/migrate'
import { MIGRATIONS } from '../src/database/schema'
import { createVault, type Vault } from '../src/documents/vault'
import { readOptions, type SqliteStoreOptions } from '../src/options'
import { keyOf, openStore, scratchFile } from './scratch'
import { rows } from './sql'

const digest = (number: number): string => `${number}`.padStart(64, '0')

const requests = REQUEST_STATUSES.map((status, index) =>
  sampleRequest(`r-${status}`, {
    status,
    version: 3,
    key: digest(index),
    intent: `why ${status}`,
    votes: [sampleVote('v-1')],
    approvedAt: index % 2 === 0 ? 1 : null,
    dueAt: status === 'pending' || status === 'approved' ? 5 : null,
    lastEvent: { seq: 1, hash: digest(1) },
  }),
)

/** A file as the first version of the schema was written: each request is one document, bound to its id and version. */
async function olderFile(vault: Vault): Promise<string> {
  const file = scratchFile()
  const database = openWriter(file, 1_000, 'own')
  await migrate(database, MIGRATIONS.slice(0, 1), file)
  const insert = await database.prepare(`INSERT INTO requests
    (id, version, status, action, shape, requester, run, key, created_at, due_at, decided, last_seq, change, digest, doc)
    VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const record = await database.prepare('INSERT INTO events (subject, seq, doc) VALUES (?, 1, ?)')
  for (const [index, request] of requests.entries()) {
    const { id, version, status, action, requester, key, createdAt, dueAt, argumentsDigest } = request
    const shape = `=${request.argumentShape}`
    const decided = request.approvedAt !== null || status === 'rejected' ? index : null
    const doc = vault.seal('requests', [id, version], request)
    const columns = [id, version, status, action, shape, requester.id, key, createdAt, dueAt, decided]
    insert.run([...columns, 1, index, argumentsDigest, doc])
    record.run([id, vault.seal('events', [id, 1], sampleEvent(id, 1))])
  }
  await database.exec(`UPDATE changes SET number = ${requests.length}`)
  database.close()
  return file
}

const KINDS: readonly (readonly [string, Partial<SqliteStoreOptions>])[] = [
  ['in clear', {}],
  ['encrypted', { encryption: { keys: () => [keyOf('k1', 1)] } }],
]

describe.each(KINDS)('a file of the older schema, %s', (_, options) => {
  const older = () => olderFile(createVault(readOptions({ file: 'unused.db', ...options }).cipher))

  test('is read whole, whatever its requests came to', async () => {
    const store = openStore(await older(), options)
    for (const request of requests) {
      expect(await store.get(request.id)).toEqual(request)
      expect(await store.getByKey(String(request.key))).toEqual(request)
      expect((await store.list({ status: request.status })).requests).toEqual([request])
    }
    expect((await store.due(9)).requests.map(({ status }) => status).sort()).toEqual(['approved', 'pending'])
    expect(await store.similar('data.export', requests[0]?.argumentShape ?? '', 20)).toHaveLength(7)
    expect(await store.outbox.unpublished({ logId: 'log', limit: 99 })).toHaveLength(REQUEST_STATUSES.length)
  })

  test('goes on: its requests move, and have the newer form from then on', async () => {
    const file = await older()
    const store = openStore(file, options)
    for (const { id } of requests) {
      const before = (await store.get(id)) as ApprovalRequest
      const move = sampleMove(before, { reminders: 1 })
      expect((await store.transition(move)).applied).toBe(true)
      expect(await store.get(id)).toEqual(move.next)
      const again = sampleMove(move.next, { reminders: 2 })
      expect((await store.transition(again)).applied).toBe(true)
      expect(await store.get(id)).toEqual(again.next)
    }
    expect(rows(file, 'SELECT count(*) FROM requests WHERE content IS NULL')).toEqual([[0]])
  })

  test('is forgotten, and takes new ones beside', async () => {
    const store = openStore(await older(), options)
    const id = 'r-failed'
    await store.outbox.published('log', [`${id}/1`])
    expect(await store.forget(id)).toBe(true)
    const fresh = await createSample(store, 'r-fresh')
    expect(await store.get('r-fresh')).toEqual(fresh)
    expect((await store.list({})).requests).toHaveLength(REQUEST_STATUSES.length)
  })
})

test('an older file is sealed with a newer key without being moved', async () => {
  const file = await olderFile(createVault(readOptions({ file: 'unused.db' }).cipher))
  const store = openStore(file, { encryption: { keys: () => [keyOf('k1', 1)] } })
  expect(await store.rewrite()).toBe(2 * REQUEST_STATUSES.length)
  expect(await store.rewrite()).toBe(0)
  expect(await store.get('r-unknown')).toEqual(requests.at(-1))
})

test('a process that still runs the older code reads no half requests: it cannot read at all', async () => {
  const file = scratchFile()
  await createSample(openStore(file), 'r-1')
  expect(() => rows(file, 'SELECT id, version, doc FROM requests WHERE id = 1')).toThrow(
    'no such column: doc',
  )
})
