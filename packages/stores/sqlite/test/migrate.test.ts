import { createSample, sampleDelivery } from '@gatewright/testing'
import { expect, onTestFinished, test } from 'vitest'
import { openWriter, type WritingConnection } from '../src/database/connection'
import { migrate } from '../src/database/migrate'
import { MIGRATIONS } from '../src/database/schema'
import { openStore, scratchFile } from './scratch'

const FIRST = ['CREATE TABLE one (id)', "INSERT INTO one VALUES ('kept')"]
const SECOND = ['ALTER TABLE one ADD COLUMN more DEFAULT 7']

async function connect(file: string): Promise<WritingConnection> {
  const database = openWriter(file, 5_000)
  onTestFinished(() => database.close())
  return database
}

async function rowsOf(database: WritingConnection, text: string) {
  return (await database.prepare(text)).get([])
}

test('an older schema is brought to the newest, with what it holds', async () => {
  const file = scratchFile()
  const database = await connect(file)
  await migrate(database, [FIRST], file)
  await migrate(database, [FIRST, SECOND], file)
  await migrate(database, [FIRST, SECOND], file)
  expect(await rowsOf(database, 'SELECT id, more FROM one')).toEqual(['kept', 7])
  expect(await rowsOf(database, 'SELECT count(*), max(version) FROM gatewright_schema')).toEqual([2, 2])
})

test('a step that fails changes nothing', async () => {
  const file = scratchFile()
  const database = await connect(file)
  await migrate(database, [FIRST], file)
  await expect(migrate(database, [FIRST, [...SECOND, 'NONSENSE']], file)).rejects.toThrow('NONSENSE')
  expect(await rowsOf(database, 'SELECT * FROM one')).toEqual(['kept'])
  expect(await rowsOf(database, 'SELECT max(version) FROM gatewright_schema')).toEqual([1])
})

test('T34: messages of version 1 are looked at once each, whatever their status, and others when they are due', async () => {
  const file = scratchFile()
  const old = openWriter(file, 5_000)
  await migrate(old, MIGRATIONS.slice(0, 1), file)
  const insert = await old.prepare('INSERT INTO deliveries (id, request, due_at, doc) VALUES (?, ?, ?, ?)')
  const later = Date.now() + 60_000
  const rows = [
    sampleDelivery('d-2', 'r-1', { status: 'delivered' }),
    sampleDelivery('d-1', 'r-1', { status: 'failed' }),
    sampleDelivery('d-3', 'r-1', { status: 'sending', nextAttemptAt: 5 }),
    sampleDelivery('d-4', 'r-1', { status: 'sending', nextAttemptAt: later }),
  ]
  for (const row of rows) insert.run([row.id, row.requestId, row.nextAttemptAt, JSON.stringify(row)])
  old.close()
  const store = openStore(file)
  await createSample(store, 'r-1')
  const found: string[] = []
  let [row] = await store.deliveries.due(1)
  while (row !== undefined) {
    found.push(row.id)
    ;[row] = await store.deliveries.due(1, row)
  }
  expect(found).toEqual(['d-1', 'd-2', 'd-3'])
  for (const row of rows) await store.deliveries.put({ ...row, nextAttemptAt: null })
  expect(await store.deliveries.due(9)).toEqual([])
})

test('what is due is found by an index, from wherever one goes on', async () => {
  const database = await connect(scratchFile())
  await migrate(database, MIGRATIONS, 'file')
  const text = `EXPLAIN QUERY PLAN SELECT id, doc FROM deliveries WHERE due_at <= 5 AND (due_at, id) > (1, 'd')
    ORDER BY due_at, id LIMIT 9`
  const [, , , plan] = (await rowsOf(database, text)) ?? []
  expect(plan).toMatch(/USING INDEX deliveries_due \(.*due_at.*due_at/)
})

test('of eight that start together one migrates, and all go on', async () => {
  const file = scratchFile()
  const stores = Array.from({ length: 8 }, () => openStore(file))
  await Promise.all(stores.map(({ opened }) => opened))
  await Promise.all(stores.map((store, number) => createSample(store, `r-${number}`)))
  expect((await openStore(file).list({})).requests.length).toBe(8)
})
