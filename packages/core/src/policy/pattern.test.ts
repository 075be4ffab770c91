import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OptionError } from '../errors'
import { compilePattern } from './pattern'

const segment = fc.stringMatching(/^[a-z][a-z0-9_-]{0,4}$/)
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('.'))

describe('action patterns', () => {
  test('a name matches itself and nothing else', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(compilePattern(one, 'when').matches(other)).toBe(one === other)
      }),
    )
  })

  test('a star after a prefix matches one or more further segments, and not the prefix', () => {
    fc.assert(
      fc.property(name, name, (prefix, action) => {
        const { matches } = compilePattern(`${prefix}.*`, 'when')
        expect(matches(`${prefix}.${action}`)).toBe(true)
        expect(matches(prefix)).toBe(false)
        expect(matches(`${prefix}x.${action}`)).toBe(false)
        expect(matches(`${prefix}.`)).toBe(false)
      }),
    )
  })

  test('a lone star matches every action', () => {
    fc.assert(fc.property(name, (action) => compilePattern('*', 'when').matches(action)))
    expect(compilePattern('*', 'when').matches('data')).toBe(true)
  })

  test('dots are dots, and nothing else is special', () => {
    expect(compilePattern('data.export', 'when').matches('dataxexport')).toBe(false)
  })

  test.each([
    '',
    ' ',
    'Data.export',
    'data.',
    '.data',
    'data..export',
    '*.export',
    'data.*.raw',
    'data*',
    'data.**',
    'data.export ',
    'data.export\n',
    '.*',
    '**',
  ])('T40: %j is refused instead of matching nothing', (text) => {
    expect(() => compilePattern(text, 'when')).toThrow(OptionError)
    expect(() => compilePattern(text, 'when')).toThrow(/^when: /)
  })

  test('T40: what is no string is refused', () => {
    expect(() => compilePattern(undefined as unknown as string, 'when')).toThrow(OptionError)
    expect(() => compilePattern(/data/ as unknown as string, 'when')).toThrow(OptionError)
  })

  test('equal texts share one pattern', () => {
    expect(compilePattern('data.*', 'a')).toBe(compilePattern('data.*', 'b'))
  })
})
