/** Deeper than any action's arguments; a parser that calls itself would run out of stack. */
const DEEPEST = 100

/** The value of a JSON text; `undefined` for what is none, or is nested too deep. Never throws. */
export function parseJson(text: string): unknown {
  if (depthOf(text) > DEEPEST) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The text of bytes in UTF-8, or `null`: half a character is no character. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (mark === '[' || mark === '{') depth += 1
    else if (mark === ']' || mark === '}') depth -= 1
    if (depth > deepest) deepest = depth
  }
  return deepest
}
