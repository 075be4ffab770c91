import { afterEach, expect, test, vi } from 'vitest'
import { OutputClosedError } from './exit'
import { processIo } from './io'

afterEach(() => void vi.restoreAllMocks())

type Written = (error?: Error | null) => void

/** A stdout whose every write ends so. */
function stdoutEndsWith(error: Error | null): void {
  vi.spyOn(process.stdout, 'write').mockImplementation(((_: string, done: Written) => {
    setImmediate(done, error)
    return false
  }) as typeof process.stdout.write)
}

test('a pipe that was closed is no error to tell of, anything else is', async () => {
  stdoutEndsWith(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  await expect(processIo().write?.('x')).rejects.toBeInstanceOf(OutputClosedError)
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
  stdoutEndsWith(full)
  await expect(processIo().write?.('x')).rejects.toBe(full)
  stdoutEndsWith(null)
  await processIo().write?.('x')
  // The stream tells of it too, where nobody else listens: it must not end the process.
  expect(process.stdout.listenerCount('error')).toBeGreaterThan(0)
})

test('no colours for those who want none', () => {
  const { isTTY } = process.stdout
  process.stdout.isTTY = true
  try {
    for (const [noColour, term, expected] of [
      ['1', 'xterm', false],
      ['', 'xterm', true],
      ['', 'dumb', false],
    ] as const) {
      vi.stubEnv('NO_COLOR', noColour)
      vi.stubEnv('TERM', term)
      expect(processIo().colour).toBe(expected)
    }
  } finally {
    process.stdout.isTTY = isTTY
    vi.unstubAllEnvs()
  }
})
