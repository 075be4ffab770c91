import { describe, expect, it } from 'vitest'
import type { Input } from './keys'
import { lineWidth, span } from './line'
import { lineInput, showLineInput, typeInto } from './line-input'

function typed(start: string, ...inputs: readonly Input[]): string {
  let line = lineInput(start)
  for (const input of inputs) {
    const step = typeInto(line, input)
    if (step.type !== 'typing') return `${step.type}${step.type === 'submit' ? ` ${step.text}` : ''}`
    line = step.line
  }
  return `${line.characters.slice(0, line.cursor).join('')}|${line.characters.slice(line.cursor).join('')}`
}

const key = (name: Extract<Input, { type: 'key' }>['key']): Input => ({ type: 'key', key: name })
const text = (character: string): Input => ({ type: 'text', text: character })

describe('typing a line', () => {
  it('inserts, deletes and moves by whole characters', () => {
    expect(typed('', text('a'), text('🚀'), key('backspace'))).toBe('a|')
    expect(typed('abc', key('left'), text('x'))).toBe('abx|c')
    expect(typed('abc', key('home'), key('delete'))).toBe('|bc')
    expect(typed('abc', key('home'), key('left'), key('right'), key('backspace'))).toBe('|bc')
    expect(typed('abc', key('left'), key('end'), key('right'))).toBe('abc|')
    expect(typed('one two  ', key('clear-word'))).toBe('one |')
    expect(typed('one two', key('clear-line'))).toBe('|')
  })

  it('is sent by Enter and left by Esc; a pasted line end is a space', () => {
    expect(typed('ok', key('enter'))).toBe('submit ok')
    expect(typed('ok', key('escape'))).toBe('cancel')
    expect(typed('', { type: 'paste', text: 'a\r\nb\n' })).toBe('a b |')
    expect(typed('ok', key('other'))).toBe('ok|')
  })
})

describe('showing a line', () => {
  it('keeps the cursor in sight and never gets wider than there is room', () => {
    const label = [span('Why: ')]
    const long = lineInput('x'.repeat(100))
    expect(lineWidth(showLineInput(label, long, 40).line)).toBeLessThan(40)
    expect(showLineInput(label, { ...long, cursor: 0 }, 40)).toMatchObject({ back: 34 })
    expect(showLineInput(label, lineInput('日本\u0007'), 40).line.at(-1)?.text).toBe('日本⟦U+0007⟧')
  })
})
