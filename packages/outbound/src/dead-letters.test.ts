import { chmod, link, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeEvent } from '@gatewright/audit'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../test/audit-receiver'
import { eventOf } from '../test/events'
import { EVENTS } from './audit/webhook-audit'
import { DeadLetters } from './dead-letters'

const MUCH = 1_000_000
const entries = Array.from({ length: 5 }, (_, at) =>
  encodeEvent(eventOf('r', at + 1, { text: 'é'.repeat(at) })),
)
const refused = (text: string) =>
  expect.objectContaining({ code: 'ERR_OUTBOUND_DEAD_LETTERS', message: expect.stringContaining(text) })

async function file(): Promise<string> {
  return join(await temporaryFolder(), 'dead.jsonl')
}

test('what was added is found by the next process, in its order', async () => {
  const path = await file()
  const first = await DeadLetters.open(path, MUCH, EVENTS)
  await first.add(entries.slice(0, 2))
  await first.add(entries.slice(1, 4))
  await first.close()
  const second = await DeadLetters.open(path, MUCH, EVENTS)
  expect(second.count).toBe(4)
  expect(await second.oldest(MUCH)).toEqual(entries.slice(0, 4))
  expect(await second.oldest(1)).toEqual(entries.slice(0, 1))
  await second.close()
})

test('a file that was cut anywhere holds every line that is whole, and goes on', async () => {
  const path = await file()
  const whole = Buffer.concat(entries.slice(0, 2).flatMap((entry) => [entry, Buffer.from('\n')]))
  const first = entries[0]?.length ?? 0
  for (let size = first - 2; size <= whole.length; size += 1) {
    await writeFile(path, whole.subarray(0, size), { mode: 0o600 })
    const letters = await DeadLetters.open(path, MUCH, EVENTS)
    const lines = whole.subarray(0, size).toString('latin1').split('\n').length - 1
    expect(letters.count).toBe(lines)
    await letters.add(entries.slice(4))
    await letters.close()
    const again = await DeadLetters.open(path, MUCH, EVENTS)
    expect(await again.oldest(MUCH)).toEqual([...entries.slice(0, lines), ...entries.slice(4)])
    await again.close()
  }
})

test('what was removed leaves the file: at once when it was the last, else on compact and close', async () => {
  const path = await file()
  const letters = await DeadLetters.open(path, MUCH, EVENTS)
  await letters.add(entries)
  await letters.remove(entries.slice(0, 2))
  await letters.compact()
  const text = (from: number): string =>
    entries
      .slice(from)
      .map((entry) => `${entry}\n`)
      .join('')
  expect(await readFile(path, 'utf8')).toBe(text(2))
  await letters.remove(entries.slice(2, 3))
  expect(await letters.oldest(MUCH)).toEqual(entries.slice(3))
  await letters.close()
  expect(await readFile(path, 'utf8')).toBe(text(3))
  const again = await DeadLetters.open(path, MUCH, EVENTS)
  await again.remove(entries)
  expect(await readFile(path, 'utf8')).toBe('')
  await again.close()
})

test('room that was freed is used again before the file counts as full', async () => {
  const path = await file()
  const most = entries.slice(0, 4).reduce((sum, { length }) => sum + length + 1, 0)
  const letters = await DeadLetters.open(path, most, EVENTS)
  await letters.add(entries.slice(0, 4))
  await expect(letters.add(entries.slice(4))).rejects.toThrow(refused('is full'))
  await letters.remove(entries.slice(0, 2))
  await letters.add(entries.slice(4))
  expect(await letters.oldest(MUCH)).toEqual(entries.slice(2))
  await letters.close()
})

describe('a file is refused', () => {
  test('that others may read', async () => {
    const path = await file()
    await writeFile(path, '')
    await chmod(path, 0o640)
    await expect(DeadLetters.open(path, MUCH, EVENTS)).rejects.toThrow(refused('chmod 600'))
  })

  test('that is a link, a folder, or in no folder', async () => {
    const path = await file()
    await writeFile(`${path}.real`, '', { mode: 0o600 })
    await symlink(`${path}.real`, path)
    await expect(DeadLetters.open(path, MUCH, EVENTS)).rejects.toThrow(refused(path))
    await mkdir(`${path}.folder`)
    await expect(DeadLetters.open(`${path}.folder`, MUCH, EVENTS)).rejects.toThrow(refused('.folder'))
    await expect(DeadLetters.open(join(path, 'x', 'y'), MUCH, EVENTS)).rejects.toThrow(
      refused('cannot be opened'),
    )
  })

  test('with a line that is no entry, and is left as it is', async () => {
    const path = await file()
    const text = `${entries[0]}\nhello\n${entries[1]}\n`
    await writeFile(path, text, { mode: 0o600 })
    await expect(DeadLetters.open(path, MUCH, EVENTS)).rejects.toThrow(refused('line 2'))
    expect(await readFile(path, 'utf8')).toBe(text)
  })
})

describe('T48: nothing counts as kept from when the file', () => {
  test.each([
    ['was removed', (path: string) => rm(path)],
    ['was moved', (path: string) => rename(path, `${path}.old`)],
    ['was replaced', (path: string) => writeFile(`${path}.x`, '').then(() => rename(`${path}.x`, path))],
    [
      'was written to by another process',
      (path: string) => writeFile(path, `${entries[4]}\n`, { flag: 'a' }),
    ],
    ['was emptied', (path: string) => writeFile(path, '')],
  ])('%s', async (_, spoil) => {
    const path = await file()
    const letters = await DeadLetters.open(path, MUCH, EVENTS)
    await letters.add(entries.slice(0, 1))
    // So that a later file cannot get its number.
    await link(path, `${path}.kept`)
    await spoil(path)
    const text = await readFile(path, 'utf8').catch(() => null)
    await expect(letters.add(entries.slice(1, 2))).rejects.toThrow(refused('somebody else'))
    await expect(letters.add(entries.slice(2, 3))).rejects.toThrow(refused('somebody else'))
    expect(await readFile(path, 'utf8').catch(() => null)).toBe(text)
    await letters.close()
  })
})
