import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deepFreeze } from './deep-freeze'
import { sha256Hex } from './digest'
import { formatDuration, parseDuration } from './durations'
import { createIdSource, newId } from './ids'
import { checkOptions } from './options'
import { formatPointer, isCovered, parsePointer, valueAt } from './pointer'
import { voteStatement } from './vote-statement'

const optionError = (option: string) => expect.objectContaining({ code: 'ERR_OPTION_INVALID', option })

describe('digests', () => {
  test('are SHA-256 of the UTF-8 bytes, or of the bytes given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(sha256Hex(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
        expect(sha256Hex(Buffer.from(text))).toBe(sha256Hex(text))
      }),
    )
  })
})

describe('ids', () => {
  test('are ULIDs that only grow, whatever the clock does', () => {
    const next = createIdSource()
    const times = fc.array(fc.integer({ min: -5, max: 2 ** 45 }), { minLength: 2, maxLength: 50 })
    let last = ''
    fc.assert(
      fc.property(times, (clock) => {
        for (const now of clock) {
          const id = next(now)
          expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
          expect(id > last).toBe(true)
          last = id
        }
      }),
    )
  })

  test('are the same for the same numbers and times, also at time zero, so that a simulation replays', () => {
    const run = () => {
      let state = 1
      const next = createIdSource({
        random: () => {
          state = (state * 16_807) % 2_147_483_647
          return state / 2_147_483_647
        },
      })
      return [0, 0, 5, 3, 1e12].map((now) => next(now))
    }
    expect(run()).toEqual(run())
  })

  test('of one process have a source of their own', () => {
    expect(newId(5)).not.toBe(newId(5))
  })
})

describe('durations', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    [0, 0],
    [1_500, 1_500],
    ['0s', 0],
  ] as const)('reads %s', (value, ms) => {
    expect(parseDuration(value, 'x')).toBe(ms)
  })

  test.each([
    '',
    '5',
    'm',
    '-5m',
    '5 m',
    '5M',
    '1e3s',
    '0x10s',
    '5m ',
    '5min',
    '११m',
    Number.NaN,
    -1,
    Number.POSITIVE_INFINITY,
    '5000d',
    1e15,
    null,
    undefined,
    {},
    [],
    `${'9'.repeat(400)}s`,
  ])('refuses %j, naming the option', (value) => {
    expect(() => parseDuration(value as never, 'createGate.sweepEvery')).toThrow(
      optionError('createGate.sweepEvery'),
    )
  })

  test.each([
    [0, '0s'],
    [-5, '0s'],
    [Number.NaN, '0s'],
    [250, '250ms'],
    [1_999, '1s'],
    [90_000, '1m 30s'],
    [7_500_000, '2h 5m'],
    [86_400_000, '1d'],
    [86_460_000, '1d'],
  ] as const)('tells %d ms as %s', (ms, said) => {
    expect(formatDuration(ms)).toBe(said)
  })

  test('what is told can be read again, and is never more than there is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 11 }), (ms) => {
        const told = formatDuration(ms)
          .split(' ')
          .reduce((sum, part) => sum + parseDuration(part as '1s', 'x'), 0)
        expect(told).toBeLessThanOrEqual(ms)
        expect(told).toBeGreaterThan(ms / 2)
      }),
    )
  })
})

describe('JSON Pointers', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (steps) => {
        expect(parsePointer(formatPointer(steps))).toEqual(steps)
      }),
    )
    expect(parsePointer('/a~01')).toEqual(['a~1'])
  })

  test.each(['a', 'a/b', '/a~', '/a~2', null, 5])('refuses %j, naming the option', (text) => {
    expect(() => parsePointer(text as string, 'redact[0]')).toThrow(optionError('redact[0]'))
  })

  test('find own members only', () => {
    expect(valueAt({ a: [{ b: 1 }] }, ['a', '0', 'b'])).toBe(1)
    for (const steps of [
      ['constructor'],
      ['a', 'length'],
      ['a', '-1'],
      ['a', '00'],
      ['a', '0', 'b', 'c'],
      ['x'],
    ]) {
      expect(valueAt({ a: [{ b: 1 }] }, steps)).toBeUndefined()
    }
  })

  test('cover what lies below, and any one step by *', () => {
    const pattern = parsePointer('/users/*/password')
    expect(isCovered(pattern, ['users', 3, 'password'])).toBe(true)
    expect(isCovered(pattern, ['users', 'x', 'password', 'hash'])).toBe(true)
    expect(isCovered(pattern, ['users', 'x'])).toBe(false)
    expect(isCovered(pattern, ['users', 'x', 'y', 'password'])).toBe(false)
    expect(isCovered([], [])).toBe(true)
  })
})

describe('options', () => {
  test('T40: a misspelt option is refused, naming it and the nearest one', () => {
    expect(() => checkOptions({ aproval: 1 }, ['approval', 'store'], 'createGate')).toThrow(
      optionError('createGate.aproval'),
    )
    expect(() => checkOptions({ aproval: 1 }, ['approval', 'store'], 'createGate')).toThrow(/approval/)
    expect(() => checkOptions({ [Symbol('x')]: 1 }, ['x'], 'f')).toThrow(optionError('f.Symbol(x)'))
    expect(() => checkOptions(Object.create({ inherited: 1 }), ['x'], 'f')).toThrow(
      optionError('f.inherited'),
    )
    expect(() => checkOptions({ toString: 1, hasOwnProperty: 1 }, [], 'f')).toThrow(/no such option/)
    expect(() => checkOptions({ approval: undefined }, ['approval'], 'f')).not.toThrow()
  })

  test.each([null, undefined, 5, 'x', [], () => 1])('are an object, not %s', (value) => {
    expect(() => checkOptions(value, [], 'f')).toThrow(optionError('f'))
  })
})

describe('deep freezing', () => {
  test('freezes every plain object and list, also below what came frozen, and in maps and sets', () => {
    const deep = {
      a: [{ b: {} }],
      frozen: Object.freeze({ inner: { x: 1 } }),
      map: new Map([[{ k: 1 }, { v: 1 }]]),
      set: new Set([{ s: 1 }]),
    }
    deepFreeze(deep)
    const [[key, inMap]] = [...deep.map] as [[object, object]]
    for (const part of [
      deep,
      deep.a,
      deep.a[0],
      deep.a[0]?.b,
      deep.frozen.inner,
      key,
      inMap,
      [...deep.set][0],
    ]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })

  test('ends with cycles, frozen or not, and leaves bytes and instances alone', () => {
    const cycle: Record<string, unknown> = { bytes: Buffer.from('x'), date: new Date(0) }
    cycle.self = cycle
    const frozen: Record<string, unknown> = {}
    frozen.self = frozen
    Object.freeze(frozen)
    expect(deepFreeze([cycle, frozen])).toHaveLength(2)
    expect(Object.isFrozen(cycle.bytes)).toBe(false)
  })

  test('runs no getter', () => {
    let ran = false
    deepFreeze(
      Object.defineProperty({}, 'x', {
        get: () => {
          ran = true
          return ran
        },
        enumerable: true,
      }),
    )
    expect(ran).toBe(false)
  })
})

describe('the statement of a vote', () => {
  const vote = {
    requestId: 'r1',
    decision: 'approve',
    argumentsDigest: 'a',
    reviewDigest: 'b',
    person: { issuer: 'i', subject: 's' },
    at: 5,
  } as const

  test('says what it is for, and covers every field', () => {
    const others = [
      { ...vote, requestId: 'r2' },
      { ...vote, decision: 'reject' as const },
      { ...vote, argumentsDigest: 'x' },
      { ...vote, reviewDigest: 'x' },
      { ...vote, person: { issuer: 'x', subject: 's' } },
      { ...vote, person: { issuer: 'i', subject: 'x' } },
      { ...vote, at: 6 },
    ]
    const texts = [vote, ...others].map(voteStatement)
    expect(new Set(texts).size).toBe(texts.length)
    for (const text of texts) expect(text).toContain('gatewright vote v1')
    expect(voteStatement({ ...vote, person: { ...vote.person, groups: ['x'] } as never })).toBe(
      voteStatement(vote),
    )
  })

  test('is not made of a vote with something missing', () => {
    expect(() => voteStatement({ ...vote, reviewDigest: undefined as unknown as string })).toThrow(
      expect.objectContaining({ code: 'ERR_ARGUMENTS_UNSUPPORTED' }),
    )
  })
})
