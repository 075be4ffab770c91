/** Everything that JSON escapes, and every surrogate: those need a closer look. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * A string as RFC 8785 writes it; `null` when it holds a lone surrogate, which has no UTF-8 form and so no digest.
 */
export function jsonString(value: string): string | null {
  if (!NEEDS_CARE.test(value)) return `"${value}"`
  if (LONE_SURROGATE.test(value)) return null
  return JSON.stringify(value)
}
