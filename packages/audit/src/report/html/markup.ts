import { COMMITTED, type NamedPerson } from '../../decisions'
import { readableTime } from '../times'
import { visibleText } from '../visible-text'

/** Markup that is safe to stand in the page. Made by the functions of this file alone; never of a text of the log as it is. */
export type Markup = string & { readonly __markup: true }

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Builds markup. Every value that is put in is text, made visible and escaped (T15, T16), unless it is markup itself, or
 * a list of it.
 */
export function html(strings: TemplateStringsArray, ...values: readonly (Built | string | number)[]): Markup {
  let built = strings[0] ?? ''
  for (const [at, value] of values.entries()) built += `${put(value)}${strings[at + 1] ?? ''}`
  return built as Markup
}

/** Markup as {@link html} takes it: told apart from text by its object, so that no text can pass for it. */
export type Built = { readonly markup: Markup } | readonly { readonly markup: Markup }[]

/** Marks a constant of the program as markup. Never to be given a text of a log. */
export function constant(text: string): Built {
  return { markup: text as Markup }
}

/** {@link html}, ready to be put into other markup. */
export function part(
  strings: TemplateStringsArray,
  ...values: readonly (Built | string | number)[]
): { readonly markup: Markup } {
  return { markup: html(strings, ...values) }
}

/** Nothing. */
export const NOTHING: Built = []

function put(value: Built | string | number): string {
  if (typeof value === 'number') return value.toLocaleString('en-US')
  if (typeof value === 'string') return escaped(value)
  return isList(value) ? value.map(({ markup }) => markup).join('') : value.markup
}

function isList(value: Built): value is readonly { readonly markup: Markup }[] {
  return Array.isArray(value)
}

function escaped(text: string): string {
  return visibleText(text).text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** A text of the log, with a mark beside it where its letters pass for others. */
export function said(text: string): Built {
  if (text === COMMITTED) return part`<em class="committed">committed</em>`
  return visibleText(text).mixedScript ? part`${text} <span class="mark">mixes scripts</span>` : part`${text}`
}

/** A text that may have several lines. */
export function quoted(text: string): Built {
  return part`<q>${said(text)}</q>`
}

/** A digest or an id: set in a fixed width, and broken anywhere. */
export function code(text: string): Built {
  return part`<code>${text}</code>`
}

/** A time, readable by people and programs. */
export function time(at: number): Built {
  const text = readableTime(at)
  return part`<time>${text}</time>`
}

/** Somebody: name above, identity below. */
export function person(who: NamedPerson | null): Built {
  if (who === null) return part`<span class="none">nobody</span>`
  const { issuer, name, subject } = who
  const identity = part`<span class="identity">${said(subject)} at ${said(issuer)}</span>`
  return name === null
    ? part`<span class="person">${identity}</span>`
    : part`<span class="person"><b>${said(name)}</b> ${identity}</span>`
}

/** A row of a list of facts; nothing where there is nothing to say. */
export function fact(name: string, value: Built | null): Built {
  return value === null ? NOTHING : part`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

/** A table with a caption and headers. Scrolls by itself where it is too wide. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly Built[],
  className = '',
): Built {
  return part`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="${className}"><caption>${caption}</caption><thead><tr>${heads.map(headCell)}</tr></thead><tbody>${rows.flat()}</tbody></table></div>`
}

/** What counts stand under is set to the right, as they are. */
function headCell(head: string) {
  return COUNTS.has(head)
    ? part`<th scope="col" class="number">${head}</th>`
    : part`<th scope="col">${head}</th>`
}

const COUNTS: ReadonlySet<string> = new Set([
  'Number',
  'Entries',
  'Approvals',
  'Rejections',
  'Actions',
  'Let run',
  'Uses',
  'No.',
  'Valid from entry',
  'To entry',
])
