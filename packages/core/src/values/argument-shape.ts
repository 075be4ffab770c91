import type { Json } from '../contracts/json'
import { sha256Hex } from './digest'
import { sortKeys } from './sort-keys'

const LONGEST = 500

/** The types of a snapshot without its values, such as `[{rows:n,table:s}]`: equal for calls of one kind. Deterministic, at most 500 characters. */
export function argumentShape(text: string): string {
  const shape = shapeOf(JSON.parse(text) as Json)
  return shape.length <= LONGEST ? shape : `${shape.slice(0, LONGEST - 33)}…${sha256Hex(shape).slice(0, 32)}`
}

function shapeOf(value: Json): string {
  if (value === null) return '0'
  if (typeof value !== 'object') return (typeof value).charAt(0)
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].sort().join('|')}]`
  const object = value as { readonly [key: string]: Json }
  const tag = object['$type']
  if (typeof tag === 'string' && tag !== 'object') return `<${tag}>`
  return `{${sortKeys(Object.keys(object)).map((key) => `${key}:${shapeOf(object[key] as Json)}`).join(',')}}`
}
