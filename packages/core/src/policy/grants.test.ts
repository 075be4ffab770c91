import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../contracts/json'
import type { GrantConstraint, StandingGrant } from '../contracts/policy'
import { grantCovers } from './grants'
import { callWith, grant, NOW } from './test/grant-samples'

function covers(constraints: readonly GrantConstraint[], view: JsonObject): boolean {
  return grantCovers(grant(constraints), callWith(view)).covers
}

describe('what a grant is bound to', () => {
  const ls: readonly GrantConstraint[] = [{ path: '/command', equals: 'ls' }]

  test('T26: allowing `ls` allows nothing else', () => {
    expect(covers(ls, { command: 'ls' })).toBe(true)
    for (const command of [
      'rm -rf /',
      'ls; rm -rf /',
      'LS',
      ' ls',
      'ls ',
      '',
      null,
      5,
      ['ls'],
      { 0: 'ls' },
    ] as const) {
      expect(covers(ls, { command })).toBe(false)
    }
  })

  test('T26: an argument that no constraint binds asks again', () => {
    const call = callWith({ command: 'ls', cwd: '/' })
    expect(grantCovers(grant(ls), call)).toEqual({
      covers: false,
      reason: 'nothing binds the argument at /cwd',
    })
    expect(covers(ls, { command: 'ls', args: [] })).toBe(false)
    expect(covers(ls, { command: 'ls', env: {} })).toBe(false)
    expect(covers(ls, { command: 'ls', cwd: null })).toBe(false)
  })

  test('T26: an argument that is gone asks again', () => {
    expect(covers(ls, {})).toBe(false)
    expect(covers([...ls, { path: '/cwd', any: true }], { command: 'ls' })).toBe(true)
  })

  test('a constraint binds all that is below it', () => {
    const filter: GrantConstraint = { path: '/filter', equals: { team: 'a', years: [2025, 2026] } }
    expect(covers([filter], { filter: { years: [2025, 2026], team: 'a' } })).toBe(true)
    expect(covers([filter], { filter: { years: [2026, 2025], team: 'a' } })).toBe(false)
    expect(covers([filter], { filter: { years: [2025, 2026], team: 'a', deep: true } })).toBe(false)
    expect(covers([{ path: '/filter', any: true }], { filter: { a: { b: [{ c: 1 }] } } })).toBe(true)
    expect(covers([{ path: '', any: true }], { a: 1, b: { c: [] } })).toBe(true)
    expect(covers([{ path: '/filt', any: true }], { filter: 1 })).toBe(false)
  })

  test('a binding above does not excuse a bound that fails below', () => {
    const constraints: readonly GrantConstraint[] = [
      { path: '', any: true },
      { path: '/rows', atMost: 10 },
    ]
    expect(covers(constraints, { rows: 10 })).toBe(true)
    expect(covers(constraints, { rows: 11 })).toBe(false)
    expect(covers(constraints, {})).toBe(false)
  })

  test('one of several values, and numbers within inclusive bounds', () => {
    expect(covers([{ path: '/t', oneOf: ['a', { x: 1 }] }], { t: 'a' })).toBe(true)
    expect(covers([{ path: '/t', oneOf: ['a', { x: 1 }] }], { t: { x: 1 } })).toBe(true)
    expect(covers([{ path: '/t', oneOf: ['a', { x: 1 }] }], { t: { x: 2 } })).toBe(false)
    const range: GrantConstraint = { path: '/n', atMost: 10, atLeast: -1 }
    for (const n of [-1, 0, 10]) expect(covers([range], { n })).toBe(true)
    for (const n of [-1.01, 10.01, '5', null, [5], true]) expect(covers([range], { n })).toBe(false)
    expect(covers([{ path: '/n', atMost: 10 }], { n: -1e9 })).toBe(true)
  })

  test('a number that JSON cannot hold is encoded, and within no bounds', () => {
    for (const value of ['NaN', '-Infinity', '-0', '5']) {
      expect(covers([{ path: '/n', atMost: 10 }], { n: { $type: 'number', value } })).toBe(false)
      expect(covers([{ path: '/n', atMost: 10 }], { n: { $type: 'bigint', value } })).toBe(false)
    }
  })

  test('paths are JSON Pointers into own properties, with their escapes', () => {
    expect(covers([{ path: '/a~1b~0c', equals: 1 }], { 'a/b~c': 1 })).toBe(true)
    expect(
      covers(
        [
          { path: '/list/0', equals: 1 },
          { path: '/list/1', equals: 2 },
        ],
        { list: [1, 2] },
      ),
    ).toBe(true)
    expect(covers([{ path: '/list/0', equals: 1 }], { list: [1, 2] })).toBe(false)
    expect(
      covers(
        [
          { path: '/list/length', equals: 1 },
          { path: '/list', any: true },
        ],
        { list: [1] },
      ),
    ).toBe(false)
    expect(
      covers(
        [
          { path: '/list/00', equals: 1 },
          { path: '/list', any: true },
        ],
        { list: [1] },
      ),
    ).toBe(false)
    expect(covers([{ path: '/constructor/name', equals: 'Object' }], {})).toBe(false)
    expect(covers([{ path: '/a/', equals: 1 }], { a: { '': 1 } })).toBe(true)
    expect(
      covers(
        [
          { path: '/a', equals: 1 },
          { path: '/*', any: true },
        ],
        { a: 1, b: 2 },
      ),
    ).toBe(false)
  })

  test('no constraints cover exactly the call without arguments', () => {
    expect(covers([], {})).toBe(true)
    expect(covers([], { force: false })).toBe(false)
  })

  test('T26: a malformed constraint binds nothing', () => {
    for (const constraint of [
      { path: '/n' },
      { path: '/n', any: false },
      { path: '/n', any: 1 },
      { path: '/n', atLeast: 1 },
    ]) {
      expect(covers([constraint as never], { n: 5 })).toBe(false)
    }
  })

  test('T26: whatever leaf of the arguments changes, it asks again', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
    const key = fc.string({ minLength: 1, maxLength: 4 }).filter((name) => name !== '__proto__')
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
      ),
    }))
    const view = fc.dictionary(key, tree, { maxKeys: 4 })
    const plain = fc
      .tuple(view, view)
      .map((pair) => JSON.parse(JSON.stringify(pair)) as [JsonObject, JsonObject])
    fc.assert(
      fc.property(plain, ([granted, called]) => {
        const constraints = leavesOf(granted, '')
        expect(covers(constraints, granted)).toBe(true)
        expect(covers(constraints, called)).toBe(sorted(granted) === sorted(called))
      }),
      { numRuns: 500 },
    )
  })

  function leavesOf(value: Json, path: string): GrantConstraint[] {
    const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0
    if (isLeaf) return path === '' ? [] : [{ path, equals: value }]
    return Object.entries(value as JsonObject).flatMap(([key, child]) =>
      leavesOf(child, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
    )
  }

  function sorted(value: Json): string {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    if (Array.isArray(value)) return `[${value.map(sorted).join()}]`
    const entries = Object.entries(value).map(([key, child]) => `${JSON.stringify(key)}:${sorted(child)}`)
    return `{${entries.sort().join()}}`
  }
})

describe('the life and scope of a grant', () => {
  const any: readonly GrantConstraint[] = [{ path: '', any: true }]
  const by = { issuer: 'idp', subject: 'ada' }

  test.each<[string, Partial<StandingGrant>]>([
    ['it was revoked', { revoked: { by, at: 5, note: '' } }],
    ['it has expired', { expiresAt: NOW }],
    ['it has expired', { expiresAt: Number.NaN }],
    ['it is used up', { usesLeft: 0 }],
    ['it is used up', { usesLeft: Number.NaN }],
    ['it is for another action', { action: 'shell.runs' }],
    ['it is for another action', { action: 'shell.*' }],
    ['it is for another action', { action: '*' }],
    ['it is for another agent', { requesterId: 'other-bot' }],
  ])('T26: %s', (reason, more) => {
    expect(grantCovers(grant(any, more), callWith({}))).toEqual({ covers: false, reason })
  })
})
