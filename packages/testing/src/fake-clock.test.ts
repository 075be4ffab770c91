import { appendFile, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OptionError } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fakeClock } from './fake-clock'

test('stands still by itself, at the start of 2026 unless told otherwise', async () => {
  const clock = fakeClock()
  await clock.settle()
  expect(clock.now()).toBe(Date.UTC(2026, 0, 1))
  expect(fakeClock({ now: 5 }).now()).toBe(5)
})

describe('advance', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    [7, 7],
    [0, 0],
  ] as const)('reads %s', async (by, ms) => {
    const clock = fakeClock({ now: 0 })
    await clock.advance(by)
    expect(clock.now()).toBe(ms)
  })

  test.each(['5', '5 minutes', '-5m', '', 'm', -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %s',
    (by) => {
      expect(() => fakeClock().advance(by as '5m')).toThrow(OptionError)
    },
  )

  test('fires every timer once, in the order of its time and then of its setting, at its own time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 30 }), async (delays) => {
        const clock = fakeClock({ now: 0 })
        const fired: { delay: number; index: number; at: number }[] = []
        delays.forEach((delay, index) => {
          clock.setTimer(delay, () => fired.push({ delay, index, at: clock.now() }))
        })
        await clock.advance(50)
        const expected = delays
          .map((delay, index) => ({ delay, index, at: delay }))
          .sort((one, other) => one.delay - other.delay || one.index - other.index)
        expect(fired).toEqual(expected)
        expect(clock.pendingTimers).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  test('fires nothing early, and what is due exactly at the end', async () => {
    const clock = fakeClock()
    let fired = 0
    clock.setTimer(100, () => {
      fired += 1
    })
    await clock.advance(99)
    expect(fired).toBe(0)
    await clock.advance(1)
    expect(fired).toBe(1)
    await clock.advance(1_000)
    expect(fired).toBe(1)
  })

  test('honours a timer that another timer sets, also through promises, within the same stretch', async () => {
    const clock = fakeClock({ now: 0 })
    const times: number[] = []
    async function again(): Promise<void> {
      times.push(clock.now())
      await Promise.resolve()
      await new Promise((resolve) => setImmediate(resolve))
      if (times.length < 5) clock.setTimer(10, () => void again())
    }
    clock.setTimer(10, () => void again())
    await clock.advance(45)
    expect(times).toEqual([10, 20, 30, 40])
    expect(clock.now()).toBe(45)
  })

  test('lets what one timer set going settle before the next fires', async () => {
    const clock = fakeClock()
    const steps: string[] = []
    clock.setTimer(1, () => {
      void (async () => {
        for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve))
        for (let hop = 0; hop < 200; hop += 1) await null
        steps.push('first settled')
      })()
    })
    clock.setTimer(2, () => steps.push('second fired'))
    await clock.advance(2)
    expect(steps).toEqual(['first settled', 'second fired'])
  })

  test('waits for files that a timer writes and syncs before the next one fires', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fake-clock-'))
    const file = join(folder, 'log')
    const clock = fakeClock()
    async function write(line: string): Promise<void> {
      await appendFile(file, line)
      const handle = await open(file, 'a')
      await handle.writeFile('x'.repeat(4_000_000))
      await handle.sync()
      await handle.close()
      await appendFile(file, `synced ${line}`)
    }
    clock.setTimer(1, () => void write('one\n'))
    clock.setTimer(2, () => void write('two\n'))
    await clock.advance(2)
    const lines = (await readFile(file, 'utf8')).replaceAll('x', '').split('\n')
    await rm(folder, { recursive: true })
    expect(lines).toEqual(['one', 'synced one', 'two', 'synced two', ''])
  })

  test('overlapping calls follow one another', async () => {
    const clock = fakeClock({ now: 0 })
    const times: number[] = []
    clock.setTimer(10, () => times.push(clock.now()))
    clock.setTimer(25, () => times.push(clock.now()))
    await Promise.all([clock.advance(20), clock.advance(20)])
    expect(times).toEqual([10, 25])
    expect(clock.now()).toBe(40)
  })

  test('rejects with what a timer threw, and can go on afterwards', async () => {
    const clock = fakeClock({ now: 0 })
    let later = false
    clock.setTimer(10, () => {
      throw new Error('broken timer')
    })
    clock.setTimer(20, () => {
      later = true
    })
    await expect(clock.advance(30)).rejects.toThrow('broken timer')
    expect(clock.now()).toBe(10)
    await clock.advance(10)
    expect(later).toBe(true)
  })
})

describe('a timer', () => {
  test('that was cancelled never fires; cancelling again, or after it fired, is nothing', async () => {
    const clock = fakeClock()
    const fired: string[] = []
    const cancelled = clock.setTimer(10, () => fired.push('cancelled'))
    const kept = clock.setTimer(10, () => fired.push('kept'))
    cancelled.cancel()
    cancelled.cancel()
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(10)
    kept.cancel()
    expect(fired).toEqual(['kept'])
    expect(clock.pendingTimers).toBe(0)
  })

  test('can be cancelled by one that fires at the same time', async () => {
    const clock = fakeClock()
    const fired: string[] = []
    clock.setTimer(10, () => {
      fired.push('first')
      second.cancel()
    })
    const second = clock.setTimer(10, () => fired.push('second'))
    await clock.advance(10)
    expect(fired).toEqual(['first'])
  })

  test('of a negative delay is due at once, of an endless one never, of NaN refused', async () => {
    const clock = fakeClock()
    let fired = 0
    clock.setTimer(-5, () => {
      fired += 1
    })
    clock.setTimer(Number.POSITIVE_INFINITY, () => {
      fired += 10
    })
    await clock.advance(0)
    expect(fired).toBe(1)
    await clock.advance('365d')
    expect(fired).toBe(1)
    expect(() => clock.setTimer(Number.NaN, () => {})).toThrow(OptionError)
  })
})

test('T49: setting the wall clock fires nothing, and timers keep the delay they have left', async () => {
  const clock = fakeClock({ now: 1_000_000 })
  const times: number[] = []
  clock.setTimer(100, () => times.push(clock.now()))
  await clock.advance(40)
  clock.setNow(5_000)
  await clock.settle()
  expect(times).toEqual([])
  await clock.advance(59)
  expect(times).toEqual([])
  await clock.advance(1)
  expect(times).toEqual([5_060])
  expect(() => clock.setNow(Number.NaN)).toThrow(OptionError)
})

test('refuses options it does not know', () => {
  expect(() => fakeClock({ start: 5 } as object)).toThrow('fakeClock.start')
  expect(() => fakeClock({ now: Number.NaN })).toThrow('fakeClock.now')
})
