import type { EditChange, Json, JsonObject } from '@gatewright/core'

/**
 * Reads what a person wrote. Visible escapes (`⟦U+202E⟧`) stay: they are compared with what was shown.
 *
 * @throws {SyntaxError} when it is not JSON
 */
export function parseEdited(text: string): Json {
  return JSON.parse(text) as Json
}

/** Every leaf that differs, by JSON Pointer, in the order of the new value. */
export function changesBetween(before: Json, after: Json): EditChange[] {
  const old = flatten(before)
  const next = flatten(after)
  const changes: EditChange[] = []
  for (const [path, value] of next) {
    const was = old.get(path)
    if (was !== value) changes.push({ path, before: was ?? null, after: value })
  }
  for (const [path, value] of old) {
    if (!next.has(path)) changes.push({ path, before: value, after: null })
  }
  return changes
}

function flatten(value: Json, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null) return into.set(path, JSON.stringify(value))
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value as JsonObject)
  if (entries.length === 0) return into.set(path, Array.isArray(value) ? '[]' : '{}')
  for (const [key, child] of entries) {
    flatten(child, `${path}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`, into)
  }
  return into
}
