import type { AuditEvent } from '@gatewright/core'
import { commitmentOf } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { eventOf } from '../../test/support/events'
import { type MemoryFiles, memoryFiles } from '../../test/support/memory-files'
import { readJournal } from '../../test/support/read-log'
import { type FileAudit, fileAuditOver } from '../file-audit'
import { generateSigner } from '../note'
import { parseOpenings } from './opening-line'

const DIRECTORY = '/var/log'
const ORIGIN = 'example.com/audit'
const signer = generateSigner({ name: ORIGIN })

const open = (files: MemoryFiles): FileAudit =>
  fileAuditOver(files, { directory: DIRECTORY, origin: ORIGIN, signer, clock: fakeClock() })

function personalEvent(subject: string): AuditEvent {
  const opening = {
    pointer: '/note',
    salt: Buffer.alloc(32, subject).toString('base64'),
    value: `of ${subject}`,
  }
  const data = { committed: ['/note'], note: { hmac: commitmentOf(opening) } }
  return { ...eventOf(subject, 1, 'call.denied', data), openings: [opening] }
}

const NAMES = ['one', 'two', 'three']

async function workload(files: MemoryFiles): Promise<void> {
  const log = open(files)
  for (const name of NAMES) await log.append([personalEvent(name)])
  await log.redact({ requestIds: ['two'], reason: 'asked for', by: 'dpo' })
  await log.close()
}

/** What lies beside the log, by event. */
async function openingsIn(files: MemoryFiles): Promise<string[]> {
  const names = (await files.list(`${DIRECTORY}/openings`)) ?? []
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => parseOpenings(files.bytesOf(`${DIRECTORY}/openings/${name}`).toString()).lines)
    .map(({ id, index }) => `${index} ${id}`)
}

describe.each(['all', 'durable'] as const)('a machine that stops at any step, keeping what is %s', (what) => {
  test('no value is missing that the log does not call erased, and none is there that it does', async () => {
    const whole = memoryFiles()
    await workload(whole)
    const steps = whole.steps.length
    expect(steps).toBeGreaterThan(60)
    let erased = 0
    for (let stop = 0; stop < steps; stop += 1) {
      const before = memoryFiles()
      before.stopAfter(stop, (stop * 37) % 200)
      await Promise.race([workload(before), before.stopped])
      const after = before.restart(what)
      await after.unlink(`${DIRECTORY}/lock`)
      const log = open(after)
      await log.opened
      // As an outbox does.
      for (const name of NAMES) await log.append([personalEvent(name)])
      await log.close()
      const { events } = await readJournal(DIRECTORY, after)
      const redacted = events
        .filter(({ type }) => type === 'log.redacted')
        .flatMap(({ data }) => (data.fields as unknown as [number, string, string][]).map(([, id]) => id))
      if (redacted.length > 0) erased += 1
      const expected = events.flatMap(({ id, data }, index) =>
        data.committed !== undefined && !redacted.includes(id) ? [`${index} ${id}`] : [],
      )
      expect(await openingsIn(after), `stopped at ${stop} ${before.steps.at(-1)}`).toEqual(expected)
      expect(await after.read(`${DIRECTORY}/redacting`)).toBeNull()
    }
    expect(erased).toBeGreaterThan(5)
  })
})

test.each(['append', 'datasync'])('a value that cannot be kept (%s) stops the log', async (on) => {
  const files = memoryFiles()
  const log = open(files)
  await log.append([personalEvent('one')])
  files.inject({ on, path: '/openings/', error: 'ENOSPC' })
  await expect(log.append([personalEvent('two')])).rejects.toThrow('ENOSPC')
  await expect(log.append([eventOf('r', 1)])).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' })
  await log.close()
  const { events } = await readJournal(DIRECTORY, files)
  expect(events.map(({ id }) => id)).not.toContain('two/1')
})

test('an erasure that fails stops the log, and opening it again finishes it', async () => {
  const files = memoryFiles()
  const log = open(files)
  await log.append([personalEvent('one')])
  files.inject({ on: 'rename', path: '/openings/', error: 'EIO' })
  await expect(log.redact({ containing: 'of one', reason: 'r', by: 'b' })).rejects.toMatchObject({
    code: 'ERR_AUDIT_UNAVAILABLE',
  })
  await log.close()
  expect(await openingsIn(files)).toEqual(['1 one/1'])
  const again = open(files)
  await again.close()
  expect(await openingsIn(files)).toEqual([])
})
