import type { Json, JsonObject } from '../contracts/json'
import { kept } from '../values/kept'
import { pointerStep, readStep, writtenSteps } from '../values/pointer'
import type { Redactor } from './redaction'
import { makeVisible, readVisible } from './visible'

const KEPT_STEPS = 5_000
const LONGEST_KEPT = 100
const REDACTED_KEY = /^⟦redacted key (\d+)⟧$/
/** An index as a JSON Pointer writes it: one way only. */
const INDEX = /^(?:0|[1-9]\d*)$/

/**
 * Names a key as a step of a shown path: visible, escaped for a pointer, without secrets, and never the name of another
 * key of the same object (T14).
 *
 * @param index - the key's place among those of its object
 */
export type StepNamer = (key: string, index: number) => string

const namers = new WeakMap<Redactor, StepNamer>()

/** The namer that goes with a redactor. It remembers keys: the same few come with every call. None that was redacted is kept. */
export function stepNamer(redactor: Redactor): StepNamer {
  return kept(namers, redactor, createNamer)
}

function createNamer(redactor: Redactor): StepNamer {
  const steps = new Map<string, string>()
  return (key, index) => {
    const known = steps.get(key)
    if (known !== undefined) return known
    const { text: redacted, redacted: hidden } = redactor.text(key)
    // The brackets cannot stand in a visible key, so no other key looks like this.
    if (hidden) return `⟦redacted key ${index}⟧`
    const { text } = makeVisible(redacted)
    const step = pointerStep(text).slice(1)
    if (steps.size >= KEPT_STEPS) steps.clear()
    if (key.length <= LONGEST_KEPT) steps.set(key, step)
    return step
  }
}

/** The key that a step would be the name of, without looking at any object. */
export function keyNamed(step: string): string {
  return readVisible(readStep(step))
}

/** The own key of an object that is shown as this step; `null` when there is none. */
export function shownKey(members: object, step: string, namer: StepNamer): string | null {
  const index = REDACTED_KEY.exec(step)?.[1]
  const key = index === undefined ? keyNamed(step) : Object.keys(members)[Number(index)]
  if (key === undefined || !Object.hasOwn(members, key)) return null
  // Only the very step that people were shown: an alias could pass for another place.
  return namer(key, Number(index ?? 0)) === step ? key : null
}

/** The place in a list that a step names; `null` for what is no index. It may lie beyond the end. */
export function shownIndex(step: string): number | null {
  return INDEX.test(step) ? Number(step) : null
}

/** The members of an object in the snapshot's encoding; `null` for everything else, also for a value with a type of its own. */
export function membersOf(value: Json | undefined): JsonObject | null {
  if (typeof value !== 'object' || value === null || isList(value)) return null
  if (typeTag(value) !== null) return null
  return (value.$type === 'object' ? value.value : value) as JsonObject
}

/** The type of a value that JSON has no form for, such as `date`; `null` for plain data. */
export function typeTag(value: Json | undefined): string | null {
  if (typeof value !== 'object' || value === null || isList(value)) return null
  const tag = value.$type
  return typeof tag === 'string' && tag !== 'object' ? tag : null
}

/** `Array.isArray` does not narrow a union with a readonly array. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** What stands at a shown path, of any leaf that a document shows; `undefined` where nothing does. */
export function shownValue(tree: Json, path: string, redactor: Redactor): Json | undefined {
  const namer = stepNamer(redactor)
  let value: Json | undefined = tree
  for (const step of writtenSteps(path)) value = childOf(value, step, namer)
  return value
}

function childOf(value: Json | undefined, step: string, namer: StepNamer): Json | undefined {
  if (isList(value)) return value[shownIndex(step) ?? value.length]
  const members = membersOf(value)
  if (members !== null) {
    const key = shownKey(members, step, namer)
    return key === null ? undefined : members[key]
  }
  const inner = (value as JsonObject | null | undefined)?.value
  switch (typeTag(value)) {
    case 'live':
      return step === 'facts' ? inner : undefined
    case 'set':
      return childOf(inner, step, namer)
    case 'map':
      return entryOf(inner as readonly (readonly [Json, Json])[], step, namer)
    default:
      return undefined
  }
}

/** By its key where all are texts, else the pair, whose parts are `key` and `value`. */
function entryOf(
  pairs: readonly (readonly [Json, Json])[],
  step: string,
  namer: StepNamer,
): Json | undefined {
  if (pairs.every(([key]) => typeof key === 'string'))
    return pairs.find(([key], index) => namer(key as string, index) === step)?.[1]
  const [key, value] = pairs[shownIndex(step) ?? pairs.length] ?? []
  return key === undefined || value === undefined ? undefined : { key, value }
}
