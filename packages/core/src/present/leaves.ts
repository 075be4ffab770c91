import type { Json, JsonObject } from '../contracts/json'
import type { LeafMark, ReviewLeaf, ReviewLimits } from '../contracts/review'
import { sha256Hex } from '../values/digest'
import type { Redactor } from './redaction'
import { isList, type StepNamer, stepNamer, typeTag } from './shown-steps'
import { cutVisible, makeVisible } from './visible'

/** How a tree is to be shown. */
export interface LeavesOptions {
  readonly redactor: Redactor
  /** `null`: everything. */
  readonly limits: ReviewLimits | null
}

/** A tree as leaves, and what of it is left out, in words. */
export interface Leaves {
  readonly leaves: readonly ReviewLeaf[]
  readonly missing: readonly string[]
}

const NO_MARKS: readonly LeafMark[] = []
const REDACTED: readonly LeafMark[] = ['redacted']
const FIRST_BYTES = 32
const MOST_BYTES_READ = 65_536

/**
 * The leaves of a tree in the snapshot's encoding, in its order. Every leaf is shown, or redacted, or declared missing
 * (I9, T14). Hidden characters are escaped before anything is cut, so that nothing can hide past the cut (T15).
 *
 * @param what - names the tree in `missing`: "arguments"
 */
export function leavesOf(tree: Json, what: string, options: LeavesOptions): Leaves {
  const walk = new Walk(options)
  walk.visit(tree, [], '', null)
  return { leaves: walk.leaves, missing: walk.missing(what) }
}

/** The same with nothing left out. */
export function allLeaves(tree: Json, redactor: Redactor): readonly ReviewLeaf[] {
  return leavesOf(tree, '', { redactor, limits: null }).leaves
}

/** What the log says of leaves: `[JSON Pointer, redacted text]` for each. */
export function leavesData(leaves: readonly ReviewLeaf[]): Json {
  // A list, not an object: paths are the agent's, and an object's keys would have to be sorted.
  return leaves.map(({ path, text }) => [path, text])
}

/** One text as a leaf: somebody's words, a reason, a note. */
export function leafOf(path: string, text: string, options: LeavesOptions): ReviewLeaf {
  const walk = new Walk(options)
  walk.visit(text, [], path, null)
  return walk.leaves[0] ?? { marks: ['truncated'], omitted: text.length, path, text: '', type: 'string' }
}

class Walk {
  readonly leaves: ReviewLeaf[] = []
  readonly #redactor: Redactor
  readonly #limits: ReviewLimits | null
  readonly #step: StepNamer
  #charactersLeft: number
  #leftOut = 0
  #cut = 0

  constructor({ redactor, limits }: LeavesOptions) {
    this.#redactor = redactor
    this.#step = stepNamer(redactor)
    this.#limits = limits
    this.#charactersLeft = limits?.totalCharacters ?? Number.POSITIVE_INFINITY
  }

  missing(what: string): readonly string[] {
    const missing: string[] = []
    if (this.#leftOut > 0) missing.push(`${this.#leftOut} of the ${what} are not shown`)
    if (this.#cut > 0) missing.push(`${this.#cut} of the ${what} are cut short`)
    return missing
  }

  /** `steps` is one list for the whole walk: whoever adds a step takes it off again. */
  visit(value: Json, steps: string[], path: string, key: string | null): void {
    if (
      (key !== null && this.#redactor.hidesKey(key, value)) ||
      (steps.length > 0 && this.#redactor.hidesPath(steps))
    )
      this.#leaf(path, typeOf(value), '[redacted]', REDACTED)
    else if (typeof value === 'string' || typeof value === 'number')
      this.#text(path, typeof value, `${value}`)
    else if (typeof value !== 'object' || value === null) this.#leaf(path, typeOf(value), `${value}`)
    else if (isList(value)) this.#list(value, steps, path)
    else if (typeof value.$type === 'string') this.#tagged(value.$type, value, steps, path)
    else this.#entries(value, steps, path)
  }

  #list(list: readonly Json[], steps: string[], path: string): void {
    if (list.length === 0) {
      this.#leaf(path, 'empty list', '[]')
      return
    }
    for (let index = 0; index < list.length; index += 1) {
      this.#member(list[index] as Json, steps, `${index}`, `${path}/${index}`, null)
    }
  }

  #entries(value: JsonObject, steps: string[], path: string): void {
    const keys = Object.keys(value)
    if (keys.length === 0) {
      this.#leaf(path, 'empty object', '{}')
      return
    }
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string
      this.#member(value[key] as Json, steps, key, `${path}/${this.#step(key, index)}`, key)
    }
  }

  #member(value: Json, steps: string[], step: string, path: string, key: string | null): void {
    steps.push(step)
    this.visit(value, steps, path, key)
    steps.pop()
  }

  #tagged(tag: string, value: JsonObject, steps: string[], path: string): void {
    const inner = value.value ?? null
    switch (tag) {
      case 'object':
        this.#entries(inner as JsonObject, steps, path)
        return
      case 'live':
        this.#leaf(path, 'live', 'a live value, known by these facts')
        this.visit(inner, steps, `${path}/facts`, null)
        return
      case 'undefined':
        this.#leaf(path, 'undefined', 'undefined')
        return
      case 'map':
        this.#pairs(inner as readonly (readonly [Json, Json])[], steps, path)
        return
      case 'set':
        this.#set(inner as readonly Json[], steps, path)
        return
      case 'bytes':
        this.#bytes(path, inner as string, value.view as string)
        return
      default:
        this.#text(path, tag, `${inner as string}`)
        return
    }
  }

  /** Says that it is a map, which an object would not be; then by its keys where all are texts, else pair by pair. */
  #pairs(pairs: readonly (readonly [Json, Json])[], steps: string[], path: string): void {
    this.#size(path, 'map', pairs)
    // All or none: the paths of both forms could meet (T14).
    const named = pairs.every(([key]) => typeof key === 'string')
    for (const [index, [key, one]] of pairs.entries()) {
      if (named) {
        this.#member(one, steps, key as string, `${path}/${this.#step(key as string, index)}`, key as string)
        continue
      }
      steps.push(`${index}`)
      this.#member(key, steps, 'key', `${path}/${index}/key`, null)
      this.#member(one, steps, 'value', `${path}/${index}/value`, typeof key === 'string' ? key : null)
      steps.pop()
    }
  }

  #set(members: readonly Json[], steps: string[], path: string): void {
    this.#size(path, 'set', members)
    if (members.length > 0) this.#list(members, steps, path)
  }

  #size(path: string, type: string, { length }: readonly unknown[]): void {
    this.#leaf(path, type, length === 0 ? 'empty' : `of ${length}`)
  }

  #bytes(path: string, base64: string, view: string): void {
    const bytes = Buffer.from(base64, 'base64')
    const what = `${view}, ${bytes.length} bytes, `
    // T43: a secret is one in bytes, too.
    if (
      bytes.length > 0 &&
      this.#redactor.text(bytes.subarray(0, MOST_BYTES_READ).toString('latin1')).redacted
    ) {
      this.#leaf(path, 'bytes', `${what}[redacted]`, REDACTED)
      return
    }
    // The digest stands for what nobody would read.
    const first = bytes.subarray(0, FIRST_BYTES).toString('hex')
    const rest = bytes.length > FIRST_BYTES ? '…' : ''
    this.#leaf(path, 'bytes', `${what}SHA-256 ${sha256Hex(bytes)}, ${first}${rest}`)
  }

  #text(path: string, type: string, raw: string): void {
    const { text: redacted, redacted: hidden } = this.#redactor.text(raw)
    const { text, escaped, mixedScript } = makeVisible(redacted)
    const marks: LeafMark[] = []
    if (hidden) marks.push('redacted')
    if (escaped) marks.push('escaped')
    if (mixedScript) marks.push('mixed-script')
    this.#leaf(path, type, text, marks)
  }

  #leaf(path: string, type: string, text: string, marks = NO_MARKS): void {
    const leaf: ReviewLeaf = { marks, omitted: 0, path, text, type }
    const limits = this.#limits
    if (limits === null) {
      this.leaves.push(leaf)
      return
    }
    const room = Math.min(limits.leafCharacters, this.#charactersLeft - leaf.path.length)
    if (this.leaves.length >= limits.leaves || room < 1) {
      this.#leftOut += 1
      return
    }
    const shown = leaf.text.length <= room ? leaf : cutLeaf(leaf, room)
    if (shown !== leaf) this.#cut += 1
    this.#charactersLeft -= shown.text.length + leaf.path.length
    this.leaves.push(shown)
  }
}

function cutLeaf(leaf: ReviewLeaf, room: number): ReviewLeaf {
  const text = cutVisible(leaf.text, room)
  return { ...leaf, marks: [...leaf.marks, 'truncated'], omitted: leaf.text.length - text.length, text }
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (isList(value)) return 'list'
  if (typeof value !== 'object') return typeof value
  return typeTag(value) ?? 'object'
}
