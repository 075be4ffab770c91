import {
  type Json,
  type JsonObject,
  type ReviewContent,
  type ReviewLeaf,
  readVisible,
} from '@gatewright/core'

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

type Branch = Map<string, Branch | Leaf>

interface Leaf {
  readonly value: Json
}

const TAGGED: ReadonlySet<string> = new Set(['date', 'bigint', 'url'])
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
      return TAGGED.has(type) ? { $type: type, value: readVisible(text) } : readVisible(text)
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
  return readVisible(step.replaceAll('~1', '/').replaceAll('~0', '~'))
}
