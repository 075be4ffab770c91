import type { Json } from '../contracts/json'
import type { ReviewContent, ReviewLeaf } from '../contracts/review'
import { readStep, writtenSteps } from '../values/pointer'

/** The arguments of a document as a tree, for a person to change in a form or an editor. */
export interface ShownArguments {
  /** Texts and keys as they are shown, hidden characters escaped; values with a type of their own in their encoding. */
  readonly value: Json
  /** What cannot be changed here, by JSON Pointer, and why in words. In `value` a text holds its place. */
  readonly held: ReadonlyMap<string, string>
}

/** A place in the tree: what is shown there, or what is below it. */
export type ShownNode =
  | { readonly type: 'leaf'; readonly value: Json; readonly held: string | null }
  | { readonly type: 'branch'; readonly children: Map<string, ShownNode> }

/**
 * Puts the arguments together again from what a document shows of them. {@link editsBetween} tells what a person changed.
 *
 * A pointer does not tell a list from an object whose keys are 0, 1, 2, …: it is taken for a list.
 */
export function shownArguments(content: Pick<ReviewContent, 'arguments'>): ShownArguments {
  const held = new Map<string, string>()
  const root = shownTree(content)
  walk(root, '', held)
  return { value: jsonOf(root), held }
}

/** The same as nodes. */
export function shownTree({ arguments: leaves }: Pick<ReviewContent, 'arguments'>): ShownNode {
  let root: ShownNode = { type: 'branch', children: new Map() }
  for (const leaf of leaves) {
    const node = nodeOf(leaf)
    if (leaf.path === '') root = node
    else plant(root, writtenSteps(leaf.path), node)
  }
  return root
}

/** The JSON of a place. */
export function jsonOf(node: ShownNode): Json {
  if (node.type === 'leaf') return node.value
  const entries = [...node.children].map(([step, child]): [string, Json] => [readStep(step), jsonOf(child)])
  return isListNode(node) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

/** Whether what is below a place are the elements of a list. */
export function isListNode({ children }: Extract<ShownNode, { type: 'branch' }>): boolean {
  return children.size > 0 && [...children.keys()].every((step, index) => step === `${index}`)
}

function nodeOf(leaf: ReviewLeaf): ShownNode {
  const { text, type } = leaf
  const held = obstacle(leaf)
  const shown = type === 'map' || type === 'set' ? `${type} ${text}` : text
  return { type: 'leaf', value: held === null ? (READ[type]?.(text, type) ?? null) : shown, held }
}

function obstacle({ marks, omitted, type }: ReviewLeaf): string | null {
  if (marks.includes('redacted')) return 'is redacted'
  if (omitted > 0 || marks.includes('truncated')) return 'is not shown in full'
  return Object.hasOwn(READ, type) ? null : `is of type ${type}`
}

/** What can be changed, and how its value is read from what is shown of it. */
const READ: Readonly<Record<string, (text: string, type: string) => Json>> = {
  string: (text) => text,
  number: (text, type) =>
    Number.isFinite(Number(text)) && !Object.is(Number(text), -0) ? Number(text) : tagged(text, type),
  boolean: (text) => text === 'true',
  null: () => null,
  undefined: () => ({ $type: 'undefined' }),
  'empty object': () => ({}),
  'empty list': () => [],
  date: tagged,
  bigint: tagged,
  url: tagged,
}

function tagged(value: string, $type: string): Json {
  return { $type, value }
}

function plant(root: ShownNode, steps: readonly string[], node: ShownNode): void {
  let branch = root
  for (const [index, step] of steps.entries()) {
    // Below what is held (the entries of a map) nothing can be changed.
    if (branch.type === 'leaf') return
    if (index === steps.length - 1) branch.children.set(step, node)
    const next = branch.children.get(step) ?? { type: 'branch', children: new Map() }
    branch.children.set(step, next)
    branch = next
  }
}

function walk(node: ShownNode, path: string, held: Map<string, string>): void {
  if (node.type === 'leaf') {
    if (node.held !== null) held.set(path, node.held)
    return
  }
  for (const [step, child] of node.children) walk(child, `${path}/${step}`, held)
}
