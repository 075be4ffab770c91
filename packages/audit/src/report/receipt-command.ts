import type { Decision } from '../decisions'

/** The command that makes the receipt of an action. Quoted for a POSIX shell: ids come from the log, and people paste. */
export function receiptCommand({ id, place }: Pick<Decision, 'id' | 'place'>): string {
  return `gatewright audit receipt ${quoted(place.directory)} ${quoted(id)}`
}

function quoted(text: string): string {
  return /^[\w./:@%+,][\w./:@%+,-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
