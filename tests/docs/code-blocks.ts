/** A fenced TypeScript block of a Markdown document. */
export interface CodeBlock {
  readonly document: string
  /** The line of the document on which the code starts, counted from 1. */
  readonly line: number
  /** What the fence says after the language. */
  readonly info: string
  /** The name that the block's first line gives it, `// file: name.ts`, or one after its line. */
  readonly file: string
  readonly text: string
}

const opening = /^(\s*(?:>\s?)*)(`{3,}|~{3,})\s*(ts|typescript|mts)\b(.*)$/
const fileName = /^\s*\/\/ file: (\S+\.m?ts)\s*$/

/** The TypeScript blocks of a document, in their order. */
export function codeBlocks(document: string, markdown: string): CodeBlock[] {
  const lines = markdown.split(/\r?\n/)
  const blocks: CodeBlock[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', fence = '', , info = ''] = opening.exec(lines[at] ?? '') ?? []
    if (fence === '') continue
    const end = lines.findIndex((line, index) => index > at && line.slice(indent.length).startsWith(fence))
    const code = lines.slice(at + 1, end < 0 ? undefined : end).map((line) => line.slice(indent.length))
    const line = at + 2
    const named = fileName.exec(code[0] ?? '')?.[1]
    blocks.push({ document, line, info, file: named ?? `line-${line}.ts`, text: code.join('\n') })
    at += code.length + 1
  }
  return blocks
}
