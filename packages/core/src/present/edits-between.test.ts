import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { Json } from '../contracts/json'
import { restoreArguments } from '../values/restore'
import { snapshotArguments } from '../values/snapshot'
import { applyEdits } from './apply-edits'
import { shownArguments } from './editable'
import { editsBetween } from './edits-between'
import { leavesOf } from './leaves'
import { createRedactor } from './redaction'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

const redactor = createRedactor()
const TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'
const OTHER = 'ghp_abcdefghijABCDEFGHIJ0123456789012345'

function shown(args: unknown) {
  const [view] = JSON.parse(snapshotArguments([args])) as Json[]
  const { leaves } = leavesOf(view as Json, 'arguments', { redactor, limits: null })
  return { view: view as Json, content: { arguments: leaves } }
}

/** What a person's change of what is shown makes of the real arguments. */
function changed(args: unknown, change: (value: Json) => unknown): unknown {
  const { view, content } = shown(args)
  const between = editsBetween(content, change(structuredClone(shownArguments(content).value)) as Json)
  if ('problem' in between) return between.problem
  if (between.edits.length === 0) return args
  const applied = applyEdits(view, between.edits, redactor)
  return 'problem' in applied ? applied.problem : restoreArguments(JSON.stringify([applied.view]))[0]
}

const key = fc.constantFrom('a', 'b', 'c/d', '~e', 'f\u202eg', '$type', '')
const json = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.integer(),
    fc.constantFrom<Json>('x', '\u202e', '⟦', '', null, true),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any
const object = fc.dictionary(
  key.filter((one) => one !== '$type'),
  json,
  { maxKeys: 5, noNullPrototype: true },
)

test('what is shown and not touched is no change', () => {
  fc.assert(
    fc.property(object, (args) => {
      const { content } = shown(args)
      expect(editsBetween(content, shownArguments(content).value)).toEqual({ edits: [] })
    }),
  )
})

test('what a person makes of what is shown is what runs', () => {
  fc.assert(
    fc.property(object, object, (args, wanted) => {
      // The encoding of a wanted value is the person's to write; `$type` as a key is not.
      fc.pre(!JSON.stringify(wanted).includes('$type'))
      const { content } = shown(wanted)
      const { value } = shownArguments(content)
      expect(changed(args, () => value)).toEqual(wanted)
    }),
    { numRuns: 400 },
  )
})

describe('what is not shown', () => {
  const args = {
    user: { name: 'ada', password: 'hunter2' },
    keys: [
      { id: 1, token: TOKEN },
      { id: 2, token: OTHER },
    ],
    at: new Date(0),
    map: new Map([['a', 1]]),
    bytes: new Uint8Array([1]),
    n: 1,
  }

  test('stays, while what stands beside it is changed, and no change names it', () => {
    const edit = (value: Json) => ({
      ...(value as object),
      n: 2,
      user: { name: 'ben', password: '[redacted]' },
    })
    expect(changed(args, edit)).toEqual({ ...args, n: 2, user: { name: 'ben', password: 'hunter2' } })
    const { content } = shown(args)
    expect(editsBetween(content, edit(shownArguments(content).value) as Json)).toEqual({
      edits: [
        { path: '/n', value: 2 },
        { path: '/user/name', value: 'ben' },
      ],
    })
  })

  test('is told by its place and why', () => {
    expect([...shownArguments(shown(args).content).held]).toEqual([
      ['/bytes', 'is of type bytes'],
      ['/keys/0/token', 'is redacted'],
      ['/keys/1/token', 'is redacted'],
      ['/map', 'is of type map'],
      ['/user/password', 'is redacted'],
    ])
  })

  type Shown = Record<string, never> & { user: Json; keys: { id: number; token: string }[] }
  test.each<[string, (value: Shown) => unknown, RegExp]>([
    [
      'changed',
      (value) => ({ ...value, user: { name: 'ada', password: 'x' } }),
      /^\/user\/password is redacted/,
    ],
    ['a map', (value) => ({ ...value, map: 'x' }), /^\/map is of type map/],
    [
      'renamed',
      (value) => ({ ...value, user: { name: 'ada', pass: '[redacted]' } }),
      /\/user\/pass would become/,
    ],
    [
      'moved',
      ({ user: _, ...value }) => ({ ...value, who: { password: '[redacted]' } }),
      /\/who\/password would/,
    ],
    ['replaced with its holder', (value) => ({ ...value, user: 'ada' }), /^\/user holds something/],
    [
      'shifted',
      ({ keys: [one, two], ...value }) => ({ ...value, keys: [{ id: 0, token: 'x' }, one, two] }),
      /^\/keys holds/,
    ],
    ['mixed up', ({ keys: [, two], ...value }) => ({ ...value, keys: [{ ...two, id: 3 }] }), /^\/keys holds/],
    ['no JSON', (value) => ({ ...value, n: Number.POSITIVE_INFINITY }), /JSON cannot say/],
  ])('is refused where it is %s', (_what, change, said) => {
    expect(changed(args, change as never)).toMatch(said)
  })

  test('goes with the element that a person removes, and only then', () => {
    const without = ({ keys: [, two], ...value }: Shown) => ({ ...value, keys: [two] })
    expect(changed(args, without as never)).toEqual({ ...args, keys: [{ id: 2, token: OTHER }] })
    const more = ({ keys, ...value }: Shown) => ({ ...value, keys: [...keys, { id: 3, token: 'new' }] })
    expect(changed(args, more as never)).toEqual({ ...args, keys: [...args.keys, { id: 3, token: 'new' }] })
    const alike = { keys: [{ token: TOKEN }, { token: OTHER }] }
    expect(changed(alike, () => ({ keys: [{ token: '[redacted]' }] }))).toMatch(/look alike/)
    expect(changed(args, (({ user: _, ...value }: Shown) => value) as never)).not.toHaveProperty('user')
  })

  test('dates are changed in their encoding', () => {
    const at = { $type: 'date', value: '2026-01-01T00:00:00.000Z' }
    expect(changed(args, (value) => ({ ...(value as object), at }))).toEqual({
      ...args,
      at: new Date('2026-01-01'),
    })
  })
})
