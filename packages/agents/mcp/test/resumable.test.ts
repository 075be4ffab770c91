import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { resumableStreams } from '../src/resumable'

const MB = 2 ** 20
const HEADERS: IncomingHttpHeaders = { 'mcp-session-id': 's-1' }

function response(): ServerResponse & PassThrough {
  const made = new PassThrough() as unknown as ServerResponse & PassThrough
  made.writeHead = () => made
  made.flushHeaders = () => undefined
  made.resume()
  return made
}

describe('what is kept of streams for those who come back', () => {
  const event = (id: string, bytes: number) => `id: ${id}\ndata: ${'x'.repeat(bytes)}\n\n`

  test('has a bound over all of them: the oldest that are told to their end go first', () => {
    const streams = resumableStreams(60_000)
    for (let one = 0; one < 50; one += 1) streams.open(response(), HEADERS).end(event(`e${one}`, 4 * MB))
    const found = (one: number) => streams.resume(response(), { ...HEADERS, 'last-event-id': `e${one}` })
    expect([found(0), found(10), found(49)]).toEqual([false, false, true])
    streams.close()
  })

  test('is kept of a stream that goes on, as long as others can go', () => {
    const streams = resumableStreams(60_000)
    const open = streams.open(response(), HEADERS)
    open.say(event('open', 1))
    for (let one = 0; one < 50; one += 1) streams.open(response(), HEADERS).end(event(`e${one}`, 4 * MB))
    expect(streams.resume(response(), { ...HEADERS, 'last-event-id': 'open' })).toBe(true)
    streams.close()
  })

  test('gives up no call, where clients that are away alone are too many', () => {
    const streams = resumableStreams(60_000)
    const late: number[] = []
    for (let one = 0; one < 50; one += 1) {
      const stream = streams.open(response(), HEADERS)
      stream.say(event(`e${one}`, 4 * MB))
      stream.cutOff(() => void late.push(one))
    }
    const found = (one: number) => streams.resume(response(), { ...HEADERS, 'last-event-id': `e${one}` })
    expect([late, found(0), found(49)]).toEqual([[], false, true])
    streams.close()
  })
})
