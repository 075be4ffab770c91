import { createHash } from 'node:crypto'

/** Longer texts stand in indexes as their digest: an index entry has a limit of its own. */
const LONGEST = 200
const DIGESTED = '#'

/**
 * A text as it stands in a column that is compared: PostgreSQL takes neither NUL nor half a surrogate pair, so both are
 * written as JSON's escapes. Different texts have different tokens.
 */
export function tokenOf(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1)
  if (escaped.length <= LONGEST && !escaped.startsWith(DIGESTED)) return escaped
  return `${DIGESTED}${sha256(escaped)}`
}

/** The text of a token; `null` when only its digest stands there. */
export function textOf(token: string): string | null {
  return token.startsWith(DIGESTED) ? null : (JSON.parse(`"${token}"`) as string)
}

/** One token for several texts, whatever is in them. */
export function tokenOfAll(texts: readonly string[]): string {
  return sha256(JSON.stringify(texts))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
