/** A request's body as it arrived, or why it was not read: longer than that, or cut off. */
export async function readBody(request: Request, most: number): Promise<Uint8Array | 'too-long' | 'cut-off'> {
  // What is announced as too long is not read at all.
  if (Number(request.headers.get('content-length') ?? 0) > most) return 'too-long'
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      // Leaving the loop ends the stream.
      if (bytes > most) return 'too-long'
      chunks.push(chunk)
    }
  } catch {
    return 'cut-off'
  }
  return Buffer.concat(chunks)
}
