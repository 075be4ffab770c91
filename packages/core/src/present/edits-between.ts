import type { ArgumentEdit } from '../contracts/approver'
import type { Json, JsonObject } from '../contracts/json'
import type { ReviewContent } from '../contracts/review'
import { canonicalize } from '../values/canonical'
import { pointerStep, readStep } from '../values/pointer'
import { isListNode, jsonOf, type ShownNode, shownTree } from './editable'
import { isList, typeTag } from './shown-steps'
import { makeVisible, readVisible } from './visible'

/** What a person changed, or what they cannot change, in words that name the place. */
export type EditsBetween = { readonly edits: readonly ArgumentEdit[] } | { readonly problem: string }

/**
 * The changes between what {@link shownArguments} gave a person and what came back: only those, so that nothing is sent
 * that nobody touched. Escapes become the characters they stand for. What is held must stay as it is shown, where it is; it
 * may be removed. In a list whose length changed, elements are told apart by what is shown of them, and where that does not
 * tell which hidden value is meant, the change is refused.
 */
export function editsBetween(content: Pick<ReviewContent, 'arguments'>, after: Json): EditsBetween {
  if (!isJson(after)) return { problem: 'It holds a number or a text that JSON cannot say.' }
  const root = shownTree(content)
  const comparison = new Comparison(root)
  try {
    comparison.compare(root, after, '')
    return { edits: comparison.edits }
  } catch (error) {
    if (error instanceof Unclear) return { problem: error.message }
    throw error
  }
}

class Unclear extends Error {}

class Comparison {
  readonly edits: ArgumentEdit[] = []
  readonly #placeholders: ReadonlySet<string>

  constructor(root: ShownNode) {
    this.#placeholders = new Set(heldIn(root).map((node) => `${node.value}`))
  }

  compare(node: ShownNode, after: Json, path: string): void {
    if (same(jsonOf(node), after)) return
    if (node.type === 'leaf') {
      if (node.held !== null) throw new Unclear(`${path} ${node.held}, so it can only be removed here.`)
      if (isList(node.value) && isList(after)) this.#append(after, 0, path)
      else if (isEmptyObject(node.value) && isPlain(after)) this.#members(new Map(), after, path)
      else this.#set(path, after)
      return
    }
    if (isListNode(node) && isList(after)) this.#list([...node.children.values()], after, path)
    else if (!isListNode(node) && isObject(after) && (isPlain(after) || node.children.has('$type')))
      this.#members(node.children, after, path)
    else {
      if (heldIn(node).length > 0)
        throw new Unclear(`${path || 'the root'} holds something that is not shown.`)
      this.#set(path, after)
    }
  }

  #members(before: ReadonlyMap<string, ShownNode>, after: JsonObject, path: string): void {
    for (const [step, child] of before) {
      const name = readStep(step)
      if (!Object.hasOwn(after, name)) this.edits.push({ path: `${path}/${step}`, remove: true })
      else this.compare(child, after[name] as Json, `${path}/${step}`)
    }
    for (const [name, value] of Object.entries(after)) {
      if (before.has(pointerStep(name).slice(1))) continue
      this.#set(path + pointerStep(makeVisible(readVisible(name)).text), value)
    }
  }

  #list(before: readonly ShownNode[], after: readonly Json[], path: string): void {
    const ends = [before, after].map((list) => list.length)
    const shorter = Math.min(...ends)
    let start = 0
    while (start < shorter && same(jsonOf(before[start] as ShownNode), after[start] as Json)) start += 1
    let tail = 0
    while (
      tail < shorter - start &&
      same(jsonOf(before[before.length - 1 - tail] as ShownNode), after[after.length - 1 - tail] as Json)
    )
      tail += 1
    const longer = after.length - before.length
    if (longer < 0 && start + tail === after.length) {
      this.#drop(before, start, -longer, path)
      return
    }
    // Elements moved: whose hidden value goes where cannot be told.
    const moved = before.slice(start).some((node) => heldIn(node).length > 0)
    if (longer !== 0 && start < before.length && moved)
      throw new Unclear(
        `${path} holds something that is not shown: add at its end, or remove elements, without changing others.`,
      )
    for (const [index, node] of before.entries()) {
      if (index < after.length) this.compare(node, after[index] as Json, `${path}/${index}`)
      else this.edits.push({ path: `${path}/${index}`, remove: true })
    }
    this.#append(after, before.length, path)
  }

  #drop(before: readonly ShownNode[], start: number, count: number, path: string): void {
    for (let index = start; index < start + count; index += 1) {
      const node = before[index] as ShownNode
      const twin = before.some((one, at) => at !== index && same(jsonOf(one), jsonOf(node)))
      if (twin && heldIn(node).length > 0)
        throw new Unclear(`${path} holds elements that look alike, so which one to remove cannot be told.`)
      this.edits.push({ path: `${path}/${index}`, remove: true })
    }
  }

  #append(after: readonly Json[], from: number, path: string): void {
    for (let index = from; index < after.length; index += 1)
      this.#set(`${path}/${index}`, after[index] as Json)
  }

  #set(path: string, value: Json): void {
    const real = this.#real(value, path)
    this.edits.push({ path, value: real })
  }

  /** The value that a person means by what they wrote. */
  #real(value: Json, path: string): Json {
    if (typeof value === 'string') {
      // T43: what stands for a hidden value is none.
      if (this.#placeholders.has(value)) throw new Unclear(`${path} would become a placeholder: "${value}".`)
      return readVisible(value)
    }
    if (isList(value)) return value.map((one, index) => this.#real(one, `${path}/${index}`))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        readVisible(name),
        this.#real(one, path + pointerStep(name)),
      ]),
    )
  }
}

function heldIn(node: ShownNode): readonly Extract<ShownNode, { type: 'leaf' }>[] {
  if (node.type === 'leaf') return node.held === null ? [] : [node]
  return [...node.children.values()].flatMap(heldIn)
}

function same(one: Json, other: Json): boolean {
  return canonicalize(one) === canonicalize(other)
}

/** `1e999` reads as an infinity. */
function isJson(value: Json): boolean {
  try {
    return canonicalize(value) !== ''
  } catch {
    return false
  }
}

function isEmptyObject(value: Json): boolean {
  return isPlain(value) && Object.keys(value).length === 0
}

function isPlain(value: Json): value is JsonObject {
  return isObject(value) && typeTag(value) === null
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value)
}
