import {
  appendFileSync,
  type FSWatcher,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { sampleEvent, sampleRequest } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { watchCommits } from '../src/write-watch'
import { openStore, scratch, scratchFile } from './scratch'

/** Resolves with the first sign that comes once `act` was done. */
async function firstSign(database: string, act: () => unknown): Promise<string> {
  let close = () => {}
  const sign = new Promise<string>((resolve) => {
    const watcher = watchCommits(database)({
      written: () => resolve('written'),
      failed: () => resolve('failed'),
    })
    close = () => watcher.close()
  })
  await act()
  return sign.finally(close)
}

/** A database and its log, of which nothing matters but that they are there. */
function database(): string {
  const file = scratchFile()
  writeFileSync(file, '')
  writeFileSync(`${file}-wal`, 'log')
  return file
}

test.each<[string, (wal: string) => void]>([
  ['is written to', (wal) => appendFileSync(wal, 'more')],
  ['is begun anew', (wal) => truncateSync(wal)],
  ['is deleted', (wal) => rmSync(wal)],
  ['is replaced by another', (wal) => renameSync(wal, `${wal}.old`)],
])('a log that %s is a sign', async (_, act) => {
  const file = database()
  expect(await firstSign(file, () => act(`${file}-wal`))).toBe('written')
})

test('a log that was deleted cannot be watched, and one that came back can', async () => {
  const file = database()
  rmSync(`${file}-wal`)
  expect(() => watchCommits(file)({ written() {}, failed() {} })).toThrow('ENOENT')
  writeFileSync(`${file}-wal`, '')
  expect(await firstSign(file, () => appendFileSync(`${file}-wal`, 'more'))).toBe('written')
})

test('a commit is a sign to several that watch one file, also through a link', async () => {
  const file = scratchFile()
  const link = join(scratch(), 'linked.db')
  const store = openStore(file)
  await store.opened
  symlinkSync(file, link)
  const commit = () => store.create(sampleRequest('r-1'), [sampleEvent('r-1', 1)])
  const signs = [firstSign(file, () => {}), firstSign(file, () => {}), firstSign(link, commit)]
  expect(await Promise.all(signs)).toEqual(['written', 'written', 'written'])
})

test('an error of the system is heard of, and ends no process', () => {
  const heard: string[] = []
  const watcher = watchCommits(database())({ written() {}, failed: () => heard.push('failed') })
  ;(watcher as FSWatcher).emit('error', new Error('EPERM: operation not permitted, watch'))
  expect(heard).toEqual(['failed'])
  watcher.close()
})

test('watching keeps no process alive', () => {
  const kept = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('FSEvent')).length
  const before = kept()
  const watcher = watchCommits(database())({ written() {}, failed() {} })
  expect(kept()).toBe(before)
  watcher.close()
})
