import type { Readable } from 'node:stream'

/** What a line may have at most: messages are lines, and one without an end would fill the memory. */
const MAX_LINE = 64 * 2 ** 20

/**
 * The lines of a stream, with their ends, as they came. A last line without an end is given as well.
 *
 * @throws Error for a line that is too long
 */
export async function* linesOf(stream: Readable): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    let rest = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string)
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      yield Buffer.concat([...parts, rest.subarray(0, end + 1)])
      rest = rest.subarray(end + 1)
      parts = []
      size = 0
    }
    size += rest.length
    if (size > MAX_LINE) throw new Error(`a message of more than ${MAX_LINE} bytes`)
    if (rest.length > 0) parts.push(rest)
  }
  if (parts.length > 0) yield Buffer.concat(parts)
}

const NEWLINE = 10
