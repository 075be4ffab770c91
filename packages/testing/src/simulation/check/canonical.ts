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
  const members = Object.entries(value)
    // RFC 8785 section 3.2.3: by UTF-16 code units, as JavaScript compares strings.
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`)
  return `{${members.join(',')}}`
}

/** SHA-256 over the canonical text, in lower-case hex. */
export function canonicalDigest(value: unknown): string {
  return createHash('sha256').update(canonicalText(value)).digest('hex')
}
