import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Call } from './run-call'
import { type Decider, patiently } from './run-patience'
import type { Asking, RunResult } from './run-result'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const CANCELLED = { status: 'cancelled', exitCode: 77, command: null } as RunResult
const report = { say() {}, point() {}, asked() {}, decided() {}, end() {} }
const signals = { waiting: new AbortController().signal, first: () => null, give() {}, end() {} }

/** Somebody who decides nothing: cancelled when nobody waits any more. */
function nobody(keepsTime = false) {
  const began: Asking[] = []
  const decider: Decider = {
    keepsTime,
    receipt: () => null,
    run(_call, asking) {
      began.push(asking)
      return new Promise((resolve) => {
        asking.waiting.addEventListener('abort', () => resolve(CANCELLED))
      })
    },
  }
  const result = patiently({ timeoutMs: 60_000 }, signals, decider, {} as Call, report)
  const [asking] = began
  if (asking === undefined) throw new Error('nothing began')
  return { asking, result }
}

test('--timeout is the time of people: what comes before they are asked takes none of it', async () => {
  const { asking, result } = nobody()
  vi.advanceTimersByTime(600_000)
  expect(asking.waiting.aborted).toBe(false)
  asking.asked()
  vi.advanceTimersByTime(59_999)
  asking.asked()
  expect(asking.waiting.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(await result).toMatchObject({ exitCode: 78, reason: expect.stringContaining('--timeout') })
  expect(vi.getTimerCount()).toBe(0)
})

test('where the gate ends the request after it, nobody else does', () => {
  const { asking } = nobody(true)
  asking.asked()
  expect(vi.getTimerCount()).toBe(0)
})
