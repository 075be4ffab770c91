import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { eventOf } from '../../test/support/events'
import { type MemoryFiles, memoryFiles } from '../../test/support/memory-files'
import { readJournal } from '../../test/support/read-log'
import { AuditLogError } from '../errors'
import { type FileAudit, fileAuditOver } from '../file-audit'
import { Tree } from '../merkle'
import { checkpointText, generateSigner, type Signer, signNote } from '../note'
import { encodeFrame, FrameType } from './frame'
import { recoverLog } from './recover'
import { headerFrame, listSegments, segmentPath } from './segments'

const DIRECTORY = '/var/log'
const ORIGIN = 'example.com/audit'
const CHECKPOINT = `${DIRECTORY}/checkpoint`
const signer = generateSigner({ name: ORIGIN })

function open(files: MemoryFiles, options: { origin?: string; signer?: Signer } = {}): FileAudit {
  const clock = fakeClock()
  return fileAuditOver(files, {
    directory: DIRECTORY,
    origin: ORIGIN,
    signer,
    clock,
    segmentBytes: 4_096,
    tiles: false,
    ...options,
  })
}

/** A closed log of several segments, the last of which has several checkpoints. */
async function someLog(): Promise<MemoryFiles> {
  const files = memoryFiles()
  const log = open(files)
  for (let seq = 1; seq <= 14; seq += 1) await log.append([eventOf('r-1', seq), eventOf('r-2', seq)])
  await log.close()
  return files
}

async function lastPath(files: MemoryFiles): Promise<string> {
  return (await listSegments(files, DIRECTORY)).at(-1)?.path ?? ''
}

const recover = (files: MemoryFiles) => recoverLog(files, DIRECTORY, ORIGIN, () => signer)

async function refusal(promise: Promise<unknown>): Promise<AuditLogError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(AuditLogError)
  expect(error).toMatchObject({ code: 'ERR_LOG_DAMAGED', place: { file: expect.any(String) } })
  return error as AuditLogError
}

describe('a last segment that was cut at any byte', () => {
  test('is refused while the published checkpoint vouches for what is missing', async () => {
    const files = await someLog()
    const path = await lastPath(files)
    const whole = files.bytesOf(path)
    for (let size = 0; size < whole.length; size += 1) {
      files.setBytes(path, whole.subarray(0, size))
      await refusal(recover(files))
    }
    files.setBytes(path, whole)
    await recover(files)
  })

  test('keeps every whole frame, and records the cut of an incomplete one', async () => {
    const files = await someLog()
    await files.unlink(CHECKPOINT)
    const path = await lastPath(files)
    const whole = files.bytesOf(path)
    const { events, beyond, lastOffsets } = await readJournal(DIRECTORY, files)
    expect(beyond).toEqual([])
    const [, headerEnd = 0] = lastOffsets
    let cutsSeen = 0
    for (let size = 0; size < whole.length; size += 1) {
      const shorter = files.restart('all')
      shorter.setBytes(path, whole.subarray(0, size))
      if (size < headerEnd) {
        await refusal(recover(shorter))
        continue
      }
      const kept = await readJournal(DIRECTORY, shorter)
      const wholeEntries = [...kept.events, ...kept.beyond]
      expect(events.slice(0, wholeEntries.length)).toEqual(wholeEntries)
      const start = lastOffsets.filter((offset) => offset <= size).at(-1) ?? 0
      const expectedCuts = start === size ? [] : [{ bytes: size - start, file: path, offset: start }]
      const log = open(shorter)
      expect((await log.opened).cuts).toEqual(expectedCuts)
      expect((await log.opened).adopted).toBe(kept.beyond.length)
      await log.close()
      const after = (await readJournal(DIRECTORY, shorter)).events
      expect(after.slice(0, wholeEntries.length)).toEqual(wholeEntries)
      const cutEvents = after.slice(wholeEntries.length).filter(({ type }) => type === 'log.cut')
      expect(cutEvents.map(({ data }) => data)).toEqual(expectedCuts)
      cutsSeen += cutEvents.length
    }
    expect(cutsSeen).toBeGreaterThan(1_000)
  })
})

test('a flipped bit in any byte of any segment is refused, whether or not a checkpoint is published', async () => {
  const files = await someLog()
  await files.unlink(CHECKPOINT)
  for (const { path } of await listSegments(files, DIRECTORY)) {
    const whole = files.bytesOf(path)
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << ((at * 5) % 8))
      files.setBytes(path, bytes)
      const { place } = await refusal(recover(files))
      expect(place.offset ?? 0).toBeLessThanOrEqual(at)
    }
    files.setBytes(path, whole)
  }
  await recover(files)
})

describe('refuses to open', () => {
  test('a log without one of its segments', async () => {
    const files = await someLog()
    const segments = await listSegments(files, DIRECTORY)
    expect(segments.length).toBeGreaterThan(2)
    await files.unlink(segments[1]?.path ?? '')
    expect((await refusal(recover(files))).message).toContain('a segment is missing')
  })

  test('a log without its first segment', async () => {
    const files = await someLog()
    await files.unlink(segmentPath(DIRECTORY, 0))
    expect((await refusal(recover(files))).message).toContain('a segment is missing')
  })

  test('a log without its last segment, or without any, by its published checkpoint', async () => {
    const files = await someLog()
    await files.unlink(await lastPath(files))
    expect((await refusal(recover(files))).message).toContain('the end of the journal is missing')
    for (const { path } of await listSegments(files, DIRECTORY)) await files.unlink(path)
    expect((await refusal(recover(files))).message).toContain('the end of the journal is missing')
  })

  test('segments that changed places', async () => {
    const files = await someLog()
    const [one, two] = await listSegments(files, DIRECTORY)
    const [first, second] = [files.bytesOf(one?.path ?? ''), files.bytesOf(two?.path ?? '')]
    files.setBytes(one?.path ?? '', second)
    files.setBytes(two?.path ?? '', first)
    expect((await refusal(recover(files))).message).toContain('the header says it begins with entry')
  })

  test('a log of another origin', async () => {
    const files = await someLog()
    const log = open(files, {
      origin: 'example.com/other',
      signer: generateSigner({ name: 'example.com/other' }),
    })
    await expect(log.opened).rejects.toMatchObject({
      code: 'ERR_AUDIT_UNAVAILABLE',
      cause: { code: 'ERR_LOG_DAMAGED' },
    })
  })

  test('a log whose newest checkpoint another key signed', async () => {
    const files = await someLog()
    await files.unlink(CHECKPOINT)
    const log = open(files, { signer: generateSigner({ name: ORIGIN }) })
    await expect(log.opened).rejects.toMatchObject({ cause: { code: 'ERR_LOG_KEY_INVALID' } })
    await expect(log.append([eventOf('r-3', 1)])).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' })
  })

  test('a log that was rewritten with its own key, by its published checkpoint', async () => {
    const files = await someLog()
    const published = files.bytesOf(CHECKPOINT)
    const forged = memoryFiles()
    const log = open(forged)
    for (let seq = 1; seq <= 20; seq += 1) await log.append([eventOf('r-9', seq), eventOf('r-2', seq)])
    await log.close()
    forged.setBytes(CHECKPOINT, published)
    expect((await refusal(recover(forged))).message).toContain('the log was rewritten')
  })

  test('a published checkpoint that is none, or is signed by nobody known', async () => {
    const files = await someLog()
    files.setBytes(CHECKPOINT, Buffer.from('garbage'))
    expect((await refusal(recover(files))).place.file).toBe(CHECKPOINT)
    const note = await signNote(checkpointText({ origin: ORIGIN, size: 1, root: Buffer.alloc(32) }), [
      generateSigner({ name: ORIGIN }),
    ])
    files.setBytes(CHECKPOINT, Buffer.from(note))
    expect((await refusal(recover(files))).place.file).toBe(CHECKPOINT)
  })

  test.each([
    ['an empty frame of zeros', Buffer.alloc(9)],
    ['stale bytes in a tail that was laid out before', Buffer.alloc(4_096)],
    ['a frame of an unknown type', Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 7, 0])],
    ['a frame longer than any', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1])],
    ['a header in the middle', headerFrame(30, ORIGIN)],
    ['an entry that is no event', encodeFrame(FrameType.entry, Buffer.from('{"data":{}}'))],
    ['a checkpoint that is none', encodeFrame(FrameType.checkpoint, Buffer.from(`${ORIGIN}\n`))],
  ])('%s after the last checkpoint', async (_, tail) => {
    const files = await someLog()
    const path = await lastPath(files)
    const end = files.bytesOf(path).length
    files.setBytes(path, Buffer.concat([files.bytesOf(path), tail]))
    const { place } = await refusal(recover(files))
    expect(place).toMatchObject({ file: path, offset: end })
  })

  test('a torn frame in a segment that is not the last', async () => {
    const files = await someLog()
    const path = segmentPath(DIRECTORY, 0)
    const whole = files.bytesOf(path)
    files.setBytes(path, whole.subarray(0, whole.length - 1))
    expect((await refusal(recover(files))).message).toContain('in the middle of the log')
  })

  test('a second checkpoint of one size, and one of another tree', async () => {
    const files = await someLog()
    const path = await lastPath(files)
    const whole = files.bytesOf(path)
    const { tree, note } = await recover(files)
    const again = encodeFrame(FrameType.checkpoint, Buffer.from(note ?? ''))
    files.setBytes(path, Buffer.concat([whole, again]))
    expect((await refusal(recover(files))).message).toContain('a second checkpoint')
    const root = new Tree().root()
    const other = await signNote(checkpointText({ origin: ORIGIN, size: tree.size + 1, root }), [signer])
    const entry = (await someEntry(files, whole)) ?? Buffer.alloc(0)
    const frames = [
      encodeFrame(FrameType.entry, entry),
      encodeFrame(FrameType.checkpoint, Buffer.from(other)),
    ]
    files.setBytes(path, Buffer.concat([whole, ...frames]))
    expect((await refusal(recover(files))).message).toContain('does not match the entries')
  })
})

async function someEntry(files: MemoryFiles, whole: Buffer): Promise<Buffer | null> {
  const { lastOffsets } = await readJournal(DIRECTORY, files)
  const [, start = 0, end = 0] = lastOffsets
  return whole.subarray(start + 9, end)
}

test('executions that were started and not finished are told of once', async () => {
  const files = memoryFiles()
  const first = open(files)
  await first.append([eventOf('a', 1, 'execution.started'), eventOf('b', 1, 'execution.started')])
  await first.append([
    eventOf('c', 1),
    eventOf('c', 2, 'execution.started'),
    eventOf('b', 2, 'execution.failed'),
  ])
  const after = files.restart('durable')
  await after.unlink(`${DIRECTORY}/lock`)
  const second = open(after)
  expect((await second.opened).unknown).toEqual(['a', 'c'])
  await second.append([eventOf('c', 3, 'execution.succeeded')])
  await second.close()
  const { events } = await readJournal(DIRECTORY, after)
  expect(events.filter(({ type }) => type === 'log.opened').map(({ data }) => data.unknown)).toEqual([
    [],
    ['a', 'c'],
  ])
  const third = open(after)
  expect((await third.opened).unknown).toEqual([])
  await third.close()
})
