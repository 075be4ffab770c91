import { describe, expect, test } from 'vitest'
import { fitting, misfits } from './json-schema'

const file = {
  type: 'object',
  properties: {
    path: { type: 'string', minLength: 1 },
    mode: { enum: ['read', { deep: [1], of: 2 }] },
    lines: { type: 'array', items: { $ref: '#/$defs/line' } },
  },
  required: ['path'],
  additionalProperties: false,
  $defs: { line: { type: 'integer', minimum: 1 } },
}

const issues = (schema: unknown, value: unknown) =>
  (fitting(() => schema)['~standard'].validate(value) as { readonly issues?: readonly unknown[] }).issues

describe('T33: arguments beside a JSON Schema', () => {
  test.each([
    ['a type', { path: 7 }, '/path must be of the type string'],
    ['what is missing', {}, '/path is missing'],
    ['a name that is not there', { path: 'a', nope: 1 }, '/nope is no argument there'],
    ['a member __proto__', JSON.parse('{"path":"a","__proto__":{}}'), '/__proto__ is no argument there'],
    ['none of the values', { path: 'a', mode: 'write' }, '/mode must be one of'],
    ['what a reference names', { path: 'a', lines: [1, 0] }, '/lines/1 must be at least 1'],
  ])('%s that does not fit is told with its place', (_what, value, said) => {
    const [misfit] = misfits(file, value)
    expect(`/${misfit?.path.join('/')} ${misfit?.message}`).toContain(said)
    expect(issues(file, value), 'the same for the gate').toEqual(misfits(file, value))
  })

  test.each([undefined, null, 'text', [], 7])(
    '%j is no object of arguments, whatever the schema',
    (value) => {
      expect(issues(undefined, value)).toEqual([{ path: [], message: 'must be of the type object' }])
    },
  )

  test('what fits is left as it is, in whatever order its members come', () => {
    const value = { mode: { of: 2, deep: [1] }, path: 'a', lines: [1] }
    expect(fitting(() => file)['~standard'].validate(value)).toEqual({ value })
    expect(issues(undefined, { anything: 1 })).toBeUndefined()
  })

  test('a schema that goes round in circles, or far down, ends', () => {
    expect(misfits({ $ref: '#' }, {})).toEqual([])
    let deep: unknown = 1
    for (let level = 0; level < 50_000; level += 1) deep = [deep]
    expect(misfits({ items: { $ref: '#' } }, deep)).toEqual([])
    const wide = Array.from({ length: 100_000 }, () => 'x')
    expect(misfits({ items: { type: 'string' } }, wide)).toEqual([])
  })
})

describe('a schema that a hostile server states', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `n${index}`)
  const often = (one: object) => ({ allOf: Array.from({ length: 10_000 }, () => one) })
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level += 1) deep = [deep]

  test.each([
    ['names that are missing', { ...often({ $ref: '#/$defs/x' }), $defs: { x: { required: many } } }, {}],
    ['values', { ...often({ $ref: '#/$defs/x' }), $defs: { x: { enum: many } } }, {}],
    ['types', { ...often({ $ref: '#/$defs/x' }), $defs: { x: { type: many } } }, {}],
    [
      'forms',
      { ...often({ $ref: '#/$defs/x' }), $defs: { x: { anyOf: many.map(() => ({ type: 'null' })) } } },
      {},
    ],
    [
      'references',
      { ...often({ $ref: '#/$defs/x' }), $defs: { x: { $ref: `#${'/a'.repeat(100_000)}` } } },
      {},
    ],
    ['names that are there', often({ type: 'object' }), Object.fromEntries(many.map((name) => [name, 1]))],
    ['items', { ...often({ items: true }) }, many],
    ['characters', often({ minLength: 1 }), 'x'.repeat(1_000_000)],
  ])('repeats ten thousand %s: its check has an end soon', (_what, schema, value) => {
    const before = process.cpuUsage()
    const found = misfits(schema, value)
    const { user } = process.cpuUsage(before)
    expect(user / 1_000, 'milliseconds').toBeLessThan(1_000)
    expect(found.length).toBeLessThan(1_000)
  })

  test.each([
    ['enum', { enum: [deep] }, 1],
    ['const', { const: deep }, 1],
    ['enum, and arguments as deep', { enum: [structuredDeep()] }, structuredDeep()],
  ])('is too deep to be compared or told in its %s: it does not throw', (_what, schema, value) => {
    expect(misfits(schema, value).length).toBeLessThan(2)
  })

  function structuredDeep(): unknown {
    let made: unknown = {}
    for (let level = 0; level < 100_000; level += 1) made = { a: made }
    return made
  }
})
