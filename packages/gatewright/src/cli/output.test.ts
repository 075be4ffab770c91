import { expect, test } from 'vitest'
import { LineWriter } from './output'

test('a reader that is slow is waited for, and gets every line in pieces of a bounded size', async () => {
  let writing = 0
  const pieces: string[] = []
  const writer = new LineWriter(async (text) => {
    writing += 1
    expect(writing).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    pieces.push(text)
    writing -= 1
  })
  const lines = Array.from({ length: 5_000 }, (_, index) => `${index}: ${'x'.repeat(index % 200)}\n`)
  for (const line of lines) await writer.line(line)
  await writer.flush()
  await writer.flush()
  expect(pieces.join('')).toBe(lines.join(''))
  expect(pieces.length).toBeGreaterThan(3)
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(66_000)
})

test('a reader that cannot be written to is told of', async () => {
  const writer = new LineWriter(async () => {
    throw new Error('gone')
  })
  await writer.line('a\n')
  await expect(writer.flush()).rejects.toThrow('gone')
})
