/** As wide as the narrowest terminal that people still use. */
export const HELP_WIDTH = 80

/** A line with what it is about, and what is said of that: an option, a command, an exit code. */
const ENTRY = /^( {2}\S.*?)(?: {2,}(\S.*))?$/

/**
 * Sets the text of a help for a terminal of 80 columns. Prose is one paragraph up to an empty line, what is for an option
 * goes on in its own column; usage and examples, which people copy, stay as they are.
 */
export function wrapHelp(text: string, width = HELP_WIDTH): string {
  const lines: string[] = []
  let open: { readonly lead: string; words: string } | null = null
  let copied = false
  const flush = (): void => {
    if (open !== null) lines.push(...hang(open.lead, open.words, width))
    open = null
  }
  for (const line of text.split('\n')) {
    const entry = ENTRY.exec(line)
    if (line === '' || /^\S.*:$|^Usage:/.test(line)) {
      flush()
      copied = /^(?:Usage|Examples?):/.test(line)
      lines.push(line)
    } else if (copied) lines.push(line)
    else if (entry !== null) {
      flush()
      const [, names = '', words = ''] = entry
      open = { lead: names.padEnd(line.length - words.length), words }
    } else if (open === null || /^Exit codes:/.test(line)) {
      flush()
      open = { lead: '', words: line }
    } else open = { lead: open.lead, words: `${open.words} ${line.trim()}` }
  }
  flush()
  return lines.join('\n')
}

/** Words that begin behind `lead`, and go on below their own beginning. */
export function hang(lead: string, words: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = lead
  for (const word of words.split(/ +/)) {
    const isFirst = line.length === lead.length
    if (isFirst || line.length + 1 + word.length <= width) {
      line = isFirst ? `${line}${word}` : `${line} ${word}`
      continue
    }
    lines.push(line)
    line = `${' '.repeat(lead.length)}${word}`
  }
  lines.push(line.trimEnd())
  return lines
}

/** What a help says of one option. */
export interface OptionWords {
  /** What stands for its value: `FILE`, `ocsf|csv`; `null` for one without a value. */
  readonly value: string | null
  /** What it is for: the first sentence. */
  readonly about: string
}

/** What a help says of its options, by their long names. */
export function optionWords(help: string): ReadonlyMap<string, OptionWords> {
  const found = new Map<string, OptionWords>()
  // Set very wide, what is for an option stands in one line.
  for (const line of wrapHelp(help, Number.POSITIVE_INFINITY).split('\n')) {
    const match = /^ {2}(?:-\w, )?--([\w-]+)(?: (\S+))? {2,}(.*)$/.exec(line)
    const [, name, value, about] = match ?? []
    if (name === undefined || about === undefined) continue
    found.set(name, { value: value ?? null, about: about.split(/[.:](?: |$)/)[0] ?? about })
  }
  return found
}
