import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { ArgumentEdit } from '../contracts/approver'
import type { Json } from '../contracts/json'
import { restoreArguments } from '../values/restore'
import { snapshotArguments } from '../values/snapshot'
import { applyEdits } from './apply-edits'
import { leavesOf } from './leaves'
import { createRedactor } from './redaction'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

const TOKEN = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'

/** A view in the snapshot's encoding, of real values. */
function view(args: unknown): Json {
  return (JSON.parse(snapshotArguments([args])) as Json[])[0] as Json
}

// Model: plain JSON, changed by hand.

const key = fc.constantFrom('a', 'b', 'c/d', '~e', 'f\u202eg', '$type', 'constructor', '0', '1', '')
const json = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.integer(),
    fc.constantFrom<Json>('x', 'y', '', null, true),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any
const object = fc.dictionary(
  key.filter((one) => one !== '$type'),
  json,
  { minKeys: 1, maxKeys: 5, noNullPrototype: true },
)

interface Change {
  readonly steps: readonly string[]
  readonly value: unknown
  readonly remove: boolean
}

/** Places of a tree, and one after the end of each list and object. */
function places(value: unknown, steps: readonly string[] = []): readonly string[][] {
  if (typeof value !== 'object' || value === null) return []
  const next = Array.isArray(value) ? `${value.length}` : 'new'
  return [
    ...Object.entries(value).flatMap(([step, inner]) => [
      [...steps, step],
      ...places(inner, [...steps, step]),
    ]),
    [...steps, next],
  ]
}

function changeByHand(tree: unknown, changes: readonly Change[], steps: readonly string[] = []): unknown {
  const here = changes.find(
    (change) => change.steps.join('\0') === steps.join('\0') && change.steps.length === steps.length,
  )
  if (here !== undefined) return here.value
  if (typeof tree !== 'object' || tree === null) return tree
  const removed = (step: string) =>
    changes.some(
      (change) =>
        change.remove &&
        change.steps.length === steps.length + 1 &&
        [...steps, step].every((one, at) => one === change.steps[at]),
    )
  const added = changes
    .filter(
      (change) => change.steps.length === steps.length + 1 && !Object.hasOwn(tree, change.steps.at(-1) ?? ''),
    )
    .filter((change) => steps.every((one, at) => one === change.steps[at]))
    .map((change) => [change.steps.at(-1) ?? '', change.value] as const)
  const entries = Object.entries(tree)
    .filter(([step]) => !removed(step))
    .map(([step, inner]) => [step, changeByHand(inner, changes, [...steps, step])] as const)
  const all = [...entries, ...added]
  return Array.isArray(tree) ? all.map(([, inner]) => inner) : Object.fromEntries(all)
}

function exists(tree: unknown, steps: readonly string[]): boolean {
  return steps.every((step) => {
    const here = typeof tree === 'object' && tree !== null && Object.hasOwn(tree, step)
    tree = here ? (tree as Record<string, unknown>)[step] : undefined
    return here
  })
}

function pointer(steps: readonly string[]): string {
  return steps
    .map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('\u202e', '⟦U+202E⟧')}`)
    .join('')
}

test('I2: random changes do what they do to plain JSON, in any order', () => {
  const plain = createRedactor()
  fc.assert(
    fc.property(
      object,
      fc.array(fc.tuple(fc.nat(), json, fc.boolean()), { minLength: 1, maxLength: 5 }),
      fc.nat(),
      (tree, picks, turn) => {
        const all = places(tree)
        const changes: Change[] = []
        for (const [pick, value, remove] of picks) {
          const steps = all[pick % all.length] as string[]
          const clash = changes.some(({ steps: other }) => {
            const length = Math.min(other.length, steps.length)
            return other.slice(0, length).join('\0') === steps.slice(0, length).join('\0')
          })
          if (!clash) changes.push({ steps, value, remove: remove && exists(tree, steps) })
        }
        const edits = changes.map(
          ({ steps, value, remove }): ArgumentEdit =>
            remove ? { path: pointer(steps), remove: true } : { path: pointer(steps), value: view(value) },
        )
        const turned = [...edits.slice(turn % edits.length), ...edits.slice(0, turn % edits.length)]
        // The one thing that no edit does.
        const adds = JSON.stringify(changes.map(({ value, remove }) => (remove ? 0 : value))).includes(
          'constructor',
        )
        fc.pre(!adds)
        const result = applyEdits(view(tree), turned, plain)
        if ('problem' in result) throw new Error(result.problem)
        expect(restoreArguments(JSON.stringify([result.view]))[0]).toEqual(changeByHand(tree, changes))
      },
    ),
    { numRuns: 400 },
  )
})

test('hostile paths and values are refused in words, or do no harm: nothing is thrown, nothing leaks, no prototype changes', () => {
  const step = fc.oneof(
    fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      '$type',
      'value',
      'password',
      'at',
      'list',
      'o',
      '0',
      '1',
      '-',
      '-1',
      '1e3',
      '00',
      '9'.repeat(30),
      '⟦redacted key 0⟧',
      '⟦redacted key 6⟧',
      '⟦U+10FFFF⟧',
      '⟦U+FFFFFF⟧',
      '~',
      '~1',
      '~01',
      'facts',
      'k',
    ),
    fc.string({ unit: 'binary' }),
  )
  const path = fc.oneof(
    fc.array(step, { maxLength: 5 }).map((steps) => steps.map((one) => `/${one}`).join('')),
    fc.string(),
  )
  const value = fc.oneof(
    json,
    fc.constantFrom<unknown>(
      undefined,
      Number.NaN,
      Symbol('s'),
      () => 1,
      new Date(0),
      new Map(),
      '[redacted]',
      { $type: 'date' },
      { $type: 'map', value: [[1]] },
      { $type: 'object', value: null },
      { $type: 'set', value: 3 },
      { $type: 'live' },
      { $type: 5 },
      { $type: 'toString', value: 1 },
      JSON.parse('{"__proto__":{"polluted":1}}'),
    ),
  )
  const args = {
    password: 'hunter2hunter2',
    at: new Date(0),
    list: [1, { token: TOKEN }],
    o: { $type: 'x' },
    map: new Map<unknown, unknown>([
      ['k', TOKEN],
      [1, 2],
    ]),
    set: new Set(['a']),
    [TOKEN]: { a: 1 },
  }
  const redactor = createRedactor({ keys: ['hidden'] })
  const before = Object.getOwnPropertyNames(Object.prototype)
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.record({ path, value }), fc.record({ path, remove: fc.constant(true) })), {
        maxLength: 4,
      }),
      (edits) => {
        const result = applyEdits(view(args), edits as ArgumentEdit[], redactor)
        if ('problem' in result) {
          expect(result.problem).toMatch(/\.$/)
          expect(result.problem).not.toContain('hunter2')
          expect(result.problem).not.toContain(TOKEN)
          return
        }
        const restored = restoreArguments(JSON.stringify([result.view]))[0]
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
        expect((restored as { polluted?: unknown }).polluted).toBeUndefined()
        // It can be shown, and it can be copied again.
        leavesOf(result.view, 'arguments', { redactor, limits: null })
        snapshotArguments([restored])
      },
    ),
    { numRuns: 2_000 },
  )
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
})
