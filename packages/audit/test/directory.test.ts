import { readFileSync, rmSync, statSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { leafHash, Tree, tilePath } from '../src'
import { fileAudit } from '../src/file-audit'
import { parseBundle } from '../src/merkle'
import { generateSigner, parseCheckpoint, parseVerifierKey, verifyNote } from '../src/note'
import { eventOf } from './support/events'
import { newDirectory, readJournal } from './support/read-log'

const modeOf = (path: string): number => statSync(path).mode & 0o777

/** Every file below a directory, by path. */
async function filesBelow(directory: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(files.map((path) => [path.slice(directory.length + 1), readFileSync(path)]))
}

/** A log of 700 events, closed. */
async function someLog(directory: string): Promise<void> {
  const log = fileAudit({ directory })
  for (let batch = 0; batch < 7; batch += 1) {
    await Promise.all(Array.from({ length: 100 }, (_, at) => log.append([eventOf(`r-${batch}-${at}`, 1)])))
  }
  await log.close()
}

/** Makes the third tile of {@link someLog} full. */
async function fill(directory: string): Promise<void> {
  const log = fileAudit({ directory })
  await log.append(Array.from({ length: 100 }, (_, at) => eventOf(`f-${at}`, 1)))
  await log.close()
}

describe('what a log leaves behind by default', () => {
  test('belongs to its owner alone, and its key is not in it', async () => {
    const directory = await newDirectory()
    await someLog(directory)
    expect([modeOf(directory), modeOf(join(directory, 'journal'))]).toEqual([0o700, 0o700])
    for (const path of (await filesBelow(directory)).keys())
      expect([path, modeOf(join(directory, path))]).toEqual([path, 0o600])
    expect(modeOf(`${directory}.key`)).toBe(0o600)
    expect(
      [...(await filesBelow(directory)).keys()].filter(
        (path) => !/^(checkpoint|journal\/|tile\/)/.test(path),
      ),
    ).toEqual([])
  })

  test('is opened again under the same origin and key, and never with another', async () => {
    const directory = await newDirectory()
    const first = fileAudit({ directory })
    await first.close()
    expect(first.logId).toMatch(/^[a-z0-9.-]+\/gatewright\/[0-9a-f]{16}$/)
    const second = fileAudit({ directory })
    expect(second.logId).toBe(first.logId)
    expect((await second.opened).size).toBe(2)
    await second.close()
    await rm(`${directory}.key`)
    const third = fileAudit({ directory })
    await expect(third.opened).rejects.toMatchObject({ cause: { code: 'ERR_LOG_KEY_INVALID' } })
    await third.close()
  })
})

describe('tiles and checkpoint', () => {
  test('are those of the journal, to the byte', async () => {
    const directory = await newDirectory()
    const origin = 'example.com/audit'
    const signer = generateSigner({ name: origin })
    const log = fileAudit({ directory, origin, signer })
    for (let seq = 1; seq <= 600; seq += 50) {
      await log.append(Array.from({ length: 50 }, (_, at) => eventOf('r-1', seq + at)))
    }
    await log.close()
    const note = readFileSync(join(directory, 'checkpoint'))
    const head = parseCheckpoint(verifyNote(note, [parseVerifierKey(signer.verifierKey)]).text)
    expect(head).toMatchObject({ origin, size: 602, root: log.head?.root })
    const tree = new Tree()
    for (const [tile, width] of [256, 256, 90].entries()) {
      const entries = parseBundle(readFileSync(join(directory, tilePath('entries', tile, width))), width)
      const hashes = entries.map((entry) => leafHash(entry))
      expect(readFileSync(join(directory, tilePath(0, tile, width)))).toEqual(Buffer.concat(hashes))
      for (const hash of hashes) tree.appendHash(hash)
    }
    expect(Buffer.from(tree.root())).toEqual(Buffer.from(head.root))
  })

  test('are made anew where they are missing or spoilt, and nothing else is touched', async () => {
    const directory = await newDirectory()
    await someLog(directory)
    const before = await filesBelow(directory)
    rmSync(join(directory, tilePath(0, 0)))
    rmSync(join(directory, 'checkpoint'))
    await writeFile(join(directory, tilePath('entries', 1)), 'spoilt')
    const log = fileAudit({ directory })
    await log.checkpoint()
    await log.close()
    const after = await filesBelow(directory)
    for (const path of [tilePath(0, 0), tilePath(0, 1), tilePath('entries', 0), tilePath('entries', 1)]) {
      expect([path, after.get(path)?.equals(before.get(path) ?? Buffer.alloc(0))]).toEqual([path, true])
    }
    const { events, notes } = await readJournal(directory)
    expect(after.get('checkpoint')?.toString()).toBe(notes.at(-1))
    expect(events.length).toBe(704)
    // The parts of a tile that became full meanwhile are gone; others stay.
    await fill(directory)
    const full = [...(await filesBelow(directory)).keys()].filter((path) => path.includes('002.p'))
    expect(full).toEqual([])
  })

  test('the checkpoint is published while the log is written to, about once a second', async () => {
    const directory = await newDirectory()
    const clock = fakeClock()
    const log = fileAudit({ directory, clock, tiles: false })
    await log.append([eventOf('r-1', 1)])
    expect(await readdir(directory)).not.toContain('checkpoint')
    await clock.advance('1s')
    const published = readFileSync(join(directory, 'checkpoint'), 'utf8')
    expect(published.split('\n')[1]).toBe('2')
    await log.append([eventOf('r-1', 2)])
    expect(readFileSync(join(directory, 'checkpoint'), 'utf8')).toBe(published)
    await log.close()
    expect(readFileSync(join(directory, 'checkpoint'), 'utf8').split('\n')[1]).toBe('4')
    expect(clock.pendingTimers).toBe(0)
    expect(await readdir(directory)).not.toContain('tile')
  })
})

test.each([
  [{ directory: '' }, 'fileAudit.directory'],
  [{ directory: '/x', orgin: 'a' }, 'fileAudit.orgin'],
  [{ directory: '/x', origin: 'with space' }, 'fileAudit.origin'],
  [{ directory: '/x', origin: 'a+b' }, 'fileAudit.origin'],
  [{ directory: '/x', segmentBytes: 10 }, 'fileAudit.segmentBytes'],
  [{ directory: '/x', signer: {} }, 'fileAudit.signer'],
  [{ directory: '/x', tiles: 'no' }, 'fileAudit.tiles'],
])('the options %j are refused by name', (options, option) => {
  expect(() => fileAudit(options as never)).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION_INVALID', option }),
  )
})
