import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyDecoder } from './keys'

describe('the key decoder', () => {
  it.each([
    ['a', { type: 'text', text: 'a' }],
    ['é', { type: 'text', text: 'é' }],
    ['🚀', { type: 'text', text: '🚀' }],
    ['\r', { type: 'key', key: 'enter' }],
    ['\u001b', { type: 'key', key: 'escape' }],
    ['\u007f', { type: 'key', key: 'backspace' }],
    ['\u0003', { type: 'key', key: 'interrupt' }],
    ['\u001b[D', { type: 'key', key: 'left' }],
    ['\u001bOC', { type: 'key', key: 'right' }],
    ['\u001b[3~', { type: 'key', key: 'delete' }],
    ['\u001b[1;5C', { type: 'key', key: 'other' }],
    ['\u001ba', { type: 'key', key: 'other' }],
    ['\t', { type: 'key', key: 'other' }],
  ])('reads %j as one input', (chunk, input) => {
    expect(createKeyDecoder()(chunk)).toEqual([input])
  })

  it('joins what came in one chunk to a paste', () => {
    expect(createKeyDecoder()('ab\rc')).toEqual([{ type: 'paste', text: 'ab\nc' }])
  })

  it('reads a marked paste across chunks, also of one character', () => {
    const decode = createKeyDecoder()
    expect(decode('\u001b[200~')).toEqual([])
    expect(decode('a')).toEqual([])
    expect(decode('\r')).toEqual([])
    expect(decode('\u001b[201~')).toEqual([{ type: 'paste', text: 'a\r' }])
    expect(decode('a')).toEqual([{ type: 'text', text: 'a' }])
  })

  it('puts a character together from bytes of two chunks', () => {
    const decode = createKeyDecoder()
    const bytes = Buffer.from('é')
    expect(decode(bytes.subarray(0, 1))).toEqual([])
    expect(decode(bytes.subarray(1))).toEqual([{ type: 'text', text: 'é' }])
  })

  it('gives a single key press for nothing but a single key press', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 2 }), (chunk) => {
        const typed = createKeyDecoder()(chunk).filter(({ type }) => type === 'text')
        expect(typed.length === 0 || [...chunk].length === 1).toBe(true)
      }),
    )
  })
})
