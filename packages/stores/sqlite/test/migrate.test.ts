import { createSample } from '@gatewright/testing'
import { expect, onTestFinished, test } from 'vitest'
import { openWriter, type WritingConnection } from '../src/database/connection'
import { migrate } from '../src/database/migrate'
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

test('of eight that start together one migrates, and all go on', async () => {
  const file = scratchFile()
  const stores = Array.from({ length: 8 }, () => openStore(file))
  await Promise.all(stores.map(({ opened }) => opened))
  await Promise.all(stores.map((store, number) => createSample(store, `r-${number}`)))
  expect((await openStore(file).list({})).requests.length).toBe(8)
})
