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
