import { spawnSync } from 'node:child_process'
import { setImmediate as turn } from 'node:timers/promises'
import { GatewrightError } from '@gatewright/core'
import { sampleEvent, sampleMove, sampleRequest } from '@gatewright/testing'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { createExecutor } from '../src/database/executor'
import { openDatabase } from '../src/database/open'
import { readOptions } from '../src/options'
import { chooseExecutor } from '../src/thread/choose-executor'
import { builtPackage } from './built'
import { openStore, scratchFile } from './scratch'

const { sqliteStore } = await builtPackage()

/** As many as start a thread. */
const MANY = 300

describe('a thread that writes', () => {
  test('comes by itself when many write at once, and everything is written once', async () => {
    const file = scratchFile()
    const store = sqliteStore({ file })
    await store.opened
    for (let round = 0; round < 20; round += 1) {
      const ids = Array.from({ length: MANY }, (_, number) => `r-${round}-${number}`)
      const results = await Promise.all(
        ids.map((id) => store.create(sampleRequest(id), [sampleEvent(id, 1)])),
      )
      expect(results.every(({ created }) => created)).toBe(true)
    }
    await store.close()
    const other = openStore(file)
    expect((await other.list({}, { limit: 10_000 })).requests.length).toBe(20 * MANY)
    expect((await other.outbox.unpublished({ logId: 'log', limit: 10_000 })).length).toBe(20 * MANY)
  })

  test('leaves the program free while another process holds the file, and tells of a lock that is held too long', async () => {
    const file = scratchFile()
    const store = sqliteStore({ file, thread: 'always', busyTimeout: 150 })
    const kept = sampleRequest('r-1')
    await store.create(kept, [sampleEvent('r-1', 1)])
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    const moving = store.transition(sampleMove(kept, { reminders: 1 }))
    await turn()
    expect(await store.get('r-1')).toEqual(kept)
    const error = await Promise.resolve(moving).catch((reason: unknown) => reason)
    expect(error).toSatisfy(GatewrightError.isInstance)
    expect(error).toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('busyTimeout'),
    })
    other.exec('ROLLBACK')
    other.close()
    expect(await store.transition(sampleMove(kept, { reminders: 2 }))).toMatchObject({ applied: true })
    await store.close()
  })

  test('of writes that come together, one that is refused leaves the others, and names its request', async () => {
    const store = sqliteStore({ file: scratchFile(), thread: 'always' })
    await store.create(sampleRequest('r-1'), [sampleEvent('r-1', 1)])
    const results = await Promise.allSettled([
      store.create(sampleRequest('r-2'), [sampleEvent('r-2', 1)]),
      store.create(sampleRequest('r-1'), [sampleEvent('r-1', 1)]),
      store.create(sampleRequest('r-3'), [sampleEvent('r-3', 1)]),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: 'ERR_TRANSITION_ILLEGAL', requestId: 'r-1' } })
    await store.close()
  })

  test('what was asked for before close is written, and nothing keeps the program alive', () => {
    const file = scratchFile()
    const program = `
      import { sqliteStore } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
      const store = sqliteStore({ file: ${JSON.stringify(file)}, thread: 'always' })
      await store.opened
      await store.leases.renew('p-1', 60_000)
      // It ends here without close: an idle thread must not hold it.
    `
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 60_000,
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
  })

  test('a program that only writes lives until its write is answered', () => {
    const file = scratchFile()
    const program = `
      import { sqliteStore } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
      const store = sqliteStore({ file: ${JSON.stringify(file)}, thread: 'always' })
      store.leases.renew('p-1', 60_000).then(() => console.log('written'))
    `
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 60_000,
      encoding: 'utf8',
    })
    expect(stdout).toBe('written\n')
  })

  test('a value that cannot cross ends in an error, and keeps neither the program nor what follows', async () => {
    const store = sqliteStore({ file: scratchFile(), thread: 'always' })
    await expect(async () => store.leases.renew('p-1', Symbol('ms') as never)).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
    })
    await store.leases.renew('p-1', 60_000)
    expect(await store.leases.live(['p-1'])).toEqual(['p-1'])
    await store.close()
  })

  test('where there can be none, "always" says why and "auto" goes on without', async () => {
    const refused = openStore(scratchFile(), { thread: 'always' })
    await expect(refused.opened).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining("thread: 'auto'"),
    })
    const store = openStore(scratchFile())
    await store.opened
    const ids = Array.from({ length: MANY }, (_, number) => `r-${number}`)
    await Promise.all(ids.map((id) => store.create(sampleRequest(id), [sampleEvent(id, 1)])))
    expect((await store.list({}, { limit: 1_000 })).requests.length).toBe(MANY)
  })

  test('I8: it is no way around a file that cannot be trusted any more', async () => {
    const { writing, reader } = await openDatabase(readOptions({ file: scratchFile() }))
    const own = await createExecutor(writing, Date.now)
    const other = { ...own, broken: false }
    const thread = { executor: other, close: async () => {} }
    const executors = await chooseExecutor(own, async () => thread, 'always')
    expect(executors.choose(1)).toBe(other)
    const failing = {
      ...writing,
      begin: () => Promise.reject(Object.assign(new Error('io'), { code: 'SQLITE_IOERR' })),
    }
    const broken = await createExecutor(failing, Date.now)
    await expect(broken.begin()).rejects.toThrow('io')
    expect((await chooseExecutor(broken, async () => thread, 'always')).choose(1)).toBe(broken)
    reader.close()
    writing.close()
  })
})
