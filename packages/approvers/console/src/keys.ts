import { StringDecoder } from 'node:string_decoder'

/** Keys that stand for no character. */
export type NamedKey =
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'delete'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'clear-line'
  | 'clear-word'
  | 'interrupt'
  | 'suspend'
  | 'other'

/** What a person did at the keyboard. Only `text` is one key press for one character; `paste` never decides anything. */
export type Input =
  | { readonly type: 'key'; readonly key: NamedKey }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'paste'; readonly text: string }

const ESC = '\u001b'
const pasteStart = `${ESC}[200~`
const pasteEnd = `${ESC}[201~`
/** A control sequence, an `ESC O x`, or Alt with a key. */
const sequence = new RegExp(`^${ESC}(?:\\[[0-9;?<=>]*[ -/]*[@-~]|O[@-~]|[^${ESC}[O])`)

const sequences: Readonly<Record<string, NamedKey>> = {
  '[D': 'left',
  OD: 'left',
  '[C': 'right',
  OC: 'right',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[3~': 'delete',
}

const controls: Readonly<Record<string, NamedKey>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0001': 'home',
  '\u0002': 'left',
  '\u0003': 'interrupt',
  '\u0004': 'other',
  '\u0005': 'end',
  '\u0006': 'right',
  '\u0015': 'clear-line',
  '\u0017': 'clear-word',
  '\u001a': 'suspend',
}

/**
 * Makes a decoder of what a terminal in raw mode sends, one chunk at a time. A chunk of several characters was pasted
 * or typed ahead: its characters and line ends come as one `paste`. Ctrl-C is told apart in whatever it stands.
 */
export function createKeyDecoder(): (chunk: Uint8Array | string) => Input[] {
  const utf8 = new StringDecoder('utf8')
  let pasted: string | null = null

  return (chunk) => {
    const inputs: Input[] = []
    let rest = typeof chunk === 'string' ? chunk : utf8.write(Buffer.from(chunk))
    while (rest !== '') {
      if (pasted !== null) {
        const end = rest.indexOf(pasteEnd)
        pasted += end < 0 ? rest : rest.slice(0, end)
        if (end < 0) break
        inputs.push({ type: 'paste', text: pasted })
        pasted = null
        rest = rest.slice(end + pasteEnd.length)
        continue
      }
      if (rest.startsWith(pasteStart)) {
        pasted = ''
        rest = rest.slice(pasteStart.length)
        continue
      }
      const [input, length] = next(rest)
      inputs.push(input)
      rest = rest.slice(length)
    }
    return inputs.length > 1 ? joinTyped(inputs) : inputs
  }
}

function next(text: string): [Input, number] {
  if (text.startsWith(ESC)) {
    const found = sequence.exec(text)?.[0]
    if (found === undefined) return [{ type: 'key', key: 'escape' }, 1]
    return [{ type: 'key', key: sequences[found.slice(1)] ?? 'other' }, found.length]
  }
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0)
  const control = controls[character]
  if (control !== undefined) return [{ type: 'key', key: control }, 1]
  if (character < ' ') return [{ type: 'key', key: 'other' }, 1]
  return [{ type: 'text', text: character }, character.length]
}

/** Several inputs of one chunk: characters and Enter lose their meaning as keys. */
function joinTyped(inputs: readonly Input[]): Input[] {
  const joined: Input[] = []
  for (const input of inputs) {
    const text = input.type !== 'key' ? input.text : input.key === 'enter' ? '\n' : null
    const last = joined.at(-1)
    if (text === null) joined.push(input)
    else if (last?.type === 'paste') joined[joined.length - 1] = { type: 'paste', text: last.text + text }
    else joined.push({ type: 'paste', text })
  }
  return joined
}
