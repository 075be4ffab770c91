import { type Clock, type Timer, when } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { attempt, scene, settle } from '../../test/scene'
import { DeadlineError, useDeadlines, withDeadline } from './deadline'

const forever = () => new Promise<never>(() => {})

test('a gate that was closed leaves no timer behind, without any time passing', async () => {
  for (const options of [{}, { policy: [when('*').allow()] }, { onBehalfOf: async () => null }]) {
    const s = scene(options)
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run', context: async () => ({}) })())
    for (const { id } of await s.pending()) await s.approve(id)
    await call.ended
    expect(s.clock.pendingTimers).toBeGreaterThan(0)
    await s.gate.close()
    expect(s.clock.pendingTimers).toBe(0)
  }
})

test('one that was started and never called, or never started, leaves none either', async () => {
  const started = scene()
  await started.gate.start()
  await started.gate.close()
  expect(started.clock.pendingTimers).toBe(0)
  const idle = scene()
  await idle.gate.close()
  expect(idle.clock.pendingTimers).toBe(0)
})

test('closing one of two gates on a clock takes no deadline from the other', async () => {
  const s = scene()
  const other = s.neighbour({ onBehalfOf: forever, timeouts: { lookup: '3s' } })
  await s.gate.start()
  await other.gate.start()
  const call = attempt(other.gate.requireApproval(other.effect, { action: 'a.run' })())
  await settle()
  await s.gate.close()
  await s.clock.advance('4s')
  expect(call.code).toBe('ERR_EXECUTION_BLOCKED')
  await other.gate.close()
  expect(s.clock.pendingTimers).toBe(0)
})

test('work that hangs while its gate is closed still meets its deadline, and then no timer is left', async () => {
  const s = scene({ onBehalfOf: forever, timeouts: { lookup: '3s' } })
  const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })())
  await settle()
  await s.gate.close()
  expect(call.state).toBe('waiting')
  await s.clock.advance('3s')
  expect(call.code).toBe('ERR_EXECUTION_BLOCKED')
  expect(s.runs).toEqual([])
  expect(s.clock.pendingTimers).toBe(0)
})

test('while a gate is open, one timer serves work of one length, and keeps the process alive only for work', async () => {
  const clock = fakeClock()
  const alive: boolean[] = []
  let set = 0
  const watched: Clock = {
    now: () => clock.now(),
    setTimer(ms, fire): Timer {
      set += 1
      return { ...clock.setTimer(ms, fire), keepAlive: (value) => void alive.push(value) }
    },
  }
  const end = useDeadlines(watched)
  for (let round = 0; round < 100; round += 1) await withDeadline(watched, 50, Promise.resolve(round), 'work')
  expect(set).toBe(1)
  expect(alive.slice(0, 3)).toEqual([false, true, false])
  expect(alive.at(-1)).toBe(false)
  end()
  expect(clock.pendingTimers).toBe(0)
  await expect(
    Promise.all([withDeadline(watched, 50, forever(), 'work'), clock.advance('50ms')]),
  ).rejects.toThrow(DeadlineError)
  expect(clock.pendingTimers).toBe(0)
})

test('work begun by what a deadline sets going has one deadline of its own', async () => {
  const clock = fakeClock()
  const end = useDeadlines(clock)
  const inner: Promise<unknown>[] = []
  const outer = attempt(
    withDeadline(clock, 50, forever(), 'outer', () => {
      inner.push(attempt(withDeadline(clock, 50, forever(), 'inner')).ended)
    }),
  )
  await clock.advance('50ms')
  expect(outer.error).toBeInstanceOf(DeadlineError)
  expect(clock.pendingTimers).toBe(1)
  await clock.advance('50ms')
  await Promise.all(inner)
  end()
  expect(clock.pendingTimers).toBe(0)
})
