/** What stands in a page, found by a parser that forgives nothing. */
export interface Page {
  readonly tags: ReadonlySet<string>
  readonly attributes: ReadonlySet<string>
  readonly ids: readonly string[]
  readonly links: readonly string[]
  /** All text between tags, as a reader sees it. */
  readonly text: string
}

const TAG = /^<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z-]+="[^"<>]*")*)( ?\/)?>/
const ATTRIBUTE = / ([a-zA-Z-]+)="([^"<>]*)"/g
const ENTITY = /&(?:amp|lt|gt|quot|#39);/

/** Reads a page as XML would be read. @throws Error at the first thing that is not well-formed */
export function readPage(html: string): Page {
  const doctype = '<!DOCTYPE html>\n'
  if (!html.startsWith(doctype)) throw new Error('there is no doctype')
  const tags = new Set<string>()
  const attributes = new Set<string>()
  const ids: string[] = []
  const links: string[] = []
  const open: string[] = []
  let text = ''
  for (let at = doctype.length; at < html.length; ) {
    const next = html.indexOf('<', at)
    const between = html.slice(at, next === -1 ? undefined : next)
    // A style is read as it is; nothing else is.
    if (open.at(-1) !== 'style') text += decode(between)
    if (next === -1) break
    const found = TAG.exec(html.slice(next, next + 20_000))
    if (found === null) throw new Error(`no tag at ${next}: ${html.slice(next, next + 80)}`)
    const [whole, closing, name = '', given = '', selfClosing] = found
    tags.add(name)
    if (closing === '/') {
      const expected = open.pop()
      if (expected !== name) throw new Error(`</${name}> closes <${expected}> at ${next}`)
    } else if (selfClosing === undefined) open.push(name)
    for (const [, attribute = '', value = ''] of given.matchAll(ATTRIBUTE)) {
      attributes.add(attribute)
      if (attribute === 'id') ids.push(decode(value))
      if (attribute === 'href') links.push(decode(value))
      decode(value)
    }
    at = next + whole.length
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is never closed`)
  return { tags, attributes, ids, links, text }
}

const CHARACTERS: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

function decode(text: string): string {
  return text.replace(/&[^;&]{0,8};?/g, (entity) => {
    if (!ENTITY.test(entity)) throw new Error(`a bare or unknown entity: ${entity}`)
    return CHARACTERS[entity] ?? ''
  })
}
