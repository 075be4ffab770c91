import { fakeClock } from '@gatewright/testing'
import { describe, expect, test, vi } from 'vitest'
import { eventOf } from '../test/support/events'
import { type MemoryFiles, memoryFiles } from '../test/support/memory-files'
import { readJournal } from '../test/support/read-log'
import { type FileAudit, fileAuditOver } from './file-audit'
import type { FileAuditOptions } from './file-audit-options'
import { generateSigner, parseCheckpoint, parseNote, parseVerifierKey, type Signer, verifyNote } from './note'

const DIRECTORY = '/var/log'
const ORIGIN = 'example.com/audit'
const newKey = (): Signer => generateSigner({ name: ORIGIN })
const [first, second, third] = [newKey(), newKey(), newKey()]

function open(files: MemoryFiles, signer: Signer, options: Partial<FileAuditOptions> = {}): FileAudit {
  return fileAuditOver(files, {
    directory: DIRECTORY,
    origin: ORIGIN,
    signer,
    clock: fakeClock(),
    ...options,
  })
}

/** Who signed each checkpoint: its size, and which of the keys. */
async function signatures(files: MemoryFiles, keys: readonly Signer[] = [first, second, third]) {
  const { notes } = await readJournal(DIRECTORY, files)
  return notes.map((note) => {
    const { text, signatures: lines } = parseNote(note)
    const by = keys.flatMap(({ verifierKey }, at) => {
      const verifier = parseVerifierKey(verifierKey)
      if (!lines.some(({ keyId }) => keyId === verifier.keyId)) return []
      verifyNote(note, [verifier])
      return [at]
    })
    return { size: parseCheckpoint(text).size, by }
  })
}

const wrongKey = { code: 'ERR_AUDIT_UNAVAILABLE', cause: { code: 'ERR_LOG_KEY_INVALID' } }

describe('a rotation', () => {
  test('is signed by the old key as its last, and proven by the new one at once', async () => {
    const files = memoryFiles()
    const log = open(files, first)
    await log.append([eventOf('r-1', 1)])
    expect(log.verifierKey).toBe(first.verifierKey)
    await log.rotateKey(second)
    expect(log.verifierKey).toBe(second.verifierKey)
    const { events } = await readJournal(DIRECTORY, files)
    expect(events.slice(2)).toMatchObject([
      { type: 'log.rotated-key', data: { from: first.verifierKey, to: second.verifierKey } },
      { type: 'log.proved-key', data: { key: second.verifierKey } },
    ])
    await log.append([eventOf('r-1', 2)])
    await log.close()
    expect(await signatures(files)).toEqual([
      { size: 1, by: [0] },
      { size: 2, by: [0] },
      { size: 3, by: [0] },
      { size: 4, by: [1] },
      { size: 5, by: [1] },
      { size: 6, by: [1] },
    ])
  })

  test('has a batch of its own, whatever waits beside it', async () => {
    const files = memoryFiles()
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let isHeld = false
    const slow: Signer = {
      ...first,
      async sign(text) {
        if (isHeld) await held
        return first.sign(text)
      },
    }
    const log = open(files, slow)
    await log.opened
    isHeld = true
    const work = [log.append([eventOf('a', 1)])]
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    work.push(log.append([eventOf('b', 1)]), log.rotateKey(second))
    // The new key was asked for its proof: then the rotation waits behind the batch that is being signed.
    const asked = new Promise<void>((resolve) => {
      const proving: Signer = {
        ...third,
        sign(text) {
          resolve()
          return third.sign(text)
        },
      }
      work.push(log.rotateKey(proving))
    })
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
    work.push(log.append([eventOf('c', 1)]), log.append([eventOf('d', 1)]))
    release()
    await Promise.all([...work, asked])
    const { events, notes } = await readJournal(DIRECTORY, files)
    const sizes = notes.map((note) => parseCheckpoint(parseNote(note).text).size)
    const rotations = events.flatMap(({ type }, at) => (type === 'log.rotated-key' ? [at] : []))
    expect(rotations).toHaveLength(2)
    const [at = 0] = rotations
    // What was handed in before it stands before it; then the new key proves itself, and the rest follows.
    expect(events.slice(at - 1, at + 4).map(({ id, type }) => (type.startsWith('log.') ? type : id))).toEqual(
      ['b/1', 'log.rotated-key', 'log.proved-key', 'c/1', 'd/1'],
    )
    for (const index of rotations) expect(sizes).toEqual(expect.arrayContaining([index, index + 1]))
    await log.close()
  })

  test('finishes before the log is closed', async () => {
    const files = memoryFiles()
    const log = open(files, first)
    const rotating = log.rotateKey(second)
    await log.close()
    await rotating
    const { events } = await readJournal(DIRECTORY, files)
    expect(events.map(({ type }) => type).slice(-2)).toEqual(['log.proved-key', 'log.closed'])
    await expect(log.rotateKey(third)).rejects.toThrow('closed')
  })

  test('to a key that cannot follow is refused, and the log goes on as it was', async () => {
    const files = memoryFiles()
    const log = open(files, first)
    const liar: Signer = { ...second, sign: third.sign }
    const away: Signer = { ...second, sign: () => Promise.reject(new Error('the key service is away')) }
    await log.opened
    const steps = files.steps.length
    for (const next of [first, generateSigner({ name: 'example.com/other' })])
      await expect(log.rotateKey(next)).rejects.toMatchObject({ code: 'ERR_LOG_KEY_INVALID' })
    await expect(log.rotateKey(liar)).rejects.toMatchObject({ code: 'ERR_LOG_SIGNATURE_INVALID' })
    await expect(log.rotateKey(away)).rejects.toThrow('away')
    await expect(log.rotateKey('key' as never)).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' })
    expect(files.steps.length).toBe(steps)
    await log.rotateKey(second)
    await expect(log.rotateKey(first)).rejects.toThrow('has or had already')
    await log.append([eventOf('r-1', 1)])
    await log.close()
  })

  test('to a key that fails right after is the last thing that happens', async () => {
    const files = memoryFiles()
    const log = open(files, first)
    const flaky: Signer = { ...second, sign: vi.fn(second.sign) }
    await log.opened
    vi.mocked(flaky.sign)
      .mockImplementationOnce(second.sign)
      .mockRejectedValueOnce(new Error('the key service is away'))
    await expect(log.rotateKey(flaky)).rejects.toThrow('the key service is away')
    await expect(log.append([eventOf('r-1', 1)])).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' })
    await log.close()
    await expect(open(files, first).opened).rejects.toMatchObject(wrongKey)
    const after = open(files, second)
    await after.append([eventOf('r-1', 1)])
    await after.close()
  })
})

describe('opening', () => {
  test('takes the newest key alone, and names the one that it wants', async () => {
    const files = memoryFiles()
    const log = open(files, first)
    await log.rotateKey(second)
    await log.rotateKey(third)
    await log.close()
    for (const signer of [first, second, newKey()]) {
      const { opened } = open(files, signer)
      await expect(opened).rejects.toMatchObject(wrongKey)
      await expect(opened).rejects.toThrow(third.verifierKey)
    }
    const again = open(files, third)
    await again.append([eventOf('r-1', 1)])
    await again.close()
  })
})

/** Opens, appends, rotates twice while it appends, closes. */
async function workload(files: MemoryFiles, acknowledged: string[]): Promise<void> {
  const log = open(files, first)
  const append = async (id: string) => {
    await log.append([eventOf(id, 1)])
    acknowledged.push(`${id}/1`)
  }
  await append('a')
  const [waiting, rotating] = [append('b'), log.rotateKey(second)]
  await Promise.all([waiting, append('c'), rotating])
  acknowledged.push(second.verifierKey)
  await log.checkpoint()
  await log.rotateKey(third)
  acknowledged.push(third.verifierKey)
  await append('d')
  await log.close()
}

describe.each(['all', 'durable'] as const)(
  'a machine that stops at any step of a rotation, keeping what is %s',
  (what) => {
    test('leaves a log that exactly one key opens, the acknowledged one or its successor', async () => {
      const whole = memoryFiles()
      await workload(whole, [])
      const keys = [first, second, third]
      const opened = new Set<number>()
      for (let stop = 0; stop < whole.steps.length; stop += 1) {
        const before = memoryFiles()
        const acknowledged: string[] = []
        before.stopAfter(stop, (stop * 37) % 900)
        await Promise.race([workload(before, acknowledged), before.stopped])
        const openers: number[] = []
        for (const [at, signer] of keys.entries()) {
          const after = before.restart(what)
          await after.unlink(`${DIRECTORY}/lock`)
          const isNew = ((await after.list(`${DIRECTORY}/journal`)) ?? []).length === 0
          const log = open(after, signer)
          const failure = await log.opened.then(
            () => null,
            (error: unknown) => error,
          )
          if (failure !== null) expect(failure, `stopped at ${stop}`).toMatchObject(wrongKey)
          if (failure !== null || (isNew && at > 0)) continue
          openers.push(at)
          const next = newKey()
          await log.rotateKey(next)
          await log.close()
          const { events } = await readJournal(DIRECTORY, after)
          const ids = events.map(({ id }) => id)
          const wanted = acknowledged.filter((one) => !one.startsWith(ORIGIN))
          expect(ids, `stopped at ${stop}`).toEqual(expect.arrayContaining(wanted))
          await (await open(after.restart('all'), next)).close()
        }
        const least = acknowledged.includes(third.verifierKey)
          ? 2
          : acknowledged.includes(second.verifierKey)
            ? 1
            : 0
        const isUnsigned = (await readJournal(DIRECTORY, before.restart(what))).notes.length === 0
        if (isUnsigned) continue
        expect(openers, `stopped at ${stop} ${before.steps.at(-1)}`).toHaveLength(1)
        expect(openers[0]).toBeGreaterThanOrEqual(least)
        opened.add(openers[0] ?? -1)
      }
      expect([...opened].sort()).toEqual([0, 1, 2])
    })
  },
)
