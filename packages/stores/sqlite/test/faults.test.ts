import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { GatewrightError } from '@gatewright/core'
import { createSample, sampleEvent, sampleMove, sampleRequest } from '@gatewright/testing'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../src/database/open'
import { createVault } from '../src/documents/vault'
import { sqliteStore } from '../src/index'
import { assembleStore } from '../src/open-store'
import { readOptions } from '../src/options'
import { openStore, scratch, scratchFile } from './scratch'
import { sql } from './sql'

/** Root may write everywhere, so that in a container the work is done as somebody else. */
async function asNobody(file: string, work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work()
  if (dirname(dirname(file)) !== tmpdir()) chmodSync(dirname(dirname(file)), 0o755)
  if (statSync(dirname(file)).mode & 0o200) chmodSync(dirname(file), 0o755)
  process.seteuid?.(65_534)
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}

/** The message of the family's error with which the promise rejects. */
async function refusal(promise: PromiseLike<unknown>): Promise<string> {
  const error = await Promise.resolve(promise).then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!GatewrightError.isInstance(error)) throw new Error(`not an error of ours: ${error}`)
  expect(error.code).toBe('ERR_STORE_UNAVAILABLE')
  expect(error.message).toContain('Nothing was executed or changed.')
  return error.message
}

/** A store whose file may have so many pages, as if the disk ended there. */
async function fullStore(file: string, pages: number) {
  const settings = readOptions({ file })
  const database = await openDatabase(settings)
  await database.writing.exec(`PRAGMA max_page_count = ${pages}`)
  return assembleStore(database, settings, createVault(settings.cipher), file)
}

describe('where the file is', () => {
  test('a directory that is missing is made for its owner alone, and so are the files', async () => {
    const directory = join(scratch(), 'deep', 'er')
    const file = join(directory, 'requests.db')
    const store = openStore(file)
    await createSample(store, 'r-1')
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    for (const name of [file, `${file}-wal`, `${file}-shm`])
      expect([name, statSync(name).mode & 0o777]).toEqual([name, 0o600])
  })

  test('a path that leads through a file, or to a directory, is told of by each method', async () => {
    const file = scratchFile()
    writeFileSync(file, '')
    for (const wrong of [join(file, 'x.db'), scratch()]) {
      const store = openStore(wrong)
      expect(await refusal(store.opened)).toContain(`${wrong} cannot be opened`)
      expect(await refusal(Promise.resolve().then(() => store.get('r-1')))).toContain(wrong)
    }
  })

  test('a file that may not be written is told of', async () => {
    const file = scratchFile()
    writeFileSync(file, '', { mode: 0o444 })
    await asNobody(file, async () =>
      expect(await refusal(openStore(file).opened)).toContain('cannot be written by this user'),
    )
  })

  test('a directory that may not be written is told of', async () => {
    const directory = join(scratch(), 'locked')
    mkdirSync(directory)
    chmodSync(directory, 0o555)
    const file = join(directory, 'x.db')
    await asNobody(file, async () =>
      expect(await refusal(openStore(file).opened)).toContain('cannot be written by this user'),
    )
  })
})

describe('what the file is', () => {
  test('a file that is no database is refused and left as it was', async () => {
    const file = scratchFile()
    const text = 'dear diary '.repeat(1_000)
    writeFileSync(file, text)
    expect(await refusal(openStore(file).opened)).toContain('is not an SQLite database')
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  test('the database of something else is refused', async () => {
    const file = scratchFile()
    sql(file, 'CREATE TABLE customers (id)')
    expect(await refusal(openStore(file).opened)).toContain('the database of something else')
  })

  test('a schema that is newer than the code is refused, and nothing is changed', async () => {
    const file = scratchFile()
    await openStore(file).close()
    sql(file, 'INSERT INTO gatewright_schema (version) VALUES (999)')
    expect(await refusal(openStore(file).opened)).toContain('its schema has version 999')
  })

  test('a damaged file is told of, and no call is answered from it', async () => {
    const file = scratchFile()
    const store = openStore(file)
    for (let number = 0; number < 200; number += 1) await createSample(store, `r-${number}`)
    await store.close()
    sql(file, 'PRAGMA wal_checkpoint(TRUNCATE)')
    const bytes = readFileSync(file)
    bytes.fill(0x5a, 4_096)
    writeFileSync(file, bytes)
    expect(await refusal(openStore(file).opened)).toContain('is damaged')
  })
})

describe('while it is used', () => {
  test('a disk that is full refuses what needs room, leaves nothing of it, and takes what fits', async () => {
    const store = await fullStore(scratchFile(), 200)
    const kept = sampleRequest('r-1')
    await store.create(kept, [sampleEvent('r-1', 1)])
    const huge = sampleRequest('r-2', { intent: 'x'.repeat(4_000_000) })
    const creating = store.create(huge, [sampleEvent('r-2', 1)])
    expect(await refusal(creating as Promise<unknown>)).toContain('is full')
    expect(await store.get('r-2')).toBeNull()
    expect(await store.outbox.unpublished({ logId: 'log', subject: 'r-2', limit: 9 })).toEqual([])
    expect(await store.transition(sampleMove(kept, { reminders: 1 }))).toMatchObject({ applied: true })
    await store.close()
  })

  test('a lock that another process holds blocks nothing meanwhile, and the write that waits for it is made', async () => {
    const file = scratchFile()
    const store = openStore(file, { busyTimeout: 60_000 })
    const kept = await createSample(store, 'r-1')
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    let ended = false
    const moving = Promise.resolve(store.transition(sampleMove(kept, { reminders: 1 }))).finally(() => {
      ended = true
    })
    // The program goes on while the write waits, and reads are answered.
    await new Promise(setImmediate)
    expect([await store.get('r-1'), ended]).toEqual([kept, false])
    other.exec('ROLLBACK')
    other.close()
    expect(await moving).toMatchObject({ applied: true })
  })

  test('a lock that another process holds for too long is told of, and passes', async () => {
    const file = scratchFile()
    const store = openStore(file, { busyTimeout: 150 })
    const kept = await createSample(store, 'r-1')
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    const moving = store.transition(sampleMove(kept, { reminders: 1 }))
    expect(await refusal(moving as Promise<unknown>)).toContain('busyTimeout')
    other.exec('ROLLBACK')
    other.close()
    expect(await store.transition(sampleMove(kept, { reminders: 2 }))).toMatchObject({ applied: true })
  })

  test('a file that cannot be opened is not asked for again and again, and close still ends', async () => {
    const store = openStore(scratch())
    await refusal(store.opened)
    await store.close()
    await store.close()
    expect(() => store.get('r-1')).toThrow('the store was closed')
  })

  test('what was called before close ends as it would have, and what comes after fails', async () => {
    const file = scratchFile()
    const store = openStore(file)
    const create = (id: string) => store.create(sampleRequest(id), [sampleEvent(id, 1)])
    const creating = Array.from({ length: 300 }, (_, number) => create(`r-${number}`))
    const closing = store.close()
    expect(() => create('late')).toThrow('the store was closed')
    const results = await Promise.all(creating)
    await closing
    expect(results.every(({ created }) => created)).toBe(true)
    expect((await openStore(file).list({}, { limit: 1_000 })).requests.length).toBe(300)
  })

  test('I2: what is handed in before the file is open is kept as it was at that moment', async () => {
    const store = openStore(scratchFile())
    const request = sampleRequest('r-1', { intent: 'as asked' })
    const events = [sampleEvent('r-1', 1)]
    const creating = store.create(request, events)
    Object.assign(request, { intent: 'changed' })
    events.push(sampleEvent('r-1', 2))
    await creating
    expect((await store.get('r-1'))?.intent).toBe('as asked')
    expect((await store.outbox.unpublished({ logId: 'log', limit: 9 })).length).toBe(1)
  })

  test.each([true, undefined, {}, 1n, Symbol('x')])(
    'a value that is no text ends in an error, and not in the end of the process (%#)',
    async (value) => {
      const store = openStore(scratchFile())
      await store.opened
      const wrong = value as never
      expect(() => store.get(wrong)).toThrow(TypeError)
      await expect(async () => store.list({ status: [wrong] })).rejects.toThrow()
      await expect(async () => store.list({ createdAfter: (value ?? {}) as never })).rejects.toThrow()
      expect(await store.get('r-1')).toBeNull()
    },
  )

  test('of writes that come together, one that is refused leaves the others', async () => {
    const store = openStore(scratchFile())
    await store.opened
    const results = await Promise.allSettled([
      createSample(store, 'r-1'),
      store.outbox.record([sampleEvent('s-1', 1), sampleEvent('s-1', 3)]),
      createSample(store, 'r-1'),
      createSample(store, 'r-2'),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    const ids = (await store.outbox.unpublished({ logId: 'log', limit: 9 })).map(({ id }) => id)
    expect(ids).toEqual(['r-1/1', 'r-2/1'])
  })
})

test.each([
  [{}, 'sqliteStore.file'],
  [{ file: '' }, 'sqliteStore.file'],
  [{ file: ':memory:' }, 'sqliteStore.file'],
  [{ file: 'libsql://db.example.com' }, 'sqliteStore.file'],
  [{ file: 'x', synchronous: 'off' }, 'sqliteStore.synchronous'],
  [{ file: 'x', busyTimeout: 'soon' }, 'sqliteStore.busyTimeout'],
  [{ file: 'x', thread: 'yes' }, 'sqliteStore.thread'],
  [{ file: 'x', clock: {} }, 'sqliteStore.clock'],
  [{ file: 'x', encryption: {} }, 'sqliteStore.encryption.keys'],
  [{ file: 'x', encryption: { keys: () => [] } }, 'sqliteStore.encryption.keys'],
  [
    { file: 'x', encryption: { keys: () => [{ id: 'k', key: new Uint8Array(16) }] } },
    'sqliteStore.encryption.keys',
  ],
  [{ file: 'x', encrypt: true }, 'sqliteStore.encrypt'],
])('refuses options that are wrong or unknown, and opens nothing (%#)', (options, option) => {
  expect(() => sqliteStore(options as never)).toThrow(expect.objectContaining({ option }))
})
