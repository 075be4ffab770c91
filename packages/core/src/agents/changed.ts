/**
 * What a model is told of a call whose arguments a reviewer changed before it ran, where its result is a text: else it takes
 * for done what it asked for. Empty where nothing was changed.
 */
export function changedNote(changed: readonly string[]): string {
  if (changed.length === 0) return ''
  const places = changed.map((path) => path || 'all of them').join(', ')
  return `A reviewer changed arguments of this call before it ran: ${places}.`
}
