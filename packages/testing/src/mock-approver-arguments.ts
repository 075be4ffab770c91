import type { Json, JsonObject, ReviewContent, ReviewLeaf } from '@gatewright/core'

/**
 * The named arguments as a document shows them, in the snapshot's JSON encoding (`{ $type: 'date', value }`). What is
 * hidden or cut stands there as it is shown.
 */
export function shownArguments(content: Pick<ReviewContent, 'arguments'>): JsonObject {
  const root: Branch = new Map()
  for (const leaf of content.arguments) {
    if (leaf.path === '') return {}
    plant(root, leaf.path.slice(1).split('/').map(readStep), leafValue(leaf))
  }
  return Object.fromEntries([...root].map(([name, child]) => [name, grow(child)]))
}

/**
 * The same, for editing: an edit states every argument, and nobody can state what is not shown.
 *
 * @throws Error naming the argument that is hidden, cut, or of a type without a plain JSON form
 */
export function editableArguments(content: ReviewContent): JsonObject {
  const hidden = content.arguments.find((leaf) =>
    leaf.marks.some((mark) => mark === 'redacted' || mark === 'truncated'),
  )
  const opaque = content.arguments.find(({ type }) => !EDITABLE.has(type))
  const [problem] = [
    hidden && `the argument ${hidden.path} is not shown in full`,
    opaque && `the argument ${opaque.path} is of type ${opaque.type}`,
    content.missing.length > 0 && content.missing.join('; '),
  ].filter(Boolean)
  if (problem) throw new Error(`the mock approver cannot edit this call: ${problem}. Nothing was decided.`)
  return shownArguments(content)
}

type Branch = Map<string, Branch | Leaf>

interface Leaf {
  readonly value: Json
}

const TAGGED: ReadonlySet<string> = new Set(['date', 'bigint', 'url'])
const EDITABLE: ReadonlySet<string> = new Set([
  ...TAGGED,
  'string',
  'number',
  'boolean',
  'null',
  'undefined',
  'empty object',
  'empty list',
])

function leafValue({ type, text, marks }: ReviewLeaf): Json {
  if (marks.includes('redacted') || marks.includes('truncated')) return text
  switch (type) {
    case 'number':
      return readNumber(text)
    case 'boolean':
      return text === 'true'
    case 'null':
      return null
    case 'undefined':
      return { $type: 'undefined' }
    case 'empty object':
      return {}
    case 'empty list':
      return []
    default:
      return TAGGED.has(type) ? { $type: type, value: unescaped(text) } : unescaped(text)
  }
}

function readNumber(text: string): Json {
  const number = Number(text)
  return Number.isFinite(number) && !Object.is(number, -0) ? number : { $type: 'number', value: text }
}

function plant(root: Branch, steps: readonly string[], value: Json): void {
  let branch = root
  for (const [index, step] of steps.entries()) {
    if (index === steps.length - 1) {
      branch.set(step, { value })
      return
    }
    const child = branch.get(step)
    const next: Branch = child instanceof Map ? child : new Map()
    branch.set(step, next)
    branch = next
  }
}

/** A pointer does not tell a list from an object with the keys 0, 1, 2, ...: it is taken for a list. */
function grow(child: Branch | Leaf): Json {
  if (!(child instanceof Map)) return child.value
  const entries = [...child].map(([key, inner]): [string, Json] => [key, grow(inner)])
  const isList = entries.every(([key], index) => key === String(index))
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

function readStep(step: string): string {
  return unescaped(step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Hidden characters are shown as `⟦U+202E⟧`. */
function unescaped(text: string): string {
  return text.replace(/⟦U\+([0-9A-F]{4,6})⟧/g, (_all, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  )
}
