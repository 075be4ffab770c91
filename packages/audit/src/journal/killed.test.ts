import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { eventOf } from '../../test/support/events'
import { newDirectory, readJournal } from '../../test/support/read-log'
import { startWriter, type Writer } from '../../test/support/start-writer'
import { fileAudit } from '../file-audit'

/** The full run: `GATEWRIGHT_KILLS=1000`. */
const kills = Number(process.env.GATEWRIGHT_KILLS ?? 10)

/** Kills the writer when it has said so many lines: in the middle of whatever it does then. */
async function killAfter(writer: Writer, count: number): Promise<readonly string[]> {
  const { child, lines, done } = writer
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  await new Promise<void>((resolve) => {
    const look = () => lines.length >= count && resolve()
    reader.on('line', look)
    child.once('exit', () => resolve())
    look()
  })
  child.kill('SIGKILL')
  await done
  // The last line may have been cut off; its event was acknowledged all the same, or not.
  return lines.filter((line) => /^k\d+-\d\/\d+$/.test(line))
}

test(`I7: a process that writes under load and is killed ${kills} times loses nothing that it acknowledged`, {
  timeout: 60_000 + kills * 10_000,
}, async () => {
  const directory = await newDirectory()
  const acknowledged: string[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    const writer = startWriter(directory, `k${kill}`)
    acknowledged.push(...(await killAfter(writer, 1 + Math.floor(Math.random() * 120))))
    expect(writer.lines[0], `after ${kill} kills the log did not open`).toBe('opened')
  }
  expect(acknowledged.length).toBeGreaterThan(kills)

  const log = fileAudit({ directory })
  await log.opened
  await log.close()
  const { events, beyond } = await readJournal(directory)
  const ids = events.map(({ id }) => id)
  const held = new Set(ids)
  expect(held.size).toBe(ids.length)
  expect(acknowledged.filter((id) => !held.has(id))).toEqual([])
  expect(beyond).toEqual([])
})

test('of two processes on one directory one is refused, and is told by whom', async () => {
  const directory = await newDirectory()
  const writer = startWriter(directory, 'first')
  await once(createInterface({ input: writer.child.stdout as NodeJS.ReadableStream }), 'line')
  const second = startWriter(directory, 'second')
  await second.done
  expect(second.lines).toEqual(['refused ERR_LOG_LOCKED'])

  const here = fileAudit({ directory })
  await expect(here.opened).rejects.toThrow(`locked by process ${writer.child.pid}`)
  await expect(here.append([eventOf('r-1', 1)])).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' })
  await here.close()

  // The first one lost nothing by it, and its lock ends with it.
  const said = writer.lines.length
  await once(createInterface({ input: writer.child.stdout as NodeJS.ReadableStream }), 'line')
  expect(writer.lines.length).toBeGreaterThanOrEqual(said)
  writer.child.kill('SIGKILL')
  await writer.done
  const again = fileAudit({ directory })
  expect((await again.opened).size).toBeGreaterThan(1)
  await again.close()
})
