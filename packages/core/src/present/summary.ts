import type { Redactor } from './redaction'
import { cutVisible, makeVisible } from './visible'

const LONGEST = 200
const LOOKED_AT = 2_000

/**
 * A short description of a function's result, or of its error, that is safe to log: redacted, visible, at most 200
 * characters. Never throws, whatever the function returned: the outcome must be recorded (I7, I8).
 */
export function summarize(
  value: unknown,
  redactor: Redactor,
): { readonly summary: string; readonly redacted: boolean } {
  const raw = tryDescribe(value)
  const { text, redacted } = redactor.text(raw.slice(0, LOOKED_AT))
  const visible = makeVisible(text).text
  return { summary: visible.length > LONGEST ? `${cutVisible(visible, LONGEST - 1)}…` : visible, redacted }
}

function tryDescribe(value: unknown): string {
  try {
    return describe(value)
  } catch {
    return 'a value that cannot be described'
  }
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      // A result may hold anything; its kind and size are enough, its digest stands beside.
      return `a text of ${value.length} characters`
    case 'undefined':
      return 'nothing'
    case 'function':
      return 'a function'
    case 'symbol':
      return 'a symbol'
    case 'object':
      return value === null ? 'null' : describeObject(value)
    default:
      return `${value as number | boolean | bigint}`
  }
}

function describeObject(value: object): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (Array.isArray(value)) return `a list of ${value.length}`
  const keys = Object.keys(value)
  return keys.length === 0
    ? 'an empty object'
    : `an object with ${keys.slice(0, 8).join(', ')}${keys.length > 8 ? '…' : ''}`
}
