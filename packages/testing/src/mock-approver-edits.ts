import {
  type ArgumentEdit,
  editsBetween,
  type JsonObject,
  makeVisible,
  type ReviewContent,
  shownArguments,
} from '@gatewright/core'
import type { ArgumentsEdit } from './mock-approver-rules'

/**
 * The changes that a script makes to what a document shows.
 *
 * @throws Error naming what a function changed that is not shown in full
 */
export function scriptedEdits(change: ArgumentsEdit, content: ReviewContent): readonly ArgumentEdit[] {
  if (typeof change === 'function') {
    const between = editsBetween(content, change(shownArguments(content).value as JsonObject))
    if ('edits' in between) return between.edits
    throw new Error(`the mock approver cannot edit this call: ${between.problem} Nothing was decided.`)
  }
  if (isList(change)) return change
  return Object.entries(change).map(([name, value]): ArgumentEdit => {
    const path = `/${makeVisible(name).text.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return value === undefined ? { path, remove: true } : { path, value }
  })
}

/** `Array.isArray` does not narrow a union with a readonly array. */
function isList(change: ArgumentsEdit): change is readonly ArgumentEdit[] {
  return Array.isArray(change)
}
