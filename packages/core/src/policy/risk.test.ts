import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RiskAssessment, RiskReading, RiskSignal } from '../contracts/policy'
import { assessRisk, NO_RISK, riskLevel } from './risk'
import { manualClock } from './test/manual-clock'
import { callOf } from './test/samples'

const call = callOf('x')
const clock = manualClock()

function signalThat(id: string, answer: () => unknown): RiskSignal {
  return { id, assess: () => answer() as RiskReading }
}

function assess(...signals: readonly RiskSignal[]) {
  return assessRisk(signals, call, { clock, timeoutMs: 1_000 })
}

describe('risk', () => {
  test('is none without signals, and without a promise', () => {
    expect(assess()).toBe(NO_RISK)
  })

  test('T17: the highest score stands, whoever says less', () => {
    const assessment = assess(
      signalThat('model', () => ({ score: 0, reasons: ['risk: low'] })),
      signalThat('rows', () => ({ score: 0.7, reasons: ['many rows', 'personal data'] })),
      signalThat('hour', () => ({ score: 0.2 })),
    )
    expect(assessment).toEqual({
      score: 0.7,
      level: 'high',
      reasons: ['model: risk: low', 'rows: many rows', 'rows: personal data'],
      failed: [],
    })
  })

  test('T17: one more signal never lowers it', () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 })
    const extra = fc.anything()
    fc.assert(
      fc.property(scores, extra, (given, answer) => {
        const signals = given.map((score, index) => signalThat(`s${index}`, () => ({ score })))
        const before = assess(...signals)
        const after = assess(
          ...signals,
          signalThat('extra', () => ({ score: answer })),
        )
        if (before instanceof Promise || after instanceof Promise) throw new Error('a promise')
        expect(after.score).toBeGreaterThanOrEqual(before.score)
        expect(after.score).toBeLessThanOrEqual(1)
      }),
    )
  })

  test.each([
    undefined,
    null,
    0.5,
    'high',
    {},
    { score: Number.NaN },
    { score: -0.1 },
    { score: 1.1 },
    { score: Number.POSITIVE_INFINITY },
    { score: '0.1' },
    { score: 0.1, reasons: 'low' },
    { score: 0.1, reasons: [7] },
  ])('I1: the nonsense %j counts as the highest risk', async (answer) => {
    for (const assessment of [
      assess(signalThat('odd', () => answer)),
      await assess(signalThat('odd', async () => answer)),
    ]) {
      expect(assessment).toMatchObject({ score: 1, level: 'critical', failed: ['odd'] })
    }
  })

  test('I1: a signal that throws counts as the highest risk, and its message is told to the log only', async () => {
    const told: unknown[] = []
    const error = new RangeError('secret argument')
    const options = { clock, timeoutMs: 1_000, onFailure: (...what: unknown[]) => told.push(what) }
    const throwing = signalThat('odd', () => {
      throw error
    })
    const rejecting = signalThat('later', () => Promise.reject(error))
    const assessment = await assessRisk([throwing, rejecting], call, options)
    expect(assessment.failed).toEqual(['odd', 'later'])
    expect(assessment.score).toBe(1)
    expect(JSON.stringify(assessment)).not.toContain('secret argument')
    expect(JSON.stringify(assessment)).toContain('RangeError')
    expect(told).toEqual([
      ['odd', error],
      ['later', error],
    ])
  })

  test('I1: a failing listener changes nothing', () => {
    const options = {
      clock,
      timeoutMs: 1_000,
      onFailure: () => {
        throw new Error('logger')
      },
    }
    expect(assessRisk([signalThat('odd', () => undefined)], call, options)).toMatchObject({ failed: ['odd'] })
  })

  test('I1: a signal that is late counts as the highest risk, and holds the others up no longer', async () => {
    const clock = manualClock()
    const signals = [
      signalThat('never', () => new Promise(() => undefined)),
      signalThat('soon', async () => ({ score: 0.4, reasons: ['soon'] })),
      signalThat('now', () => ({ score: 0.1 })),
    ]
    const assessed = assessRisk(signals, call, { clock, timeoutMs: 1_000 })
    await Promise.resolve()
    clock.advance(1_000)
    expect(await assessed).toEqual({
      score: 1,
      level: 'critical',
      reasons: ['never: gave no answer within 1000 ms; counted as the highest risk', 'soon: soon'],
      failed: ['never'],
    })
    expect(clock.pending).toBe(0)
  })

  test('no timer is left when all have answered', async () => {
    const clock = manualClock()
    const signals = [
      signalThat('a', async () => ({ score: 0.2 })),
      signalThat('b', async () => ({ score: 0.1 })),
    ]
    expect((await assessRisk(signals, call, { clock, timeoutMs: 1_000 })).score).toBe(0.2)
    expect(clock.pending).toBe(0)
  })

  test('all signals are asked before any is waited for', async () => {
    const asked: string[] = []
    const slow = (id: string) =>
      signalThat(id, async () => {
        asked.push(id)
        return { score: 0 }
      })
    const assessed = assess(slow('a'), slow('b'), slow('c'))
    expect(asked).toEqual(['a', 'b', 'c'])
    await assessed
  })

  test.each<[number, RiskAssessment['level']]>([
    [0, 'low'],
    [0.299, 'low'],
    [0.3, 'medium'],
    [0.599, 'medium'],
    [0.6, 'high'],
    [0.849, 'high'],
    [0.85, 'critical'],
    [1, 'critical'],
  ])('a score of %d is %s', (score, level) => {
    expect(riskLevel(score)).toBe(level)
    expect(assess(signalThat('s', () => ({ score, reasons: ['r'] })))).toMatchObject({ score, level })
  })
})
