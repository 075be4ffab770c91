import type { Json, JsonObject } from '../contracts/json'
import { sha256Hex } from './digest'
import { sortKeys } from './sort-keys'

const LONGEST = 500
const DIGEST = 32

/**
 * The types of a snapshot without its values, such as `({rows:number,table:string})`: equal for calls of one kind. A list is
 * the set of its elements' types. Deterministic, ASCII but for `…`, at most 500 characters; a longer one is cut and ends in a
 * digest of the whole. It stands in logs, so keys that look like data rather than names appear as digests (T43).
 *
 * @param text - a snapshot, as `snapshotArguments` gives it
 */
export function argumentShape(text: string): string {
  const list = JSON.parse(text) as readonly Json[]
  const shape = `(${list.map(shapeOf).join(',')})`
  return shape.length <= LONGEST
    ? shape
    : `${shape.slice(0, LONGEST - DIGEST - 1)}…${sha256Hex(shape).slice(0, DIGEST)}`
}

function shapeOf(value: Json): string {
  if (typeof value !== 'object') return typeof value
  if (value === null) return 'null'
  if (isList(value)) return `[${[...new Set(value.map(shapeOf))].sort().join('|')}]`
  const tag = value.$type
  if (typeof tag !== 'string') return membersOf(value)
  return tag === 'object' ? membersOf(value.value as JsonObject) : `<${tag}>`
}

function membersOf(object: JsonObject): string {
  let members = ''
  for (const key of sortKeys(Object.keys(object))) {
    members += `${members === '' ? '' : ','}${nameOf(key)}:${shapeOf(object[key] as Json)}`
  }
  return `{${members}}`
}

/** What people call a field: letters, at most a small number at the end. Tokens and identifiers of things look different. */
const NAME = /^[A-Za-z_$][A-Za-z_$-]{0,39}\d{0,2}$/
const SHOUTED = /^[A-Z]{12}/

function nameOf(key: string): string {
  return NAME.test(key) && !SHOUTED.test(key) ? key : `#${sha256Hex(key).slice(0, 8)}`
}

function isList(value: JsonObject | readonly Json[]): value is readonly Json[] {
  return Array.isArray(value)
}
