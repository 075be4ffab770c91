import { sha256Hex } from '@gatewright/core'

const SURROGATE = /[\ud800-\udfff]/
const LONGEST_SHAPE = 200

/**
 * A text as a column holds it. The driver ends texts at NUL, and UTF-8 has no half of a surrogate pair; such texts stand as
 * their JSON. Different texts stay different, and equal ones equal.
 *
 * @throws TypeError for anything but a string: the driver ends the process for a value that it cannot bind
 */
export function toColumn(text: string): string {
  if (typeof text !== 'string') throw new TypeError(`a text was expected, and not ${typeof text}`)
  const plain = !text.startsWith('"') && !text.includes('\0') && !SURROGATE.test(text)
  return plain ? text : JSON.stringify(text)
}

/** The text that {@link toColumn} made a column of. */
export function fromColumn(column: string): string {
  return column.startsWith('"') ? (JSON.parse(column) as string) : column
}

/** A shape of arguments as a column holds it: long ones as their digest, so that an index of them stays small. */
export function shapeColumn(shape: string): string {
  return shape.length > LONGEST_SHAPE ? `#${sha256Hex(shape)}` : `=${toColumn(shape)}`
}
