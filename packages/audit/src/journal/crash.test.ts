import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { eventOf } from '../../test/support/events'
import { type MemoryFiles, memoryFiles } from '../../test/support/memory-files'
import { readJournal } from '../../test/support/read-log'
import { type FileAudit, fileAuditOver } from '../file-audit'
import { generateSigner } from '../note'

const DIRECTORY = '/var/log'
const ORIGIN = 'example.com/audit'
const signer = generateSigner({ name: ORIGIN })

function open(files: MemoryFiles): FileAudit {
  return fileAuditOver(files, {
    directory: DIRECTORY,
    origin: ORIGIN,
    signer,
    clock: fakeClock(),
    segmentBytes: 4_096,
  })
}

/** Opens a log, appends, publishes, closes, opens again and appends. Notes what was acknowledged. */
async function workload(files: MemoryFiles, acknowledged: string[]): Promise<void> {
  for (const round of [1, 2]) {
    const log = open(files)
    const appending = [1, 2, 3, 4, 5].map(async (seq) => {
      const event = eventOf(`r-${round}`, seq, 'request.created', { note: 'x'.repeat(300), seq })
      await log.append([event])
      acknowledged.push(event.id)
    })
    await Promise.all(appending)
    for (const seq of [1, 2, 3]) {
      const event = eventOf(`s-${round}`, seq, 'request.created', { note: 'y'.repeat(900), seq })
      await log.append([event])
      acknowledged.push(event.id)
    }
    await log.checkpoint()
    await log.append([eventOf(`b-${round}`, 1, 'request.created', { long: 'z'.repeat(70_000) })])
    acknowledged.push(`b-${round}/1`)
    await log.close()
  }
}

async function stepsOfWorkload(): Promise<number> {
  const files = memoryFiles()
  await workload(files, [])
  return files.steps.length
}

describe.each(['all', 'durable'] as const)('a machine that stops at any step, keeping what is %s', (what) => {
  test('no acknowledged event is missing, and the log goes on', async () => {
    const steps = await stepsOfWorkload()
    expect(steps).toBeGreaterThan(150)
    let torn = 0
    for (let stop = 0; stop < steps; stop += 1) {
      const before = memoryFiles()
      const acknowledged: string[] = []
      before.stopAfter(stop, (stop * 37) % 1_500)
      await Promise.race([workload(before, acknowledged), before.stopped])
      const after = before.restart(what)
      await after.unlink(`${DIRECTORY}/lock`)
      const log = open(after)
      const { cuts } = await log.opened
      torn += cuts.length
      await log.append([eventOf('later', 1)])
      // Handed in again, acknowledged before or not, as an outbox does: in the log then, and not twice.
      for (const seq of [1, 2, 3, 4, 5]) {
        await log.append([eventOf('r-1', seq, 'request.created', { note: 'x'.repeat(300), seq })])
        acknowledged.push(`r-1/${seq}`)
        if (seq > 3) continue
        await log.append([eventOf('s-1', seq, 'request.created', { note: 'y'.repeat(900), seq })])
        acknowledged.push(`s-1/${seq}`)
      }
      await log.close()
      // The process died, and after it had come back the power went: what it found then counts as written.
      const { events, beyond } = await readJournal(DIRECTORY, after.restart('durable'))
      const ids = events.map(({ id }) => id)
      expect(new Set(ids).size, `stopped at ${stop} ${before.steps.at(-1)}`).toBe(ids.length)
      expect(ids, `stopped at ${stop}`).toEqual(expect.arrayContaining([...acknowledged, 'later/1']))
      expect(beyond).toEqual([])
      expect(events.filter(({ type }) => type === 'log.cut').length).toBe(cuts.length)
    }
    // What was never synced is gone whole on this disk; a process that dies leaves torn writes.
    if (what === 'all') expect(torn).toBeGreaterThan(5)
  })
})

test('bodies are on the disk before the log speaks of them', async () => {
  const files = memoryFiles()
  const log = open(files)
  await log.append([eventOf('b', 1, 'request.created', { long: 'z'.repeat(70_000) })])
  const after = files.restart('durable')
  const [body] = (await after.list(`${DIRECTORY}/bodies`)) ?? []
  expect(after.bytesOf(`${DIRECTORY}/bodies/${body}`).length).toBeGreaterThan(70_000)
  expect(await readJournal(DIRECTORY, after)).toMatchObject({ events: [{}, { id: 'b/1' }] })
})

test('a cut is recorded also when the machine stops right after it', async () => {
  const files = memoryFiles()
  const log = open(files)
  await log.append([eventOf('r-1', 1)])
  files.inject({ on: 'append', path: '/journal/', error: 'EIO', partial: 100 })
  await expect(log.append([eventOf('r-1', 2)])).rejects.toThrow('EIO')
  const torn = files.restart('all')
  await torn.unlink(`${DIRECTORY}/lock`)
  const whole = torn.restart('all')
  await (await open(whole)).opened
  const truncated = whole.steps.findIndex((step) => step.startsWith('truncate'))
  torn.stopAfter(truncated + 2 + torn.steps.length - 1)
  open(torn)
  await torn.stopped
  expect(torn.steps.some((step) => step.startsWith('truncate'))).toBe(true)
  const after = torn.restart('all')
  await after.unlink(`${DIRECTORY}/lock`)
  const next = open(after)
  expect((await next.opened).cuts).toEqual([expect.objectContaining({ bytes: 100 })])
  await next.close()
  const { events } = await readJournal(DIRECTORY, after)
  expect(events.filter(({ type }) => type === 'log.cut').length).toBe(1)
})
