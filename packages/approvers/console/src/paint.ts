import { inert } from './inert'
import type { Line, Tone } from './line'

/** ANSI SGR parameters of each tone. Only the 16 colours that people choose themselves. */
const codes: Readonly<Record<Tone, string>> = {
  plain: '',
  strong: '1',
  dim: '2',
  label: '2',
  key: '1;36',
  value: '36',
  agent: '2;3',
  good: '32',
  warning: '33',
  danger: '31',
  alarm: '1;97;41',
}

/**
 * A line as written to the terminal. The only place where an escape sequence is joined with text, and the text is made
 * inert right here: nothing in a document can reach the terminal as a command (T15).
 */
export function paint(line: Line, color: boolean): string {
  let out = ''
  for (const { text, tone } of line) {
    const code = color ? codes[tone] : ''
    out += code === '' ? inert(text) : `\u001b[${code}m${inert(text)}\u001b[0m`
  }
  return out
}

/**
 * Whether to colour when nobody said: `NO_COLOR` (https://no-color.org) set to anything but the empty string switches
 * it off.
 */
export function wantsColor(environment: Readonly<Record<string, string | undefined>>): boolean {
  return (environment.NO_COLOR ?? '') === ''
}
