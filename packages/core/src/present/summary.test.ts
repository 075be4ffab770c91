import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../values/canonical'
import { createRedactor } from './redaction'
import { summarize } from './summary'

const redactor = createRedactor()
const hostile = (trap: ProxyHandler<object>) => new Proxy({}, trap)
const boom = () => {
  throw new Error('boom')
}

describe('the summary of a result', () => {
  test('is short, visible and can be recorded, whatever came back', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.string({ unit: 'binary' }).map((text) => new Error(text)),
      fc.string({ unit: 'binary', minLength: 150, maxLength: 300 }).map((text) => new Error(text)),
    )
    fc.assert(
      fc.property(anything, (value) => {
        const { summary } = summarize(value, redactor)
        expect(summary.length).toBeLessThanOrEqual(200)
        expect(summary).not.toMatch(/[\p{Cf}\p{Cs}]/u)
        // Half a surrogate pair here would keep the outcome from being recorded (I7).
        expect(() => canonicalize(summary)).not.toThrow()
      }),
      { numRuns: 200 },
    )
  })

  test('I7: cutting splits neither a character nor an escape', () => {
    for (let lead = 150; lead < 205; lead += 1) {
      expect(() =>
        canonicalize(summarize(new Error(`${'a'.repeat(lead)}😀😀😀😀😀😀😀😀😀😀😀`), redactor).summary),
      ).not.toThrow()
      expect(summarize(new Error(`${'a'.repeat(lead)}\u202e\u202e\u202e`), redactor).summary).not.toMatch(
        /⟦[^⟧]*(?:$|…)/,
      )
    }
  })

  test.each([
    ['a proxy that throws', hostile({ ownKeys: boom, getPrototypeOf: boom, get: boom })],
    ['an error with a throwing message', Object.defineProperty(new Error('x'), 'message', { get: boom })],
    ['an error with a symbol for a message', Object.assign(new Error('x'), { message: Symbol('s') })],
    ['an error with a throwing name', Object.defineProperty(new Error('x'), 'name', { get: boom })],
  ])('I8: %s does not keep the outcome from being recorded', (_, value) => {
    expect(typeof summarize(value, redactor).summary).toBe('string')
  })

  test('T43: an error’s message loses its secrets, and says that it did', () => {
    const { summary, redacted } = summarize(new Error('login with password=hunter2 failed'), redactor)
    expect(summary).not.toContain('hunter2')
    expect(summary).toContain('failed')
    expect(redacted).toBe(true)
    expect(summarize({ [`sk-${'a1b2c3d4'.repeat(4)}`]: 1 }, redactor).summary).not.toContain('a1b2c3d4')
  })

  test('T43: a text that came back is not repeated', () => {
    expect(summarize('the whole customer table', redactor).summary).not.toContain('customer')
  })
})
