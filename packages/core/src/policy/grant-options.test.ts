import { describe, expect, test } from 'vitest'
import { defineAction } from '../define-action'
import { OptionError } from '../errors'
import { parseGrantOptions } from './grant-options'

const good = {
  action: 'data.export',
  constraints: [{ path: '/table', equals: 'sales' }],
  expiresIn: '7d',
  uses: 20,
} as const

describe('the options of a grant', () => {
  test('are read with defaults, frozen', () => {
    const parsed = parseGrantOptions(good)
    expect(parsed).toEqual({
      action: 'data.export',
      requesterId: null,
      constraints: [{ path: '/table', equals: 'sales' }],
      expiresInMs: 7 * 86_400_000,
      uses: 20,
      note: '',
    })
    expect(Object.isFrozen(parsed) && Object.isFrozen(parsed.constraints[0])).toBe(true)
  })

  test('take an action, an agent, a note and every kind of constraint', () => {
    const constraints = [
      { path: '', any: true },
      { path: '/a~1b', oneOf: ['x', { y: [1] }, null] },
      { path: '/rows', atMost: 10 },
      { path: '/rows', atMost: 10, atLeast: 0 },
    ] as const
    const parsed = parseGrantOptions({
      ...good,
      action: defineAction({ name: 'mail.send' }),
      requesterId: 'bot',
      note: 'the nightly run',
      constraints,
    })
    expect(parsed).toMatchObject({
      action: 'mail.send',
      requesterId: 'bot',
      note: 'the nightly run',
      constraints,
    })
  })

  test('I2: are copied, so that changing them later widens nothing', () => {
    const equals = { team: 'a' }
    const constraints = [{ path: '/filter', equals }]
    const parsed = parseGrantOptions({ ...good, constraints })
    equals.team = 'b'
    constraints.push({ path: '', equals: { team: '' } })
    expect(parsed.constraints).toEqual([{ path: '/filter', equals: { team: 'a' } }])
  })

  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  test.each<[string, Record<string, unknown>]>([
    ['action', { action: 'data.*' }],
    ['action', { action: '*' }],
    ['action', { action: undefined }],
    ['requesterId', { requesterId: '' }],
    ['expiresIn', { expiresIn: undefined }],
    ['expiresIn', { expiresIn: 0 }],
    ['expiresIn', { expiresIn: 'forever' }],
    ['uses', { uses: 0 }],
    ['uses', { uses: Number.POSITIVE_INFINITY }],
    ['uses', { uses: undefined }],
    ['note', { note: 5 }],
    ['whithin', { whithin: '1h' }],
    ['constraints', { constraints: undefined }],
    ['constraints', { constraints: { path: '' } }],
    ['constraints[0]', { constraints: ['/table'] }],
    ['constraints[0]', { constraints: [{ path: '/table' }] }],
    ['constraints[0]', { constraints: [{ path: '/table', atLeast: 1 }] }],
    ['constraints[0].path', { constraints: [{ any: true }] }],
    ['constraints[0].path', { constraints: [{ path: 'table', any: true }] }],
    ['constraints[0].path', { constraints: [{ path: '/a~2', any: true }] }],
    ['constraints[0].any', { constraints: [{ path: '/a', any: false }] }],
    ['constraints[0].equals', { constraints: [{ path: '/a', equals: undefined }] }],
    ['constraints[0].equals', { constraints: [{ path: '/a', equals: Number.NaN }] }],
    ['constraints[0].equals', { constraints: [{ path: '/a', equals: cyclic }] }],
    ['constraints[0].matches', { constraints: [{ path: '/a', equals: 1, matches: /a/ }] }],
    ['constraints[0].atMost', { constraints: [{ path: '/a', equals: 1, atMost: 5 }] }],
    ['constraints[0].oneOf', { constraints: [{ path: '/a', oneOf: [] }] }],
    ['constraints[0].oneOf[1]', { constraints: [{ path: '/a', oneOf: [1, () => 1] }] }],
    ['constraints[0].atMost', { constraints: [{ path: '/a', atMost: '5' }] }],
    ['constraints[0].atLeast', { constraints: [{ path: '/a', atMost: 5, atLeast: 6 }] }],
    ['constraints[0].atLeast', { constraints: [{ path: '/a', atMost: 5, atLeast: Number.NaN }] }],
  ])('T26: %s is named when it is wrong, missing or unknown', (option, changes) => {
    const parse = () => parseGrantOptions({ ...good, ...changes } as never)
    expect(parse).toThrow(OptionError)
    expect(parse).toThrow(expect.objectContaining({ option: `grant.${option}` }))
  })
})
