import type { Readable } from 'node:stream'

/** A stream had more than it may. */
export class TooLargeError extends Error {}

/**
 * All bytes of a stream. By its events, which cost a fraction of iterating. What comes after too much is not kept, and the
 * stream is left as it is: whoever reads it may still have something to say to its other end.
 *
 * @throws TooLargeError for more than `max` bytes; Error for a stream that ends before it is whole
 */
export function collect(stream: Readable, max: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= max) {
        chunks.push(chunk)
      } else {
        chunks.length = 0
        reject(new TooLargeError(`more than ${max} bytes`))
      }
    })
    let ended = false
    stream.once('end', () => {
      ended = true
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))
    })
    stream.once('error', reject)
    stream.once('close', () => ended || reject(new Error('the stream was cut off')))
  })
}
