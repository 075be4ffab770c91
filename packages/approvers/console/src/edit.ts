import { createHash } from 'node:crypto'
import {
  canonicalize,
  type EditChange,
  type Json,
  type JsonObject,
  type ReviewContent,
  type ReviewLeaf,
} from '@gatewright/core'

/** Arguments to edit, or why they cannot be edited at a terminal. */
export type Editable =
  | { readonly type: 'editable'; readonly value: Json }
  | { readonly type: 'not-editable'; readonly problem: string }

/** Types whose text is the whole value. */
const tagged: ReadonlySet<string> = new Set(['date', 'bigint', 'url'])

/**
 * The arguments as JSON for a person to edit, put together from what was shown. Refused when something was redacted, cut
 * or left out: an edit states all arguments, and nobody can state what they did not see. Refused as well when the result
 * does not have the arguments' digest: leaves do not tell a `Map` from an object, and an edit must change nothing that
 * nobody touched (I2).
 */
export function editableArguments(content: ReviewContent): Editable {
  if (content.missing.length > 0) return notEditable('not everything is shown')
  const root: Branch = { children: new Map() }
  for (const leaf of content.arguments) {
    const value = leafValue(leaf)
    if (value === undefined) return notEditable(`${leaf.path || 'the root'} ${obstacle(leaf)}`)
    plant(root, leaf.path.split('/').slice(1), value)
  }
  const value = grow(root)
  if (isExact(value, content.argumentsDigest)) return { type: 'editable', value }
  return notEditable('they hold something that JSON cannot say, such as a Map')
}

/** Whether these named arguments are the call's: as a list in their order, or as its only argument. */
function isExact(value: Json, argumentsDigest: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return [[value], Object.values(value)].some((list) => {
    return createHash('sha256').update(canonicalize(list)).digest('hex') === argumentsDigest
  })
}

/**
 * Reads what a person wrote. Visible escapes (`⟦U+202E⟧`) become the characters they stand for again.
 *
 * @throws {SyntaxError} when it is not JSON
 */
export function parseEdited(text: string): Json {
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'string' ? unescapeVisible(value) : value,
  ) as Json
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

interface Branch {
  readonly children: Map<string, Branch | Json>
}

function leafValue(leaf: ReviewLeaf): Json | undefined {
  if (leaf.omitted > 0 || leaf.marks.includes('redacted') || leaf.marks.includes('truncated'))
    return undefined
  switch (leaf.type) {
    case 'string':
      return unescapeVisible(leaf.text)
    case 'number':
      return Number.isFinite(Number(leaf.text)) && !Object.is(Number(leaf.text), -0)
        ? Number(leaf.text)
        : { $type: 'number', value: leaf.text }
    case 'boolean':
      return leaf.text === 'true'
    case 'null':
      return null
    case 'undefined':
      return { $type: 'undefined' }
    case 'empty object':
      return {}
    case 'empty list':
      return []
    default:
      return tagged.has(leaf.type) ? { $type: leaf.type, value: unescapeVisible(leaf.text) } : undefined
  }
}

function obstacle(leaf: ReviewLeaf): string {
  if (leaf.marks.includes('redacted')) return 'is redacted'
  if (leaf.omitted > 0 || leaf.marks.includes('truncated')) return 'is not shown in full'
  return `is of type ${leaf.type}`
}

function plant(root: Branch, steps: readonly string[], value: Json): void {
  let branch = root
  for (const [index, step] of steps.entries()) {
    const key = unescapeVisible(step.replaceAll('~1', '/').replaceAll('~0', '~'))
    if (index === steps.length - 1) {
      branch.children.set(key, value)
      return
    }
    const child = branch.children.get(key)
    if (isBranch(child)) {
      branch = child
      continue
    }
    const next: Branch = { children: new Map() }
    branch.children.set(key, next)
    branch = next
  }
}

/** Pointers do not tell a list from an object whose keys are 0, 1, 2, ...; it is taken for a list. */
function grow({ children }: Branch): Json {
  const entries = [...children].map(([key, child]): [string, Json] => [
    key,
    isBranch(child) ? grow(child) : child,
  ])
  if (entries.length > 0 && entries.every(([key], index) => key === String(index)))
    return entries.map(([, value]) => value)
  return Object.fromEntries(entries)
}

function isBranch(value: Branch | Json | undefined): value is Branch {
  return typeof value === 'object' && value !== null && 'children' in value && value.children instanceof Map
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

function unescapeVisible(text: string): string {
  return text.replace(/⟦U\+([0-9A-F]{4,6})⟧/g, (_all, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  )
}

function notEditable(problem: string): Editable {
  return { type: 'not-editable', problem }
}
