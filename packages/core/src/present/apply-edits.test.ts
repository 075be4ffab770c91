import { describe, expect, test } from 'vitest'
import type { ArgumentEdit } from '../contracts/approver'
import type { Json } from '../contracts/json'
import { restoreArguments } from '../values/restore'
import { snapshotArguments } from '../values/snapshot'
import { applyEdits } from './apply-edits'
import { createRedactor } from './redaction'

const redactor = createRedactor({ keys: ['hidden'] })
const TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'

/** A view in the snapshot's encoding, of real values. */
function view(args: unknown): Json {
  return (JSON.parse(snapshotArguments([args])) as Json[])[0] as Json
}

function edited(args: unknown, ...edits: ArgumentEdit[]): unknown {
  const result = applyEdits(view(args), edits, redactor)
  if ('problem' in result) throw new Error(result.problem)
  return restoreArguments(JSON.stringify([result.view]))[0]
}

function problem(args: unknown, ...edits: unknown[]): string {
  const before = JSON.stringify(view(args))
  const input = view(args)
  const result = applyEdits(input, edits as ArgumentEdit[], redactor)
  expect(JSON.stringify(input)).toBe(before)
  return 'problem' in result ? result.problem : `nothing: ${JSON.stringify(result.view)}`
}

describe('a change', () => {
  test('sets, adds and removes members, at any depth', () => {
    const args = { a: 1, b: { c: [1, 2, 3], d: 'x' }, e: null }
    expect(edited(args, { path: '/a', value: 2 })).toEqual({ ...args, a: 2 })
    expect(edited(args, { path: '/b/new', value: [true] })).toEqual({
      ...args,
      b: { ...args.b, new: [true] },
    })
    expect(edited(args, { path: '/b/d', remove: true }, { path: '/e', remove: true })).toEqual({
      a: 1,
      b: { c: [1, 2, 3] },
    })
    expect(edited(args, { path: '', value: { z: 1 } })).toEqual({ z: 1 })
  })

  test('in a list counts by the places that were shown, whatever the order of the changes', () => {
    const edits: ArgumentEdit[] = [
      { path: '/l/4', value: 'f' },
      { path: '/l/2', remove: true },
      { path: '/l/3', value: 'e' },
      { path: '/l/0', remove: true },
      { path: '/l/1', value: 'B' },
    ]
    const expected = { l: ['B', 'e', 'f'] }
    expect(edited({ l: ['a', 'b', 'c'] }, ...edits)).toEqual(expected)
    expect(edited({ l: ['a', 'b', 'c'] }, ...edits.reverse())).toEqual(expected)
  })

  test('keeps every value that it does not name, types included', () => {
    const args = {
      at: new Date(0),
      big: 12n,
      nan: Number.NaN,
      gone: undefined,
      map: new Map([['authorization', TOKEN]]),
      set: new Set([1]),
      url: new URL('https://user:secret-word@example.com/'),
      bytes: new Uint8Array([1, 2]),
      odd: { $type: 'date', value: 'mine' },
      password: 'hunter2',
      n: 1,
    }
    expect(edited(args, { path: '/n', value: 2 })).toEqual({ ...args, n: 2 })
    expect(edited(args, { path: '/odd/value', value: 'yours' })).toEqual({
      ...args,
      odd: { $type: 'date', value: 'yours' },
    })
  })

  test('replaces a value with a type of its own as a whole, by its type or by nothing', () => {
    const args = { at: new Date(0), map: new Map([['a', 1]]) }
    const later = '2026-01-01T00:00:00.000Z'
    expect(edited(args, { path: '/at', value: { $type: 'date', value: later } })).toEqual({
      ...args,
      at: new Date(later),
    })
    expect(edited(args, { path: '/at', value: null })).toEqual({ ...args, at: null })
    expect(edited(args, { path: '/map', value: { $type: 'map', value: [['b', 2]] } })).toEqual({
      ...args,
      map: new Map([['b', 2]]),
    })
  })

  test('names keys as they are shown: hidden characters escaped, secrets by their place', () => {
    expect(edited({ 'a\u202e/b': 1 }, { path: '/a⟦U+202E⟧~1b', value: 2 })).toEqual({ 'a\u202e/b': 2 })
    expect(edited({ a: 0, [TOKEN]: 1 }, { path: '/⟦redacted key 1⟧', value: 2 })).toEqual({
      a: 0,
      [TOKEN]: 2,
    })
    expect(edited({ a: 0 }, { path: '/b⟦U+200B⟧', value: 2 })).toEqual({ a: 0, 'b\u200b': 2 })
    for (const path of ['/a\u202e~1b', '/⟦U+0061⟧⟦U+202E⟧~1b', '/a⟦U+202e⟧~1b', '/a⟦U+110000⟧'])
      expect(problem({ 'a\u202e/b': 1 }, { path, value: 2 })).toMatch(/nothing at/)
  })

  test('makes an object with a key of the encoding, and no encoding', () => {
    expect(
      edited({ o: {} }, { path: '/o/$type', value: 'date' }, { path: '/o/value', value: '2020' }),
    ).toEqual({
      o: { $type: 'date', value: '2020' },
    })
    expect(edited({ o: { $type: 'x', a: 1 } }, { path: '/o/$type', remove: true })).toEqual({ o: { a: 1 } })
  })
})

describe('is refused, naming the place:', () => {
  const args = {
    a: { b: [1] },
    at: new Date(0),
    big: 1n,
    map: new Map([['k', 1]]),
    password: 'hunter2',
    credentials: { user: 'u', list: [1] },
    dsn: 'postgres://me:hunter2@db/x',
    note: 'n',
  }
  test.each<[string, unknown[], RegExp]>([
    ['nothing', [], /No change/],
    ['too much', Array.from({ length: 1_001 }, (_, n) => ({ path: `/x${n}`, value: 1 })), /more than 1000/],
    ['no pointer', [{ path: 'a', value: 1 }], /^a is no JSON Pointer/],
    ['a bad escape', [{ path: '/a~2', value: 1 }], /\/a~2 is no JSON Pointer/],
    ['an endless path', [{ path: '/x'.repeat(5_000), value: 1 }], /… is no JSON Pointer/],
    ['an unknown parent', [{ path: '/x/y', value: 1 }], /nothing at \/x\/y/],
    ['a member of a text', [{ path: '/note/length', value: 1 }], /nothing at \/note\/length/],
    ['removing what is not there', [{ path: '/x', remove: true }], /nothing at \/x/],
    ['removing everything', [{ path: '', remove: true }], /whole view cannot be removed/],
    ['an index beyond the end', [{ path: '/a/b/2', value: 1 }], /next free place in \/a\/b is \/a\/b\/1/],
    ['an odd index', [{ path: '/a/b/01', value: 1 }], /nothing at \/a\/b\/01/],
    ['the end as RFC 6902 names it', [{ path: '/a/b/-', value: 1 }], /nothing at \/a\/b\/-/],
    ['a property of a list', [{ path: '/a/b/length', value: 0 }], /nothing at \/a\/b\/length/],
    [
      'a place twice',
      [
        { path: '/note', value: 1 },
        { path: '/note', value: 2 },
      ],
      /\/note is changed twice/,
    ],
    [
      'a place inside another',
      [
        { path: '/a', value: 1 },
        { path: '/a/b', remove: true },
      ],
      /\/a\/b lies inside/,
    ],
    [
      'a place around another',
      [
        { path: '/a/b', remove: true },
        { path: '', value: {} },
      ],
      /whole view lies inside/,
    ],
    ['the inside of a date', [{ path: '/at/value', value: '2020' }], /\/at is of type date/],
    ['the inside of a bigint', [{ path: '/big/value', value: '2' }], /\/big is of type bigint/],
    ['the type of a date', [{ path: '/at/$type', value: 'url' }], /\/at is of type date/],
    ['an entry of a map', [{ path: '/map/k', value: 2 }], /\/map is of type map/],
    ['a text for a date', [{ path: '/at', value: '2026-01-01' }], /\/at is of type date: give it as/],
    ['a number for a bigint', [{ path: '/big', value: 2 }], /\/big is of type bigint: give it as/],
    ['an object for a map', [{ path: '/map', value: { k: 2 } }], /\/map is of type map/],
    ['a bad date', [{ path: '/at', value: { $type: 'date', value: 'soon' } }], /\/at: "\$type"/],
    ['a live value', [{ path: '/note', value: { $type: 'live', value: 1 } }], /\/note is a live value/],
    ['a made-up type', [{ path: '/a', value: [{ $type: 'wat', value: 1 }] }], /\/a\/0: "\$type"/],
    ['the prototype', [{ path: '/__proto__', value: { admin: true } }], /\/__proto__ cannot be added/],
    ['a deep prototype', [{ path: '/a/__proto__/admin', value: true }], /\/a\/__proto__ cannot be added/],
    ['no object for the view', [{ path: '', value: null }], /whole view is an object/],
    ['a type for the view', [{ path: '/$type', value: 'date' }], /\/\$type cannot be a name at the top/],
    ['the constructor', [{ path: '/constructor', value: 1 }], /\/constructor cannot be added/],
    ['a path through it', [{ path: '/a/constructor/prototype/x', value: 1 }], /constructor/],
    [
      'a prototype in a value',
      [{ path: '/a', value: JSON.parse('{"__proto__":{"x":1}}') }],
      /\/a\/__proto__/,
    ],
    ['no JSON', [{ path: '/a', value: () => 1 }], /value of \/a is no JSON/],
    ['half a surrogate pair', [{ path: '/a', value: '\ud800' }], /value of \/a is no JSON/],
    ['a placeholder', [{ path: '/password', value: '[redacted]' }], /\/password would become/],
    ['a placeholder elsewhere', [{ path: '/note', value: '[redacted]' }], /\/note would become/],
    [
      'a placeholder inside a text',
      [{ path: '/dsn', value: 'postgres://me:[redacted: password]@other/x' }],
      /\/dsn would become/,
    ],
    ['a part of what is hidden', [{ path: '/credentials/user', value: 'x' }], /\/credentials is redacted/],
    ['a guess at what is hidden', [{ path: '/credentials/nope', remove: true }], /\/credentials is redacted/],
    ['losing what is hidden', [{ path: '', value: { note: 'x' } }], /\/\w+ is redacted, or/],
  ])('%s', (_what, edits, said) => {
    expect(problem(args, ...edits)).toMatch(said)
  })

  test('the inside of a live value, and the live value', () => {
    const live = JSON.parse(snapshotArguments([{ x: 1 }, 2], { live: [{ index: 0, facts: { id: 1 } }] }))
    const tree = { stream: live[0], n: 2 } as Json
    for (const path of ['/stream/facts/id', '/stream/facts', '/stream/value/id', '/stream'])
      expect(applyEdits(tree, [{ path, value: 3 }], redactor)).toMatchObject({ problem: /\/stream is/ })
    expect(applyEdits(tree, [{ path: '', value: { stream: 1, n: 3 } }], redactor)).toHaveProperty('problem')
  })

  test('a value that changes while it is read is read once', () => {
    let reads = 0
    const value = {
      get rows() {
        reads += 1
        return reads
      },
    }
    expect(edited({ a: {} }, { path: '/a', value } as never)).toEqual({ a: { rows: 1 } })
    const bad = new Proxy({}, { ownKeys: () => expect.fail('looked') })
    expect(problem({ a: 1 }, { path: '/a', value: bad })).toMatch(/no JSON/)
  })
})

describe('what is hidden', () => {
  const args = {
    user: { name: 'ada', password: 'hunter2' },
    keys: [{ id: 1, token: TOKEN }],
    [TOKEN]: 1,
    n: 1,
  }

  test('stays, is replaced, or is removed as a whole', () => {
    expect(edited(args, { path: '/user/name', value: 'ben' })).toEqual({
      ...args,
      user: { name: 'ben', password: 'hunter2' },
    })
    expect(edited(args, { path: '/user/password', value: 'other' })).toMatchObject({
      user: { password: 'other' },
    })
    expect(edited(args, { path: '/user', remove: true })).not.toHaveProperty('user')
    expect(edited(args, { path: '/user', value: null })).toMatchObject({ user: null })
    expect(edited(args, { path: '/user', value: { name: 'x', password: 'y' } })).toMatchObject({
      user: { name: 'x', password: 'y' },
    })
  })

  test.each<[string, Json]>([
    ['/user', { name: 'ben' }],
    ['/user', ['ben']],
    ['/keys', []],
    ['/keys', [{ id: 2 }]],
    ['', { user: 'u', keys: null, n: 2 }],
    ['', { user: 'u', keys: null, n: 2, '⟦redacted key 2⟧': 1 }],
  ])('is never lost by sending %s whole: %j', (path, value) => {
    expect(problem(args, { path, value })).toMatch(/would be lost|only stands for/)
  })

  test('words that look like a placeholder may stand where nothing is hidden', () => {
    expect(
      edited({ ...args, mail: 'Dear Ann' }, { path: '/mail', value: 'Dear [redacted],' }),
    ).toHaveProperty('mail', 'Dear [redacted],')
    const literal = { text: '[redacted]', n: 1 }
    expect(edited(literal, { path: '', value: { ...literal, n: 2 } })).toEqual({ ...literal, n: 2 })
  })
})
