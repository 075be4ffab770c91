import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { honestWorld } from '../test/honest-worlds'
import { entriesOf, makeKeys, segmentsOf, writeEntries, writeEvents } from '../test/written-log'
import { fileAudit } from './file-audit'
import { followLog } from './follow-log'
import { encodeFrame, FrameType } from './journal/frame'

const root = mkdtempSync(join(tmpdir(), 'follow-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const { signer } = makeKeys()

/** Follows a log through steps: each is done when all before it was read. Answers with the ids that came between. */
async function follow(directory: string, ...steps: readonly (() => unknown)[]): Promise<string[][]> {
  const stop = new AbortController()
  const came: string[][] = [[]]
  const left = [...steps]
  const wait = async () => {
    const step = left.shift()
    if (step === undefined) return stop.abort()
    await step()
    came.push([])
  }
  for await (const { event, index, text } of followLog(directory, { signal: stop.signal, wait })) {
    expect(JSON.parse(text).id).toBe(event.id)
    expect(index).toBe(came.flat().length)
    came.at(-1)?.push(event.id)
  }
  return came
}

test('gives what is there, then what comes, over segments, each once', async () => {
  const directory = join(root, 'segments')
  const audit = fileAudit({ directory, origin: 'log.test/follow', segmentBytes: 4_096 })
  await audit.opened
  const [first = [], second = [], third = []] = await Promise.all(
    (['voted', 'quorum', 'granted'] as const).map(honestWorld),
  )
  await audit.append(first)
  const came = await follow(
    directory,
    () => audit.append(second),
    () => undefined,
    () => audit.append(third),
    () => audit.close(),
  )
  expect(segmentsOf(directory).length).toBeGreaterThan(2)
  const ids = (events: typeof first) => events.map(({ id }) => id)
  const [there = [], ...later] = came
  expect(there.slice(1)).toEqual(ids(first))
  expect(later.slice(0, 3)).toEqual([ids(second), [], ids(third)])
  expect(later[3]).toHaveLength(1)
})

test('an entry comes when its checkpoint does, and not before, however the writing is cut', async () => {
  const directory = join(root, 'cut')
  const events = await honestWorld('voted')
  await writeEvents(directory, events.slice(0, 4), signer, { batch: 4 })
  const [path = ''] = segmentsOf(directory)
  const held = readFileSync(path).length
  await writeEvents(join(root, 'longer'), events.slice(0, 8), signer, { batch: 4 })
  const [longer = ''] = segmentsOf(join(root, 'longer'))
  const bytes = readFileSync(longer).subarray(held)
  const middle = Math.floor(bytes.length / 2)
  const stray = encodeFrame(FrameType.entry, entriesOf(events)[5] as Buffer)
  const came = await follow(
    directory,
    () => appendFileSync(path, stray),
    // A writer that opens the log again cuts what was never acknowledged.
    () => truncateSync(path, held),
    () => appendFileSync(path, bytes.subarray(0, middle)),
    () => appendFileSync(path, bytes.subarray(middle)),
  )
  expect(came.map((ids) => ids.length)).toEqual([4, 0, 0, 0, 4])
})

test('stops at once when it is told to, and refuses where there is no log', async () => {
  const directory = join(root, 'stopped')
  await writeEntries(directory, entriesOf(await honestWorld('voted')), signer)
  const never = async () => {
    throw new Error('must not wait')
  }
  const read = []
  for await (const record of followLog(directory, { signal: AbortSignal.abort(), wait: never }))
    read.push(record)
  expect(read).toEqual([])
  await expect(follow(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'ERR_LOG_DAMAGED' })
})
