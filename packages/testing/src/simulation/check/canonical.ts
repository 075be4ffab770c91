import { createHash } from 'node:crypto'

/**
 * RFC 8785 text of a JSON value, written for the checker alone: it must not share a mistake with what it checks.
 *
 * @throws TypeError for what is no JSON
 */
export function canonicalText(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return JSON.stringify(value)
    throw new TypeError(`${value} is no JSON`)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} is no JSON`)
  const members = value as Readonly<Record<string, unknown>>
  let text = ''
  // RFC 8785 section 3.2.3: by UTF-16 code units, as JavaScript sorts strings.
  for (const name of Object.keys(members).sort())
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalText(members[name])}`
  return `{${text}}`
}

/** SHA-256 over the canonical text, in lower-case hex. */
export function canonicalDigest(value: unknown): string {
  return digestOfText(canonicalText(value))
}

/** SHA-256 over a text, in lower-case hex. */
export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
