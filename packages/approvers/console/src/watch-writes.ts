/** A stream whose writes are to be known of. */
export interface WatchedStream {
  write(...values: never[]): boolean
}

/** What to do around a write by anybody. */
export interface WriteWatch {
  before(): void
  /** @param text - what was written, as far as it is text */
  after(text: string): void
}

/**
 * Does something before and after every write to a stream, so that what the host program prints and a prompt on the
 * same terminal do not run into each other. The write itself is passed on untouched.
 *
 * @returns `stop()` takes the watch off; if somebody else has wrapped the stream since, it only goes quiet
 */
export function watchWrites(stream: WatchedStream, watch: WriteWatch): { stop(): void } {
  const inherited = !Object.hasOwn(stream, 'write')
  const write = stream.write
  let watching = true

  function watched(...values: never[]): boolean {
    if (!watching) return Reflect.apply(write, stream, values)
    watch.before()
    const accepted = Reflect.apply(write, stream, values)
    watch.after(asText(values[0]))
    return accepted
  }
  stream.write = watched

  return {
    stop() {
      watching = false
      if (stream.write !== watched) return
      if (inherited) Reflect.deleteProperty(stream, 'write')
      else stream.write = write
    },
  }
}

function asText(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk
  return chunk instanceof Uint8Array ? Buffer.from(chunk).toString('latin1') : ''
}
