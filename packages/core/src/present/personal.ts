import type { FieldOpening } from '../contracts/audit'
import type { Json, JsonObject } from '../contracts/json'
import { commitmentOf, newSalt } from '../values/commitment'
import { formatPointer, isCovered, parsePointer, readStep, valueAt, writtenSteps } from '../values/pointer'
import { wordsAtEnd } from './redaction'

/** What of all events is personal, whatever the action. */
export interface PersonalOptions {
  /** Names of keys among arguments, in any writing: `customerEmail` covers `CUSTOMER_EMAIL`, and what ends in it. @default none */
  readonly keys?: readonly string[]
  /** The names of people; their issuer and subject stay, by which votes are judged. @default false */
  readonly people?: boolean
  /** What people and the agent wrote: notes, reasons, the stated intent, summaries of results. @default false */
  readonly words?: boolean
}

/** {@link PersonalOptions}, checked. */
export interface PersonalFields {
  readonly keys: ReadonlySet<string>
  readonly people: boolean
  readonly words: boolean
}

/** Where events name somebody with a name beside the identity. */
const PEOPLE = [['actor'], ['by'], ['onBehalfOf'], ['requester', 'owner']]
const WORDS = ['intent', 'note', 'reason', 'summary']

/** An event's data with commitments in the place of what is personal, listed under `committed`; `null` when nothing is. */
export function commitPersonal(
  { data, personal = [] }: { readonly data: JsonObject; readonly personal?: readonly string[] },
  fields: PersonalFields | null,
): { readonly data: JsonObject; readonly openings: readonly FieldOpening[] } | null {
  const places = [...placesOfPeople(data, fields), ...placesOfArguments(data, personal, fields)]
  if (places.length === 0) return null
  const openings: FieldOpening[] = []
  let committed: Json = data
  for (const steps of places) {
    const opening = {
      pointer: formatPointer(steps),
      salt: newSalt(),
      value: valueAt(data, steps.map(String)) as Json,
    }
    openings.push(opening)
    committed = replaceAt(committed, steps, { hmac: commitmentOf(opening) })
  }
  const listed = { ...(committed as JsonObject), committed: openings.map(({ pointer }) => pointer) }
  return { data: inKeyOrder(listed), openings }
}

type Steps = readonly (string | number)[]

function placesOfPeople(data: JsonObject, fields: PersonalFields | null): readonly Steps[] {
  const places: Steps[] = []
  if (fields?.people === true)
    for (const steps of PEOPLE)
      if (typeof valueAt(data, [...steps, 'name']) === 'string') places.push([...steps, 'name'])
  if (fields?.words === true)
    for (const word of WORDS) if (typeof data[word] === 'string') places.push([word])
  return places
}

function placesOfArguments(
  data: JsonObject,
  personal: readonly string[],
  fields: PersonalFields | null,
): readonly Steps[] {
  const pointers = personal.map((pointer) => parsePointer(pointer))
  const keys = fields?.keys ?? new Set<string>()
  if (pointers.length === 0 && keys.size === 0) return []
  const isPersonal = (path: unknown): boolean => {
    if (typeof path !== 'string') return false
    // As it is shown, and not checked: whatever stands in it, an event is made.
    const steps = writtenSteps(path).map(readStep)
    return (
      pointers.some((pointer) => isCovered(pointer, steps)) ||
      steps.some((step) => wordsAtEnd(step).some((ending) => keys.has(ending)))
    )
  }
  const places: Steps[] = []
  // Lists of `[path, text]`: a call's arguments, and what a session recorded.
  for (const name of ['arguments', 'data'])
    for (const [index, pair] of listOf(data[name]).entries())
      if (Array.isArray(pair) && isPersonal(pair[0])) places.push([name, index, 1])
  // Lists of objects that say what path they speak of: edits, and the bounds of standing grants.
  for (const name of ['changes', 'constraints'])
    for (const [index, one] of listOf(data[name]).entries()) {
      const members = (one ?? {}) as JsonObject
      if (!isPersonal(members.path)) continue
      for (const [key, value] of Object.entries(members))
        if (key !== 'path' && key !== 'any' && value !== null) places.push([name, index, key])
    }
  return places
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** A copy with another value at the steps; what lies beside is shared. */
function replaceAt(value: Json, [step, ...rest]: Steps, by: Json): Json {
  if (step === undefined) return by
  if (Array.isArray(value))
    return value.map((one, index) => (index === step ? replaceAt(one, rest, by) : one))
  const members = value as JsonObject
  return { ...members, [step]: replaceAt(members[step] as Json, rest, by) }
}

/** RFC 8785 order, which the canonical form of an event relies on. */
function inKeyOrder(data: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(data).sort(([one], [other]) => (one < other ? -1 : 1)))
}
