import { describe, expect, test } from 'vitest'
import { DEADLINE_MS, quickClock } from '../../test/quick-clock'
import { type Answer, receiver, status } from '../../test/receiver'
import { createReader, readerOver } from './create-reader'
import type { ConnectionOptions } from './outbound-options'

const here = { allow: ['127.0.0.1'], allowHttp: true } as const
const document: Answer = (response) => void response.writeHead(200).end('{"keys":[]}')

async function reading(answer: Answer, options: Partial<ConnectionOptions> = {}) {
  const server = await receiver(answer)
  const reader = createReader({ url: server.url, ...here, ...options })
  return { server, reader }
}

test('reads a document anew each time, with GET and without a body', async () => {
  const { server, reader } = await reading(document)
  expect((await reader.read()).toString()).toBe('{"keys":[]}')
  expect((await reader.read()).toString()).toBe('{"keys":[]}')
  expect(server.received.map(({ body }) => body.length)).toEqual([0, 0])
  expect(server.received[0]?.headers['webhook-signature']).toBeUndefined()
  reader.close()
})

describe('nothing is read', () => {
  test('T36: from an address inside, unless it is allowed', async () => {
    const server = await receiver(document)
    expect(() => createReader({ url: server.url, allowHttp: true })).toThrow(
      expect.objectContaining({ code: 'ERR_OUTBOUND_FORBIDDEN' }),
    )
    const inside = async () => [{ address: '10.0.0.7', family: 4 }]
    const reader = readerOver(inside, { url: 'https://keys.example.com/' }, 'test')
    await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FORBIDDEN' })
    expect(server.received).toHaveLength(0)
    reader.close()
  })

  test('T36: over a redirect', async () => {
    const other = await receiver(document)
    const { reader } = await reading(status(302, { location: other.url }))
    await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED', status: 302 })
    expect(other.received).toHaveLength(0)
    reader.close()
  })

  test('of a status that is none of success, or past the size', async () => {
    const missing = await reading(status(404))
    await expect(missing.reader.read()).rejects.toMatchObject({ status: 404 })
    missing.reader.close()
    const long = await reading(document, { maxResponseBytes: 5 })
    await expect(long.reader.read()).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED' })
    long.reader.close()
  })

  test('past the deadline', async () => {
    const clock = quickClock()
    const { server, reader } = await reading(() => {}, { clock, timeout: DEADLINE_MS })
    const read = reader.read()
    await server.arrived(1)
    clock.expire()
    await expect(read).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED' })
    reader.close()
  })

  test('once it is closed, or aborted', async () => {
    const { server, reader } = await reading(() => {})
    await expect(reader.read(AbortSignal.abort())).rejects.toMatchObject({ code: 'ERR_OUTBOUND_ABORTED' })
    const read = reader.read()
    await server.arrived(1)
    reader.close()
    await expect(read).rejects.toMatchObject({ code: 'ERR_OUTBOUND_CLOSED' })
    await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_OUTBOUND_CLOSED' })
  })
})

test('an option that nobody reads is refused', () => {
  expect(() => createReader({ url: 'https://a.example/', secret: 'x' } as never)).toThrow(/no such option/)
})
