import { fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { eventOf } from '../../test/support/events'
import { type MemoryFiles, memoryFiles } from '../../test/support/memory-files'
import { readAcknowledged, readJournal } from '../../test/support/read-log'
import { type FileAudit, fileAuditOver } from '../file-audit'
import { generateSigner } from '../note'

const DIRECTORY = '/var/log'
const ORIGIN = 'example.com/audit'
const signer = generateSigner({ name: ORIGIN })

function open(files: MemoryFiles, segmentBytes?: number): FileAudit {
  const options = { directory: DIRECTORY, origin: ORIGIN, signer, clock: fakeClock() }
  return fileAuditOver(files, segmentBytes === undefined ? options : { ...options, segmentBytes })
}

const count = (files: MemoryFiles, step: string): number =>
  files.steps.filter((one) => one.startsWith(`${step} ${DIRECTORY}/journal/`)).length

test('256 appends that wait share one write, one checkpoint and one sync', async () => {
  const files = memoryFiles()
  const log = open(files)
  await log.opened
  const [writes, syncs] = [count(files, 'append'), count(files, 'datasync')]
  await Promise.all(Array.from({ length: 256 }, (_, at) => log.append([eventOf(`r-${at}`, 1)])))
  expect([count(files, 'append') - writes, count(files, 'datasync') - syncs]).toEqual([1, 1])
  expect((await readJournal(DIRECTORY, files)).notes.length).toBe(2)
  expect(log.head?.size).toBe(257)
})

test('what comes while a batch is on its way goes together in the next one', async () => {
  const files = memoryFiles()
  const log = open(files)
  await log.opened
  const syncs = count(files, 'datasync')
  const first = log.append([eventOf('r-1', 1)])
  await Promise.resolve()
  await Promise.resolve()
  const later = Array.from({ length: 50 }, (_, at) => log.append([eventOf('r-1', at + 2)]))
  await Promise.all([first, ...later])
  expect(count(files, 'datasync') - syncs).toBe(2)
})

test('nothing is acknowledged before it is durable', async () => {
  const files = memoryFiles()
  const log = open(files)
  await log.opened
  for (let seq = 1; seq <= 20; seq += 1) {
    await log.append([eventOf('r-1', seq)])
    const now = files.restart('durable')
    expect((await readAcknowledged(DIRECTORY, now)).at(-1)?.id).toBe(`r-1/${seq}`)
  }
})

test('an id with other content is refused, alone, with all that was handed in with it', async () => {
  const files = memoryFiles()
  const log = open(files)
  await log.append([eventOf('r-1', 1)])
  const other = { ...eventOf('r-1', 1), source: 'somebody-else' }
  const [refused, taken] = await Promise.allSettled([
    log.append([eventOf('r-3', 1), other]),
    log.append([eventOf('r-2', 1)]),
  ])
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'ERR_LOG_ENTRY_INVALID' } })
  expect(taken.status).toBe('fulfilled')
  await expect(log.append([eventOf('r-4', 1), { ...eventOf('r-4', 1), time: 1 }])).rejects.toThrow(
    'other content',
  )
  await log.append([eventOf('r-1', 1), eventOf('r-1', 2)])
  expect((await readAcknowledged(DIRECTORY, files)).map(({ id }) => id)).toEqual(['r-1/1', 'r-2/1', 'r-1/2'])
})

test('an event that cannot be written is refused, and the log goes on', async () => {
  const files = memoryFiles()
  const log = open(files)
  await expect(log.append([{ ...eventOf('r-1', 1), id: 'r-1/7' }])).rejects.toMatchObject({
    code: 'ERR_LOG_ENTRY_INVALID',
  })
  await expect(log.append([eventOf(`log:${ORIGIN}`, 9)])).rejects.toThrow('what the log says of itself')
  await log.append([eventOf('r-1', 1)])
  expect((await readAcknowledged(DIRECTORY, files)).map(({ id }) => id)).toEqual(['r-1/1'])
})

test('events older than those it remembers are found in the journal, also after a restart', async () => {
  const files = memoryFiles()
  let log = open(files, 1_000_000)
  await log.append([eventOf('old', 1), eventOf('old', 3)])
  for (let batch = 0; batch < 17; batch += 1) {
    await log.append(Array.from({ length: 1_000 }, (_, at) => eventOf(`r-${batch}-${at}`, 1)))
  }
  for (const restarted of [false, true]) {
    if (restarted) {
      await log.close()
      log = open(files, 1_000_000)
    }
    await log.append([eventOf('old', 1), eventOf('r-0-500', 1)])
    await expect(log.append([{ ...eventOf('old', 3), time: 5 }])).rejects.toThrow('other content')
    await expect(log.append([{ ...eventOf('r-0-7', 1), time: 5 }])).rejects.toThrow('other content')
  }
  // T54: what comes late is new.
  await log.append([eventOf('old', 2)])
  await log.append([eventOf('old', 2)])
  const ids = (await readAcknowledged(DIRECTORY, files)).map(({ id }) => id)
  expect(ids.length).toBe(17_003)
  expect(ids.at(-1)).toBe('old/2')
})
