import type { Readable } from 'node:stream'

/**
 * All bytes of a stream. By its events, which cost a fraction of iterating.
 *
 * @throws Error for more than `max` bytes, and for a stream that ends before it is whole
 */
export function collect(stream: Readable, max: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size > max) stream.destroy(new Error(`more than ${max} bytes`))
    })
    stream.once('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    )
    stream.once('error', reject)
    stream.once('close', () => reject(new Error('the stream was cut off')))
  })
}
