/** Deeper than `canonicalize` goes. */
const MAX_DEPTH = 1_000

/**
 * Nothing but tokens that have one form each: punctuation, words, strings without escapes, and integers, as long as they
 * are safe. No white space between them. Fractions and escapes are left for whoever looks closer. No digit follows a number: else
 * its digits could be read as numbers in as many ways as there are places between them, and a hostile text would be looked
 * at for ever.
 */
const PLAIN_TOKENS = /^(?:[{}[\],:]|"[^"\\]*"|true|false|null|(?:0|-?[1-9]\d*)(?!\d))*$/

/** What {@link plainLength} says of a value that it cannot judge. */
const UNSURE = Number.NaN

/**
 * Whether a JSON text is certainly the canonical one (RFC 8785) of the value that it was parsed to, without writing it
 * again. `false` says nothing: most texts that are canonical and not plain get that answer too.
 *
 * Every token of the text is in its only form, and nothing stands between them. So the text is canonical when no key is
 * repeated and the keys of each object are in order. A repeated key is not in the value, and what is not in the value is
 * missing from its length. The value has its keys in the order of the text, but for those that look like integers; an
 * object with such a key is not judged here.
 *
 * @param text - decoded from UTF-8, so that it holds no lone surrogate
 * @param value - what `JSON.parse` made of it
 */
export function isPlainlyCanonical(text: string, value: unknown): boolean {
  // Members that every object seems to have would count for those that are missing.
  for (const _ in Object.prototype) return false
  return plainLength(value, 0) === text.length && PLAIN_TOKENS.test(text)
}

/** The length of the value's plain text; not a number where its keys are not in order, or it holds what is not plain. */
function plainLength(value: unknown, depth: number): number {
  switch (typeof value) {
    case 'string':
      return value.length + 2
    case 'number':
      return Number.isSafeInteger(value) ? `${value}`.length : UNSURE
    case 'boolean':
      return value ? 4 : 5
    case 'object':
      if (value === null) return 4
      if (depth >= MAX_DEPTH) return UNSURE
      return Array.isArray(value) ? arrayLength(value, depth) : objectLength(value, depth)
    default:
      return UNSURE
  }
}

function arrayLength(array: readonly unknown[], depth: number): number {
  // The brackets, and a comma between every two.
  let length = array.length === 0 ? 2 : array.length + 1
  for (let index = 0; index < array.length; index += 1) length += plainLength(array[index], depth + 1)
  return length
}

function objectLength(object: object, depth: number): number {
  const members = object as Readonly<Record<string, unknown>>
  let length = 1
  let before: string | undefined
  // No list of keys is made.
  for (const key in members) {
    // One that looks like an integer comes before all others, wherever it stood in the text.
    if (before === undefined ? isDigit(key.charCodeAt(0)) : key <= before) return UNSURE
    before = key
    // Quotes, a colon, and a comma or the bracket.
    length += key.length + 4 + plainLength(members[key], depth + 1)
  }
  return before === undefined ? 2 : length
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}
