import { describe, expect, it } from 'vitest'
import { argumentsDigest, document, leaf } from '../test/documents'
import { changesBetween, editableArguments, parseEdited } from './edit'

/** @param named - the arguments by name, as canonical JSON: what the leaves are of */
function editable(named: string, ...leaves: ReturnType<typeof leaf>[]): unknown {
  return editableArguments(
    document('r', { arguments: leaves, argumentsDigest: argumentsDigest(named) }).content,
  )
}

describe('editableArguments', () => {
  it('puts the arguments together again from what was shown', () => {
    expect(
      editable(
        '{"__proto__":"not the prototype","a/b~c":"x","dry":true,"empty":[],"list":[{"id":"a"},{"id":"b"}],"none":null,"rows":12,"table":"customers"}',
        leaf('/table', 'customers'),
        leaf('/rows', '12', { type: 'number' }),
        leaf('/dry', 'true', { type: 'boolean' }),
        leaf('/none', 'null', { type: 'null' }),
        leaf('/list/0/id', 'a'),
        leaf('/list/1/id', 'b'),
        leaf('/empty', '[]', { type: 'empty list' }),
        leaf('/a~1b~0c', 'x'),
        leaf('/__proto__', 'not the prototype'),
      ),
    ).toEqual({
      type: 'editable',
      value: {
        table: 'customers',
        rows: 12,
        dry: true,
        none: null,
        list: [{ id: 'a' }, { id: 'b' }],
        empty: [],
        'a/b~c': 'x',
        ['__proto__']: 'not the prototype',
      },
    })
  })

  it('brings hidden characters back from their visible escapes', () => {
    expect(
      editable('{"a\u200b":"x\u202ey"}', leaf('/a⟦U+200B⟧', 'x⟦U+202E⟧y', { marks: ['escaped'] })),
    ).toEqual({
      type: 'editable',
      value: { 'a\u200b': 'x\u202ey' },
    })
  })

  it.each([
    [leaf('/key', '[redacted: key]', { marks: ['redacted'] }), '/key is redacted'],
    [leaf('/text', 'abc', { marks: ['truncated'], omitted: 10 }), '/text is not shown in full'],
    [leaf('/file', 'sha256', { type: 'bytes' }), '/file is of type bytes'],
  ])('refuses what nobody here knows in full', (one, problem) => {
    expect(editable('{}', one)).toEqual({ type: 'not-editable', problem })
  })

  it('knows a list of positional arguments by their names', () => {
    const digest = argumentsDigest(
      '"customers",{"$type":"date","value":"2026-11-21T12:00:00.000Z"},{"$type":"undefined"}',
    )
    const leaves = [
      leaf('/table', 'customers'),
      leaf('/since', '2026-11-21T12:00:00.000Z', { type: 'date' }),
      leaf('/until', 'undefined', { type: 'undefined' }),
    ]
    expect(editableArguments(document('r', { arguments: leaves, argumentsDigest: digest }).content)).toEqual({
      type: 'editable',
      value: {
        table: 'customers',
        since: { $type: 'date', value: '2026-11-21T12:00:00.000Z' },
        until: { $type: 'undefined' },
      },
    })
  })

  it.each([
    ['a Map', '{"rows":{"$type":"map","value":[["a",1]]}}', leaf('/rows/a', '1', { type: 'number' })],
    ['a Set', '{"rows":{"$type":"set","value":[1]}}', leaf('/rows/0', '1', { type: 'number' })],
    ['an object with a numbered key', '{"rows":{"0":1}}', leaf('/rows/0', '1', { type: 'number' })],
    [
      'a fact that stands for a live value',
      '{"rows":{"$type":"live","value":1}}',
      leaf('/rows', '1', { type: 'number' }),
    ],
  ])('I2: refuses %s, which looks like something else leaf by leaf', (_what, named, one) => {
    expect(editable(named, one)).toMatchObject({ type: 'not-editable' })
  })

  it('refuses when something is missing', () => {
    const { content } = document('r', { missing: ['2 more arguments'] })
    expect(editableArguments(content)).toMatchObject({ type: 'not-editable' })
  })
})

describe('changesBetween', () => {
  it('names each leaf that differs, came or went', () => {
    expect(changesBetween({ a: 1, b: { c: [1, 2] }, d: 'x' }, { a: 2, b: { c: [1] }, e: {} })).toEqual([
      { path: '/a', before: '1', after: '2' },
      { path: '/e', before: null, after: '{}' },
      { path: '/b/c/1', before: '2', after: null },
      { path: '/d', before: '"x"', after: null },
    ])
  })

  it('sees that a text is not a number', () => {
    expect(changesBetween({ a: 1 }, { a: '1' })).toEqual([{ path: '/a', before: '1', after: '"1"' }])
  })
})

describe('parseEdited', () => {
  it('reads visible escapes as what they stand for, and refuses what is not JSON', () => {
    expect(parseEdited('{"a":"x⟦U+200B⟧"}')).toEqual({ a: 'x\u200b' })
    expect(() => parseEdited('{a}')).toThrow(SyntaxError)
  })
})
