import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import type { AuditEvent, AuditEventType } from '../contracts/audit'
import { createNoting } from './noting'

const event = (subject: string, seq: number, type: AuditEventType): AuditEvent => ({
  data: {},
  id: `${subject}/${seq}`,
  previous: null,
  seq,
  source: 'test',
  subject,
  time: 0,
  type,
})

function arrange() {
  const clock = fakeClock()
  const saved: (readonly string[])[] = []
  const problems: unknown[] = []
  const answers: (() => void)[] = []
  let mode: 'at once' | 'held' | 'throws' | 'rejects' = 'at once'
  const noting = createNoting({
    clock,
    save(ids) {
      if (mode === 'throws') throw new Error('down')
      saved.push(ids)
      if (mode === 'rejects') return Promise.reject(new Error('down'))
      return mode === 'held' ? new Promise<void>((resolve) => void answers.push(resolve)) : undefined
    },
    failed(error) {
      problems.push(error)
      throw new Error('so does the logger')
    },
  })
  return { clock, saved, problems, answers, noting, become: (next: typeof mode) => (mode = next) }
}

describe('what the log holds', () => {
  test('is noted with the decision on a request, and then at once', () => {
    const { noting, saved } = arrange()
    noting.note([event('a', 1, 'request.created'), event('b', 1, 'request.created')])
    noting.note([event('a', 2, 'request.vote-cast')])
    expect(saved).toEqual([])
    noting.note([event('a', 3, 'request.approved')])
    noting.note([event('a', 4, 'execution.started')])
    noting.note([event('a', 5, 'execution.succeeded')])
    expect(saved).toEqual([['a/1', 'a/2', 'a/3'], ['a/4'], ['a/5']])
  })

  test('is noted at once for what belongs to no chain', () => {
    const { noting, saved } = arrange()
    noting.note([event('d', 1, 'delivery.sent')])
    expect(saved).toEqual([['d/1']])
  })

  test('is noted soon for a request that waits for people', async () => {
    const { noting, saved, clock } = arrange()
    noting.note([event('a', 1, 'request.created')])
    await clock.advance(200)
    noting.note([event('b', 1, 'request.created')])
    expect(saved).toEqual([])
    await clock.advance(300)
    expect(saved).toEqual([['a/1', 'b/1']])
    await clock.advance(10_000)
    expect(saved).toHaveLength(1)
    noting.note([event('a', 2, 'request.expired')])
    expect(saved[1]).toEqual(['a/2'])
  })

  test('is noted however many requests wait', () => {
    const { noting, saved } = arrange()
    noting.note(Array.from({ length: 2_000 }, (_, index) => event(`s${index}`, 1, 'request.created')))
    expect(saved[0]).toHaveLength(2_000)
  })

  test('is noted one after the other, each time with all that came meanwhile', async () => {
    const { noting, saved, answers, become } = arrange()
    become('held')
    noting.note([event('a', 1, 'delivery.sent')])
    noting.note([event('b', 1, 'delivery.sent')])
    noting.note([event('c', 1, 'request.created')])
    const flushed = noting.flush()
    expect(saved).toEqual([['a/1']])
    answers.shift()?.()
    await Promise.resolve()
      .then(() => {})
      .then(() => {})
    expect(saved).toEqual([['a/1'], ['b/1', 'c/1']])
    answers.shift()?.()
    await flushed
    await noting.idle()
    expect(saved).toHaveLength(2)
  })

  test.each(['throws', 'rejects'] as const)('goes on being noted when the store %s', async (how) => {
    const { noting, saved, problems, become } = arrange()
    become(how)
    noting.note([event('a', 1, 'delivery.sent')])
    await noting.idle()
    expect(problems).toHaveLength(1)
    become('at once')
    noting.note([event('b', 1, 'delivery.sent')])
    expect(saved.at(-1)).toEqual(['b/1'])
  })
})
