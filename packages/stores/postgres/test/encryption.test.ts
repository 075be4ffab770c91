import { randomBytes } from 'node:crypto'
import { createSample, sampleEvent, sampleMove, sampleRequest } from '@gatewright/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EncryptionKey, postgresStore } from '../src'
import { ADA } from './effects'
import { startServer, type TestServer } from './server'

const OLD: EncryptionKey = { id: 'old.1', key: randomBytes(32) }
const NEW: EncryptionKey = { id: 'new-2', key: randomBytes(32) }

let server: TestServer
const schema = `sealed_${process.pid}`
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  await server.stop()
})

function open(...keys: readonly EncryptionKey[]) {
  const encryption = keys.length === 0 ? {} : { encryption: { keys: () => keys } }
  return postgresStore({ connectionString: server.connectionString, schema, ...encryption })
}

/** Everything that the tables hold. */
async function dump(): Promise<string> {
  const { rows } = await server.admin.query(
    'SELECT table_name FROM information_schema.tables WHERE table_schema = $1',
    [schema],
  )
  const texts = await Promise.all(
    rows.map(async ({ table_name }) =>
      JSON.stringify((await server.admin.query(`SELECT * FROM "${schema}"."${table_name}"`)).rows),
    ),
  )
  return texts.join('\n')
}

test('what is sensitive stands nowhere in clear, and comes back', async () => {
  const store = open(OLD)
  const at = store.now()
  const fields = { arguments: '["marked-argument"]', intent: 'marked-intent', key: 'k' }
  const request = sampleRequest('r-1', { createdAt: at, ...fields })
  const event = sampleEvent('r-1', 1, { data: { note: 'marked-note' } })
  const mark = { key: 'm', until: at + 60_000, value: 'marked-value' }
  await store.create(request, [event])
  const move = sampleMove(request, { result: '"marked-result"' }, { mark })
  await store.transition(move)
  await store.deliveries.put({
    id: 'd-1',
    requestId: 'r-1',
    approver: 'console',
    stages: [],
    status: 'sending',
    attempts: 1,
    nextAttemptAt: at,
    reference: 'marked-reference',
    reached: 'everyone',
    shownVersion: 1,
    error: null,
  })
  await store.credentials.put({
    id: 'c-1',
    requestId: 'r-1',
    processId: 'p',
    broker: 'b',
    handle: 'marked-handle',
    createdAt: at,
  })
  await store.links.put({ issuer: 'i', subject: 's' }, { ...ADA, name: 'marked-name' }, ADA)
  const held = await dump()
  expect(held).toContain('gw1:old.1:')
  expect(held).not.toMatch(/marked-/)
  expect(await store.get('r-1')).toEqual(move.next)
  expect(await store.counters.mark('m')).toEqual(mark)
  expect((await store.credentials.list(1))[0]?.handle).toBe('marked-handle')
  await store.close()
})

test('another key first: new rows are sealed with it, old ones still open; without the old key they do not, by name', async () => {
  const rotated = open(NEW, OLD)
  const request = await createSample(rotated, 'r-2')
  expect((await rotated.get('r-1'))?.intent).toBe('marked-intent')
  await rotated.close()
  const { rows } = await server.admin.query(
    `SELECT id, split_part(body, ':', 2) AS key FROM "${schema}".requests ORDER BY id`,
  )
  expect(rows).toEqual([
    { id: 'r-1', key: 'old.1' },
    { id: 'r-2', key: 'new-2' },
  ])
  const without = open(NEW)
  expect(await without.get('r-2')).toEqual(request)
  await expect(without.get('r-1')).rejects.toThrow(/the key "old\.1".*none of this id/)
  await without.close()
  const wrong = open({ ...OLD, key: randomBytes(32) })
  await expect(wrong.get('r-1')).rejects.toThrow(/changed or moved, or the key is another/)
  await wrong.close()
  const none = open()
  await expect(none.get('r-1')).rejects.toThrow(/encrypted rows, and the store has no encryption option/)
  await none.close()
})

test('a row that is changed, or put in another’s place, does not open', async () => {
  const store = open(NEW, OLD)
  await createSample(store, 'r-3')
  await server.admin.query(
    `UPDATE "${schema}".requests SET body = (SELECT body FROM "${schema}".requests WHERE id = 'r-2') WHERE id = 'r-3'`,
  )
  await expect(store.get('r-3')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  await server.admin.query(`UPDATE "${schema}".requests SET body = 'gw1:new-2:AAAA' WHERE id = 'r-3'`)
  await expect(store.get('r-3')).rejects.toThrow(/does not open/)
  await store.close()
})

test('what was stored before encryption was switched on is read, and sealed when it next changes', async () => {
  const plain = open()
  const request = await createSample(plain, 'r-4')
  await plain.close()
  const sealed = open(NEW, OLD)
  expect(await sealed.get('r-4')).toEqual(request)
  await sealed.transition(sampleMove(request))
  await sealed.close()
  const { rows } = await server.admin.query(`SELECT body FROM "${schema}".requests WHERE id = 'r-4'`)
  expect(rows[0]?.body).toMatch(/^gw1:new-2:/)
})
