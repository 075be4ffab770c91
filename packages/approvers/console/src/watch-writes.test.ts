import { describe, expect, it } from 'vitest'
import { watchWrites } from './watch-writes'

class Stream {
  readonly written: unknown[] = []
  write(...values: readonly unknown[]): boolean {
    this.written.push(...values)
    return false
  }
}

describe('watchWrites', () => {
  it('passes a write on untouched, between before and after', () => {
    const stream = new Stream()
    const seen: string[] = []
    watchWrites(stream, { before: () => seen.push('before'), after: (text) => seen.push(text) })
    expect(stream.write('text', 'utf8')).toBe(false)
    expect(stream.write(Buffer.from('bytes'))).toBe(false)
    expect(stream.written).toEqual(['text', 'utf8', Buffer.from('bytes')])
    expect(seen).toEqual(['before', 'text', 'before', 'bytes'])
  })

  it('leaves the stream as it was', () => {
    const stream = new Stream()
    watchWrites(stream, { before: () => {}, after: () => {} }).stop()
    expect(Object.hasOwn(stream, 'write')).toBe(false)
  })

  it("goes quiet, and takes nobody else's wrapping away, when it was wrapped in turn", () => {
    const stream = new Stream()
    let count = 0
    const watch = watchWrites(stream, {
      before: () => {
        count += 1
      },
      after: () => {},
    })
    const others = stream.write.bind(stream)
    stream.write = (...values) => others(...values)
    const wrapped = stream.write
    watch.stop()
    expect(stream.write).toBe(wrapped)
    stream.write('text')
    expect([count, stream.written]).toEqual([0, ['text']])
  })
})
