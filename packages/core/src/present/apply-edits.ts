import type { ArgumentEdit } from '../contracts/approver'
import type { Json, JsonObject } from '../contracts/json'
import { type EditPlan, EditProblem, planEdits, problemAt, quoted } from './edit-plan'
import { type HiddenPlaces, hiddenPlaces, ValueCheck } from './edit-value'
import { allLeaves } from './leaves'
import type { Redactor } from './redaction'
import {
  isList,
  keyNamed,
  membersOf,
  type StepNamer,
  shownIndex,
  shownKey,
  stepNamer,
  typeTag,
} from './shown-steps'

/** The named arguments after a reviewer's changes, or why there are none. */
export type EditedView = { readonly view: Json } | { readonly problem: string }

/**
 * Applies a reviewer's changes to what would run (T43: the channel never needs what was hidden from it). Pointers are read
 * in the view as it stands, by the paths under which a document shows its leaves; all or nothing is applied, and no input
 * is changed. Anything doubtful is refused, naming the place: what is not there, lies inside a redacted value or the
 * encoding of a typed one, is named twice, or puts a placeholder where a secret stood.
 *
 * @param view - the named arguments, in the snapshot's encoding
 * @param redactor - the one that made the document
 */
export function applyEdits(view: Json, edits: readonly ArgumentEdit[], redactor: Redactor): EditedView {
  try {
    const plan = planEdits(edits)
    const hidden = hiddenPlaces(allLeaves(view, redactor))
    return { view: new Rewrite(hidden, stepNamer(redactor)).at(view, plan) }
  } catch (error) {
    if (error instanceof EditProblem) return { problem: inWords(error, redactor) }
    throw error
  }
}

/** A path is whatever somebody sent: a secret in it is not repeated. */
function inWords({ message }: EditProblem, redactor: Redactor): string {
  const { text } = redactor.text(message)
  return text === '[redacted]' ? 'A change names a place that cannot be repeated here.' : text
}

class Rewrite {
  readonly #hidden: HiddenPlaces
  readonly #name: StepNamer
  readonly #check: ValueCheck

  constructor(hidden: HiddenPlaces, name: StepNamer) {
    this.#hidden = hidden
    this.#name = name
    this.#check = new ValueCheck(hidden, name)
  }

  /** The value at a place, after what is planned at it and below it. */
  at(value: Json, plan: EditPlan): Json {
    const { change, path } = plan
    if (change?.type === 'set') {
      this.#check.value(value, change.value, path)
      if (path === '' && (membersOf(change.value) === null || Object.hasOwn(change.value as object, '$type')))
        throw new EditProblem('The whole view is an object: the named arguments.')
      return change.value
    }
    if (change !== null) throw problemAt(path, 'cannot be removed.')
    // I9: nobody changes a part of what they cannot see, or learns whether it is there.
    if (this.#hidden.paths.has(path))
      throw problemAt(path, 'is redacted: it can only be replaced or removed as a whole.')
    const type = typeTag(value)
    if (type !== null) throw problemAt(path, `is of type ${type}: it can only be changed as a whole.`)
    if (isList(value)) return this.#list(value, plan)
    const members = membersOf(value)
    if (members === null) throw nothingAt(firstBelow(plan))
    const changed = this.#members(members, plan)
    if (!Object.hasOwn(changed, '$type')) return changed
    // The view is no value of the encoding: as the only argument, it would become one of another kind.
    if (path === '') throw new EditProblem('/$type cannot be a name at the top.')
    return { $type: 'object', value: changed }
  }

  #members(members: JsonObject, { steps }: EditPlan): JsonObject {
    const planned = new Map<string, EditPlan>()
    const added: [string, Json][] = []
    for (const [step, plan] of steps) {
      const key = shownKey(members, step, this.#name)
      if (key === null) added.push([this.#newKey(step, plan), this.#newValue(plan)])
      else planned.set(key, plan)
    }
    const kept = Object.entries(members).flatMap(([key, value]): [string, Json][] => {
      const plan = planned.get(key)
      if (plan === undefined) return [[key, value]]
      return plan.change?.type === 'remove' ? [] : [[key, this.at(value, plan)]]
    })
    // Not by assignment: no key is more than a key here.
    return Object.fromEntries([...kept, ...added])
  }

  #newKey(step: string, plan: EditPlan): string {
    const key = keyNamed(step)
    this.#check.newName(key, plan.path)
    // T16: a name is written as a document will show it, so that nobody adds one that looks like another.
    if (this.#name(key, -1) !== step) throw nothingAt(plan.path)
    return key
  }

  #newValue(plan: EditPlan): Json {
    if (plan.change?.type !== 'set') throw nothingAt(plan.change === null ? firstBelow(plan) : plan.path)
    this.#check.value(undefined, plan.change.value, plan.path)
    return plan.change.value
  }

  #list(list: readonly Json[], { path, steps }: EditPlan): Json {
    const added = new Map<number, EditPlan>()
    for (const [step, plan] of steps) {
      const index = shownIndex(step)
      if (index === null) throw nothingAt(plan.path)
      if (index >= list.length) added.set(index, plan)
    }
    const kept = list.flatMap((value, index): Json[] => {
      const plan = steps.get(`${index}`)
      if (plan === undefined) return [value]
      return plan.change?.type === 'remove' ? [] : [this.at(value, plan)]
    })
    for (let index = list.length; added.size > 0; index += 1) {
      const plan = added.get(index)
      if (plan === undefined)
        throw new EditProblem(`The next free place in ${quoted(path)} is ${quoted(`${path}/${index}`)}.`)
      kept.push(this.#newValue(plan))
      added.delete(index)
    }
    return kept
  }
}

function firstBelow(plan: EditPlan): string {
  let deepest = plan
  for (;;) {
    const [below] = deepest.steps.values()
    if (below === undefined) return deepest.path
    deepest = below
  }
}

function nothingAt(path: string): EditProblem {
  return new EditProblem(`There is nothing at ${quoted(path)} in what was shown.`)
}
