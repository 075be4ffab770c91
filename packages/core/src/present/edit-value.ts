import type { Json, JsonObject } from '../contracts/json'
import type { ReviewLeaf } from '../contracts/review'
import { writtenSteps } from '../values/pointer'
import { problemAt } from './edit-plan'
import { isList, membersOf, type StepNamer, typeTag } from './shown-steps'
import { makeVisible } from './visible'

/** What a redactor writes where a secret stood. */
const PLACEHOLDER = /\[redacted(?:: [^[\]]{1,80})?\]/
const PLACEHOLDER_KEY = '⟦redacted key'
/** Own keys of these names are fine where they stand, but nobody adds one. */
const NO_NEW_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** What a document hides: who sees only that cannot know what stands there. */
export interface HiddenPlaces {
  /** Paths of redacted leaves. */
  readonly paths: ReadonlySet<string>
  /** Every path above one, or above a redacted key; with the steps that lead there. */
  readonly holders: ReadonlyMap<string, ReadonlySet<string>>
  /** What is shown in their stead. */
  readonly texts: ReadonlySet<string>
}

/** Where a document hides something. */
export function hiddenPlaces(leaves: readonly ReviewLeaf[]): HiddenPlaces {
  const paths = new Set<string>()
  const holders = new Map<string, Set<string>>()
  const texts = new Set<string>()
  for (const { path, marks, text } of leaves) {
    const redacted = marks.includes('redacted')
    if (redacted) {
      paths.add(path)
      texts.add(text)
    } else if (!path.includes(PLACEHOLDER_KEY)) continue
    let holder = ''
    for (const step of writtenSteps(path)) {
      const steps = holders.get(holder) ?? new Set()
      holders.set(holder, steps.add(step))
      holder = `${holder}/${step}`
    }
  }
  return { paths, holders, texts }
}

/** Refuses what no reviewer means to write: a placeholder for a secret, a text for a date, a secret lost without a word. */
export class ValueCheck {
  readonly #hidden: HiddenPlaces
  readonly #name: StepNamer

  constructor(hidden: HiddenPlaces, name: StepNamer) {
    this.#hidden = hidden
    this.#name = name
  }

  /** @throws EditProblem for a name that nothing may have */
  newName(name: string, path: string): void {
    if (NO_NEW_NAMES.has(name)) throw problemAt(path, 'cannot be added: not under this name.')
  }

  /**
   * Compares a new value with what stands at its place.
   *
   * @param before - `undefined`: nothing stands there
   * @throws EditProblem naming the place
   */
  value(before: Json | undefined, after: Json, path: string, concealed = false): void {
    const hides = concealed || this.#hidden.paths.has(path)
    if (typeof after === 'string') this.#text(before, after, path, hides)
    this.#type(before, after, path)
    if (typeof after !== 'object' || after === null) return
    if (isList(after)) this.#list(before, after, path, hides)
    else if (typeTag(after) === null) this.#members(before, membersOf(after) ?? {}, path, hides)
    else this.#tagged(before, after as JsonObject, path, hides)
  }

  #text(before: Json | undefined, after: string, path: string, hides: boolean): void {
    // What really says so may go on saying so.
    if (after === before) return
    const { texts } = this.#hidden
    if (texts.has(after) || texts.has(makeVisible(after).text) || (hides && PLACEHOLDER.test(after)))
      throw problemAt(
        path,
        'would become "[redacted]", which only stands for a hidden value. Leave out what should stay as it is.',
      )
  }

  /** The function takes a date where a date stood: a text that looks like one is another value. */
  #type(before: Json | undefined, after: Json, path: string): void {
    const was = typeTag(before)
    const is = typeTag(after)
    if (was === 'live' || is === 'live') throw problemAt(path, 'is a live value, which cannot be edited.')
    if (was === null || was === 'undefined' || was === is || after === null || is === 'undefined') return
    if (was === 'number' && typeof after === 'number') return
    throw problemAt(path, `is of type ${was}: give it as {"$type":"${was}","value":…}, or null.`)
  }

  #tagged(before: Json | undefined, after: JsonObject, path: string, hides: boolean): void {
    const same = typeTag(before) === after.$type
    const inner = same ? (before as JsonObject).value : undefined
    if (same && this.#hidden.holders.has(path))
      throw problemAt(path, 'holds something redacted, so it can only be removed.')
    if (after.value !== undefined) this.value(inner, after.value, path, hides)
  }

  #members(before: Json | undefined, after: JsonObject, path: string, hides: boolean): void {
    const old = membersOf(before) ?? {}
    const steps = new Map(Object.keys(old).map((key, index) => [key, this.#name(key, index)]))
    this.#losses(before, path, new Set(Object.keys(after).map((key) => steps.get(key))))
    for (const [key, value] of Object.entries(after)) {
      if (key.startsWith(PLACEHOLDER_KEY))
        throw problemAt(path, 'would get a key that only stands for a hidden one.')
      const known = steps.get(key)
      const below = `${path}/${known ?? this.#name(key, 0)}`
      if (known === undefined) this.newName(key, below)
      this.value(known === undefined ? undefined : old[key], value, below, hides)
    }
  }

  #list(before: Json | undefined, after: readonly Json[], path: string, hides: boolean): void {
    const old = isList(before) ? before : []
    this.#losses(before, path, new Set(after.slice(0, old.length).map((_, index) => `${index}`)))
    for (const [index, value] of after.entries()) this.value(old[index], value, `${path}/${index}`, hides)
  }

  /** Whoever sends a whole object sends what they know of it; what they do not know would be gone. */
  #losses(before: Json | undefined, path: string, kept: ReadonlySet<string | undefined>): void {
    if (before === undefined) return
    for (const step of this.#hidden.holders.get(path) ?? []) {
      if (kept.has(step)) continue
      throw problemAt(
        `${path}/${step}`,
        'is redacted, or holds something that is, and would be lost. Change what stands beside it one by one, or remove it by its own pointer.',
      )
    }
  }
}
