import { describe, expect, test } from 'vitest'
import { type FunctionTool, schemaOf } from './tool'

const tool = (parameters: object) => ({ type: 'function', name: 'x', parameters }) as unknown as FunctionTool
const check = async (parameters: object, args: unknown) =>
  schemaOf(tool(parameters))['~standard'].validate(args)

describe('a schema that a hostile server states', () => {
  const doubled = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      `a${index}`,
      { allOf: Array.from({ length: 2 }, () => ({ $ref: `#/$defs/a${index + 1}` })) },
    ]),
  )

  test.each([
    ['a pattern', { properties: { a: { type: 'string', pattern: '^(a+)+$' } } }],
    [
      'a pattern under names',
      { type: 'object', patternProperties: { '^(a+)+$': { type: 'string' } } },
      { [`${'a'.repeat(32)}!`]: 'a' },
    ],
    [
      'a pattern of alternatives',
      { properties: { a: { type: 'string', pattern: `${'(a|a)'.repeat(32)}$` } } },
    ],
    ['a pattern with many runs', { properties: { a: { type: 'string', pattern: `${'a*'.repeat(20)}$` } } }],
    ['references that double', { $ref: '#/$defs/a0', $defs: { ...doubled, a40: { type: 'object' } } }],
    ['a reference to itself', { allOf: [{ $ref: '#' }], properties: {} }],
  ])('with %s holds nothing up', async (_what, schema, args = { a: `${'a'.repeat(32)}!` }) => {
    const before = process.cpuUsage()
    await check({ type: 'object', ...schema }, args)
    expect(process.cpuUsage(before).user / 1_000, 'milliseconds').toBeLessThan(1_000)
  })
})

describe('T33: arguments beside the schema of a tool', () => {
  test.each([
    ['a simple pattern', { type: 'string', pattern: '^[A-Z]{2}\\d+$' }],
    ['a format', { type: 'string', format: 'email' }],
    [
      'a property of that name',
      { type: 'object', properties: { pattern: { type: 'number' } } },
      { pattern: 'x' },
    ],
    ['a bound that is not reached', { type: 'number', exclusiveMinimum: 3 }, 3],
  ])('%s is looked at', async (_what, schema, value: unknown = 'nothing of it') => {
    const found = await check({ type: 'object', properties: { a: schema } }, { a: value })
    expect(found).toHaveProperty('issues')
  })

  test('what fits a simple pattern fits', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^[A-Z]{2}\\d+$' } } }
    expect(await check(schema, { a: 'AB12' })).toEqual({ value: { a: 'AB12' } })
  })
})
