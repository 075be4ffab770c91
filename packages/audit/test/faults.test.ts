import { copyFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createGate, GatewrightError, group, when } from '@gatewright/core'
import { fakeClock, mockApprover } from '@gatewright/testing'
import { describe, expect, test, vi } from 'vitest'
import { type FileAudit, fileAudit, fileAuditOver } from '../src/file-audit'
import { segmentPath } from '../src/journal/segments'
import { generateSigner, type Signer } from '../src/note'
import { eventOf } from './support/events'
import { type Fault, type MemoryFiles, memoryFiles } from './support/memory-files'
import { newDirectory, readAcknowledged } from './support/read-log'

const DIRECTORY = '/var/log'
const JOURNAL = '/journal/'
const ORIGIN = 'example.com/audit'
const signer = generateSigner({ name: ORIGIN })

function open(files: MemoryFiles, options: { signer?: Signer } = {}): FileAudit {
  return fileAuditOver(files, {
    directory: DIRECTORY,
    origin: ORIGIN,
    signer,
    clock: fakeClock(),
    ...options,
  })
}

/** Events of a log that was left as it is, by whoever opens it next. */
async function nextOpening(files: MemoryFiles) {
  const after = files.restart('all')
  await after.unlink(`${DIRECTORY}/lock`)
  const log = open(after)
  const report = await log.opened
  await log.close()
  return { report, ids: (await readAcknowledged(DIRECTORY, after)).map(({ id }) => id) }
}

const unavailable = { code: 'ERR_AUDIT_UNAVAILABLE' }

const poisoning: readonly (readonly [string, Fault])[] = [
  ['EIO on a write', { on: 'append', path: JOURNAL, error: 'EIO' }],
  ['ENOSPC before a write', { on: 'append', path: JOURNAL, error: 'ENOSPC' }],
  ['ENOSPC in the middle of a write', { on: 'append', path: JOURNAL, error: 'ENOSPC', partial: 50 }],
  ['a write that takes nothing', { on: 'append', path: JOURNAL, short: 0 }],
  ['EIO on a sync', { on: 'datasync', path: JOURNAL, error: 'EIO' }],
  ['ENOSPC on a sync', { on: 'datasync', path: JOURNAL, error: 'ENOSPC' }],
  ['EINTR on a sync, which may have written nothing', { on: 'datasync', path: JOURNAL, error: 'EINTR' }],
  ['EIO on looking whether the file is still there', { on: 'stat', path: JOURNAL, error: 'EIO' }],
]

describe('T48: after', () => {
  test.each(poisoning)(
    '%s nothing is written or synced any more, and each append says why',
    async (_, fault) => {
      const files = memoryFiles()
      const log = open(files)
      await log.append([eventOf('r-1', 1)])
      files.inject(fault)
      const failing = [log.append([eventOf('r-1', 2)]), log.append([eventOf('r-2', 1)])]
      const why = fault.error ?? 'takes no more'
      for (const append of failing) await expect(append).rejects.toThrow(why)
      const steps = files.steps.length
      await expect(log.append([eventOf('r-1', 2)])).rejects.toMatchObject(unavailable)
      await expect(log.append([eventOf('r-1', 1)])).rejects.toThrow(why)
      await expect(log.append([])).rejects.toThrow(why)
      await expect(log.checkpoint()).rejects.toThrow(why)
      expect(files.steps.length).toBe(steps)
      await log.close()
      expect(files.steps.slice(steps).filter((step) => /^(append|datasync)/.test(step))).toEqual([])
      expect((await nextOpening(files)).ids).toContain('r-1/1')
    },
  )

  test('a signature that could not be made nothing is written', async () => {
    const failing: Signer = { ...signer, sign: vi.fn(signer.sign) }
    const files = memoryFiles()
    const log = open(files, { signer: failing })
    await log.append([eventOf('r-1', 1)])
    vi.mocked(failing.sign).mockRejectedValueOnce(new Error('the key service is away'))
    await expect(log.append([eventOf('r-1', 2)])).rejects.toThrow('the key service is away')
    await expect(log.append([eventOf('r-1', 3)])).rejects.toMatchObject(unavailable)
    expect((await nextOpening(files)).ids).toEqual(['r-1/1'])
  })

  test('a tile or a body that could not be written nothing is acknowledged', async () => {
    for (const path of ['/tile/', '/bodies/']) {
      const files = memoryFiles()
      const log = open(files)
      await log.opened
      files.inject({ on: 'append', path, error: 'ENOSPC' })
      const large = eventOf('b-1', 1, 'request.created', { long: 'x'.repeat(70_000) })
      const appends = [
        log.append(Array.from({ length: 300 }, (_, at) => eventOf('r-1', at + 1))),
        log.append([large]),
      ]
      await Promise.allSettled(appends)
      await expect(log.checkpoint().then(() => log.append([eventOf('r-2', 1)]))).rejects.toThrow('ENOSPC')
      await log.close()
    }
  })

  test('an opening that failed every append says why, and the lock is free', async () => {
    const files = memoryFiles()
    files.inject({ on: 'datasync', path: JOURNAL, error: 'EIO' })
    const log = open(files)
    const appending = log.append([eventOf('r-1', 1)])
    await expect(log.opened).rejects.toMatchObject(unavailable)
    await expect(appending).rejects.toThrow('EIO')
    await log.close()
    await (await open(files)).close()
  })
})

describe('what is no failure', () => {
  test.each([
    ['short writes', { on: 'append', path: JOURNAL, short: 7, times: 40 }],
    ['an interrupted write', { on: 'append', path: JOURNAL, error: 'EINTR', times: 3 }],
  ] as const)('%s: the rest is written', async (_, fault) => {
    const files = memoryFiles()
    const log = open(files)
    await log.opened
    files.inject(fault)
    await log.append([eventOf('r-1', 1), eventOf('r-1', 2)])
    await log.append([eventOf('r-1', 3)])
    const after = files.restart('durable')
    expect((await readAcknowledged(DIRECTORY, after)).map(({ id }) => id)).toEqual([
      'r-1/1',
      'r-1/2',
      'r-1/3',
    ])
  })

  test('a clock that goes back', async () => {
    const clock = fakeClock()
    const files = memoryFiles()
    for (const year of [2026, 1999, 1971]) {
      clock.setNow(Date.UTC(year))
      const log = fileAuditOver(files, { directory: DIRECTORY, origin: ORIGIN, signer, clock })
      await log.append([{ ...eventOf(`r-${year}`, 1), time: clock.now() }])
      await log.close()
    }
    expect((await readAcknowledged(DIRECTORY, files)).map(({ id }) => id)).toEqual([
      'r-2026/1',
      'r-1999/1',
      'r-1971/1',
    ])
  })
})

describe('T48: a log that is open and', () => {
  const attacks: readonly (readonly [string, (directory: string, segment: string) => Promise<void>])[] = [
    ['unlinked', (_, segment) => rm(segment)],
    ['moved away', (_, segment) => rename(segment, `${segment}.old`)],
    [
      'replaced by a copy',
      async (_, segment) => {
        await copyFile(segment, `${segment}.copy`)
        await rename(`${segment}.copy`, segment)
      },
    ],
    ['written to by somebody else', (_, segment) => writeFile(segment, 'more', { flag: 'a' })],
    ['cut', (_, segment) => truncate(segment, 100)],
    ['freed of its lock', (directory) => rm(join(directory, 'lock'))],
    ['moved away whole', (directory) => rename(directory, `${directory}.old`)],
  ]
  test.each(attacks)('%s takes nothing more', async (_, attack) => {
    const directory = await newDirectory()
    const log = fileAudit({ directory })
    await log.append([eventOf('r-1', 1)])
    await attack(directory, segmentPath(directory, 0))
    await expect(log.append([eventOf('r-1', 2)])).rejects.toMatchObject({
      ...unavailable,
      cause: { code: 'ERR_LOG_UNAVAILABLE' },
    })
    await expect(log.append([eventOf('r-2', 1)])).rejects.toMatchObject(unavailable)
    await log.close()
  })
})

describe('T48: a gate whose log stopped', () => {
  function gateOver(audit: FileAudit) {
    const clock = fakeClock()
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const gate = createGate({
      agent: { id: 'ops-bot', owner: null },
      approvers: [mockApprover().approve('*')],
      policy: [when('free.*').allow()],
      reviewers: group('ops'),
      ephemeral: true,
      audit,
      clock,
      logger,
    })
    const run = vi.fn(async (amount: number) => amount)
    return {
      clock,
      gate,
      run,
      allowed: gate.requireApproval(run, { action: 'free.pay' }),
      reviewed: gate.requireApproval(run, { action: 'money.pay' }),
    }
  }

  test('runs nothing, allowed or approved, and says why', async () => {
    const files = memoryFiles()
    const { gate, run, allowed, reviewed } = gateOver(open(files))
    expect(await allowed(1)).toBe(1)
    expect(await reviewed(2)).toBe(2)
    files.inject({ on: 'datasync', path: JOURNAL, error: 'EIO' })
    const refused = await allowed(3).catch((error: unknown) => error)
    expect(GatewrightError.isInstance(refused) && refused.code).toBe('ERR_AUDIT_UNAVAILABLE')
    expect((refused as Error).message).toContain('nothing was executed')
    expect(((refused as Error).cause as Error).message).toContain('EIO')
    const blocked = await reviewed(4).catch((error: unknown) => error)
    expect(blocked).toMatchObject({ code: 'ERR_EXECUTION_BLOCKED' })
    expect(`${blocked} ${(blocked as Error).cause}`).toMatch(/audit log .* takes nothing more: EIO/)
    await expect(allowed(5)).rejects.toMatchObject(unavailable)
    expect(run.mock.calls).toEqual([[1], [2]])
    await gate.close().catch(() => {})
  })

  test('runs nothing when the disk hangs: the deadline of the gate makes it a failure', async () => {
    const files = memoryFiles()
    const log = open(files)
    await log.opened
    const { clock, run, allowed } = gateOver(log)
    files.stopAfter(files.steps.length)
    const calling = allowed(1)
    calling.catch(() => {})
    await clock.advance('11s')
    await expect(calling).rejects.toMatchObject(unavailable)
    expect(run).not.toHaveBeenCalled()
  })
})
