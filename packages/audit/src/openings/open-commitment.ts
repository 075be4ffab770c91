import { commitmentOf, type FieldOpening, type Json, type JsonObject } from '@gatewright/core'
import type { LogEvent } from '../event'

/** Pointers to what an event holds as commitments. */
export function committedIn({ data }: Pick<LogEvent, 'data'>): readonly string[] {
  const { committed } = data as { readonly committed?: Json }
  return Array.isArray(committed)
    ? committed.filter((pointer): pointer is string => typeof pointer === 'string')
    : []
}

/**
 * Whether an opening shows what an event committed to at its place: the proof of a disclosed value. Nobody can find
 * another value for which this holds.
 *
 * @param event - from a log or a receipt that was verified
 */
export function opensCommitment(event: Pick<LogEvent, 'data'>, opening: FieldOpening): boolean {
  if (!committedIn(event).includes(opening.pointer)) return false
  const stated = valueAt(event.data, opening.pointer)
  if (typeof stated !== 'object' || stated === null || Array.isArray(stated)) return false
  const { hmac } = stated as { readonly hmac?: Json }
  return typeof hmac === 'string' && hmac === commitmentOf(opening)
}

/** The event with the values in place that its openings show; what they do not show stays a commitment. */
export function discloseEvent(event: LogEvent, openings: readonly FieldOpening[]): LogEvent {
  const data = openings
    .filter((opening) => opensCommitment(event, opening))
    .reduce<Json>((shown, { pointer, value }) => replaceAt(shown, stepsOf(pointer), value), event.data)
  return { ...event, data: data as JsonObject }
}

function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function valueAt(data: Json, pointer: string): Json | undefined {
  let value: Json | undefined = data
  for (const step of stepsOf(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as JsonObject)[step]
  }
  return value
}

function replaceAt(value: Json, [step, ...rest]: readonly string[], by: Json): Json {
  if (step === undefined) return by
  if (Array.isArray(value))
    return value.map((one: Json, index) => (String(index) === step ? replaceAt(one, rest, by) : one))
  const members = value as JsonObject
  return { ...members, [step]: replaceAt(members[step] as Json, rest, by) }
}
