import type { Json } from '../contracts/json'
import type { LeafMark, ReviewLeaf, ReviewLimits } from '../contracts/review'
import { sha256Hex } from '../values/digest'
import type { Redactor } from './redaction'
import { makeVisible } from './visible'

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

/** One text as a leaf: somebody's words, a reason, a note. */
export function leafOf(path: string, text: string, options: LeavesOptions): ReviewLeaf {
  const walk = new Walk(options)
  walk.visit(text, [], path, null)
  return walk.leaves[0] ?? { path, type: 'string', text: '', marks: ['truncated'], omitted: text.length }
}

class Walk {
  readonly leaves: ReviewLeaf[] = []
  readonly #redactor: Redactor
  readonly #limits: ReviewLimits | null
  #charactersLeft: number
  #leftOut = 0
  #cut = 0

  constructor({ redactor, limits }: LeavesOptions) {
    this.#redactor = redactor
    this.#limits = limits
    this.#charactersLeft = limits?.totalCharacters ?? Number.POSITIVE_INFINITY
  }

  missing(what: string): readonly string[] {
    const missing: string[] = []
    if (this.#leftOut > 0) missing.push(`${this.#leftOut} of the ${what} are not shown`)
    if (this.#cut > 0) missing.push(`${this.#cut} of the ${what} are cut short`)
    return missing
  }

  visit(value: Json, steps: readonly string[], path: string, key: string | null): void {
    if ((key !== null && this.#redactor.hidesKey(key, value)) || (steps.length > 0 && this.#redactor.hidesPath(steps))) {
      this.#push({ path, type: typeOf(value), text: '[redacted]', marks: REDACTED, omitted: 0 })
      return
    }
    switch (typeof value) {
      case 'string':
        return this.#text(path, 'string', value)
      case 'number':
        return this.#text(path, 'number', `${value}`)
      case 'boolean':
        return this.#push({ path, type: 'boolean', text: `${value}`, marks: NO_MARKS, omitted: 0 })
      default:
        if (value === null) return this.#push({ path, type: 'null', text: 'null', marks: NO_MARKS, omitted: 0 })
        if (Array.isArray(value)) return this.#list(value, steps, path)
        return this.#object(value as { readonly [key: string]: Json }, steps, path)
    }
  }

  #list(list: readonly Json[], steps: readonly string[], path: string): void {
    if (list.length === 0) return this.#push({ path, type: 'empty list', text: '[]', marks: NO_MARKS, omitted: 0 })
    for (let index = 0; index < list.length; index += 1) {
      this.visit(list[index] as Json, [...steps, `${index}`], `${path}/${index}`, null)
    }
  }

  #object(value: { readonly [key: string]: Json }, steps: readonly string[], path: string): void {
    const tag = value['$type']
    if (typeof tag === 'string') return this.#tagged(tag, value, steps, path)
    this.#entries(value, steps, path)
  }

  #entries(value: { readonly [key: string]: Json }, steps: readonly string[], path: string): void {
    const keys = Object.keys(value)
    if (keys.length === 0) return this.#push({ path, type: 'empty object', text: '{}', marks: NO_MARKS, omitted: 0 })
    for (const key of keys) this.visit(value[key] as Json, [...steps, key], `${path}/${this.#step(key)}`, key)
  }

  /** A key as a step of the path: visible, and without secrets. */
  #step(key: string): string {
    const { text } = makeVisible(this.#redactor.text(key).text)
    return text.includes('~') || text.includes('/') ? text.replaceAll('~', '~0').replaceAll('/', '~1') : text
  }

  #tagged(tag: string, value: { readonly [key: string]: Json }, steps: readonly string[], path: string): void {
    const inner = value['value'] ?? null
    switch (tag) {
      case 'object':
        return this.#entries(inner as { readonly [key: string]: Json }, steps, path)
      case 'live':
        return this.visit(inner, steps, path, null)
      case 'undefined':
        return this.#push({ path, type: 'undefined', text: 'undefined', marks: NO_MARKS, omitted: 0 })
      case 'map':
        return this.#pairs(inner as readonly (readonly [Json, Json])[], steps, path)
      case 'set':
        if ((inner as readonly Json[]).length > 0) return this.#list(inner as readonly Json[], steps, path)
        return this.#push({ path, type: 'set', text: 'empty', marks: NO_MARKS, omitted: 0 })
      case 'bytes':
        return this.#bytes(path, inner as string, value['view'] as string)
      default:
        return this.#text(path, tag, `${inner as string}`)
    }
  }

  /** A map by its keys where they are texts, else pair by pair, so that every leaf has a place of its own. */
  #pairs(pairs: readonly (readonly [Json, Json])[], steps: readonly string[], path: string): void {
    if (pairs.length === 0) return this.#push({ path, type: 'map', text: 'empty', marks: NO_MARKS, omitted: 0 })
    for (const [index, [key, one]] of pairs.entries()) {
      if (typeof key === 'string') {
        this.visit(one, [...steps, key], `${path}/${this.#step(key)}`, key)
        continue
      }
      this.visit(key, [...steps, `${index}`, 'key'], `${path}/${index}/key`, null)
      this.visit(one, [...steps, `${index}`, 'value'], `${path}/${index}/value`, null)
    }
  }

  #bytes(path: string, base64: string, view: string): void {
    const bytes = Buffer.from(base64, 'base64')
    const first = bytes.subarray(0, FIRST_BYTES).toString('hex')
    const rest = bytes.length > FIRST_BYTES ? '…' : ''
    // The digest stands for what nobody would read.
    this.#text(path, 'bytes', `${view}, ${bytes.length} bytes, SHA-256 ${sha256Hex(base64)} of their base64 form, ${first}${rest}`)
  }

  #text(path: string, type: string, raw: string): void {
    const { text: redacted, redacted: hidden } = type === 'bytes' ? { text: raw, redacted: false } : this.#redactor.text(raw)
    const { text, escaped, mixedScript } = makeVisible(redacted)
    const marks: readonly LeafMark[] =
      hidden || escaped || mixedScript
        ? [...(hidden ? (['redacted'] as const) : []), ...(escaped ? (['escaped'] as const) : []), ...(mixedScript ? (['mixed-script'] as const) : [])]
        : NO_MARKS
    this.#push({ path, type, text, marks, omitted: 0 })
  }

  #push(leaf: ReviewLeaf): void {
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
  let end = room
  // Never inside an escape or a surrogate pair: half of one reads as something else.
  const open = leaf.text.lastIndexOf('⟦', end - 1)
  if (open !== -1 && leaf.text.indexOf('⟧', open) >= end) end = open
  const last = leaf.text.charCodeAt(end - 1)
  if (last >= 0xd800 && last <= 0xdbff) end -= 1
  return { ...leaf, text: leaf.text.slice(0, end), marks: [...leaf.marks, 'truncated'], omitted: leaf.text.length - end }
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value !== 'object') return typeof value
  const tag = (value as { readonly [key: string]: Json })['$type']
  return typeof tag === 'string' && tag !== 'object' ? tag : 'object'
}
