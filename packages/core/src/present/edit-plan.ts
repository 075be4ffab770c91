import type { ArgumentEdit } from '../contracts/approver'
import type { Json } from '../contracts/json'
import { ArgumentsUnsupportedError } from '../errors'
import { canonicalize } from '../values/canonical'
import { writtenSteps } from '../values/pointer'
import { decodeValue } from '../values/restore'
import { makeVisible } from './visible'

const MOST_EDITS = 1_000
const LONGEST_PATH = 4_000
const LONGEST_QUOTE = 120

/** Why edits cannot be applied, in words for whoever sent them. Never leaves this folder. */
export class EditProblem extends Error {}

/** What is to happen at a place, or below it. */
export interface EditPlan {
  /** The pointer to the place, as it was sent. */
  readonly path: string
  /** Everything below it, by the steps of the pointers. */
  readonly steps: Map<string, EditPlan>
  change: PlannedChange | null
}

/** What is to happen at one place. */
export type PlannedChange = { readonly type: 'set'; readonly value: Json } | { readonly type: 'remove' }

/**
 * Orders edits by place. What they mean does not depend on their order: none may lie inside another.
 *
 * @throws EditProblem for no edit at all, too many, what is no pointer, places named twice, and values that are no JSON
 */
export function planEdits(edits: readonly ArgumentEdit[]): EditPlan {
  if (edits.length === 0) throw new EditProblem('No change was named.')
  if (edits.length > MOST_EDITS) throw new EditProblem(`These are more than ${MOST_EDITS} changes.`)
  const root: EditPlan = { path: '', steps: new Map(), change: null }
  for (const edit of edits) {
    const plan = place(root, edit.path)
    if (plan.change !== null) throw problemAt(edit.path, 'is changed twice.')
    if (plan.steps.size > 0) throw overlap(edit.path)
    plan.change = changeOf(edit)
  }
  return root
}

/** What is wrong at a place. */
export function problemAt(path: string, what: string): EditProblem {
  return new EditProblem(`${quoted(path)} ${what}`)
}

/** A path as a message may hold it: whoever reads that sees all of it, or that it goes on. */
export function quoted(path: string): string {
  if (path === '') return 'the whole view'
  // The brackets of a shown path stay; they are escaped where they are read.
  const visible = path
    .slice(0, LONGEST_QUOTE)
    .replace(/[^⟦⟧]+/g, (part) => makeVisible(part).text.replaceAll('\n', '⟦U+000A⟧'))
  return path.length > LONGEST_QUOTE ? `${visible}…` : visible
}

function place(root: EditPlan, path: string): EditPlan {
  if (path.length > LONGEST_PATH || (path !== '' && !path.startsWith('/')) || /~(?![01])/.test(path))
    throw problemAt(path, 'is no JSON Pointer, such as /user/name.')
  let plan = root
  for (const step of writtenSteps(path)) {
    if (plan.change !== null) throw overlap(path)
    let next = plan.steps.get(step)
    if (next === undefined) {
      next = { path: `${plan.path}/${step}`, steps: new Map(), change: null }
      plan.steps.set(step, next)
    }
    plan = next
  }
  return plan
}

function changeOf(edit: ArgumentEdit): PlannedChange {
  if (edit.remove === true) return { type: 'remove' }
  // A copy, read once: what is checked is what is used, whatever the channel's object does later.
  const text = textOf(edit)
  try {
    decodeValue(text)
  } catch (error) {
    const below = error instanceof ArgumentsUnsupportedError ? error.path : ''
    throw new EditProblem(`${quoted(edit.path + below)}: "$type" and "value" do not fit each other.`)
  }
  return { type: 'set', value: JSON.parse(text) as Json }
}

function textOf({ path, value }: ArgumentEdit): string {
  try {
    return canonicalize(value as Json)
  } catch {
    throw new EditProblem(`The new value of ${quoted(path)} is no JSON.`)
  }
}

function overlap(path: string): EditProblem {
  return problemAt(path, 'lies inside another change, or holds one. Name each place once.')
}
