import { getEventListeners, setMaxListeners } from 'node:events'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { DEADLINE_MS, quickClock } from '../../test/quick-clock'
import { receiver, status } from '../../test/receiver'
import { createOutbound, type Outbound } from './create-outbound'
import type { OutboundOptions } from './outbound-options'

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const message = { id: 'm-1', body: '{"total":"é"}' }

/** An outbound to the loopback whose pauses pass at once. */
function outboundTo(
  url: string,
  options: Partial<OutboundOptions> = {},
): Outbound & { readonly clock: ReturnType<typeof quickClock> } {
  const clock = quickClock()
  const base = {
    url,
    secret: SECRET,
    allow: ['127.0.0.1'],
    allowHttp: true,
    timeout: DEADLINE_MS,
    random: () => 1,
    clock,
  }
  return { ...createOutbound({ ...base, ...options }), clock }
}

describe('a message', () => {
  test('arrives as it was given, signed so that an independent library accepts it', async () => {
    const to = await receiver()
    const outbound = outboundTo(to.url, { headers: { authorization: 'Bearer t' } })
    expect(await outbound.send(message)).toEqual({ status: 204, attempts: 1 })
    const [received] = to.received
    expect(received).toMatchObject({
      path: '/hook',
      headers: {
        'content-type': 'application/json',
        'content-length': '14',
        'webhook-id': 'm-1',
        authorization: 'Bearer t',
        'user-agent': 'gatewright',
        'accept-encoding': 'identity',
      },
    })
    const headers = received?.headers as Record<string, string>
    expect(new Webhook(SECRET).verify(received?.body ?? '', headers)).toEqual({ total: 'é' })
    expect(() => new Webhook(SECRET).verify('{"total":"e"}', headers)).toThrow('No matching signature')
  })

  test('keeps its id over attempts, and is stamped and signed anew for each', async () => {
    let now = Date.now()
    const clock = quickClock(() => {
      now += 1_000
      return now
    })
    const to = await receiver((response, received, count) =>
      status(count < 3 ? 503 : 200)(response, received, count),
    )
    expect(await outboundTo(to.url, { clock }).send(message)).toEqual({ status: 200, attempts: 3 })
    const of = (name: string): unknown[] => to.received.map(({ headers }) => headers[name])
    expect(new Set(of('webhook-id'))).toEqual(new Set(['m-1']))
    expect(new Set(of('webhook-timestamp')).size).toBe(3)
    for (const { body, headers } of to.received)
      expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toEqual({ total: 'é' })
  })

  test.each(['', 'a.b', 'a b', 'a\r\nx: y', 'é', 'x'.repeat(201)])('cannot have the id %j', async (id) => {
    const to = await receiver()
    await expect(outboundTo(to.url).send({ ...message, id })).rejects.toMatchObject({ option: 'send.id' })
    expect(to.received).toEqual([])
  })

  test('that is too large is not sent', async () => {
    const to = await receiver()
    const outbound = outboundTo(to.url, { maxBodyBytes: 13 })
    await expect(outbound.send(message)).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_TOO_LARGE',
      attempts: 0,
    })
    expect(to.received).toEqual([])
  })
})

describe('what is tried again', () => {
  test.each([408, 429, 500, 502, 503, 504])('%i, with pauses that double', async (code) => {
    const to = await receiver(status(code))
    const outbound = outboundTo(to.url)
    await expect(outbound.send(message)).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_FAILED',
      status: code,
      attempts: 5,
      message: expect.stringContaining(`after 5 attempts: it answered ${code}`),
    })
    expect(outbound.clock.pauses).toEqual([500, 1_000, 2_000, 4_000])
  })

  test('a connection that is refused', async () => {
    const to = await receiver()
    await to.close()
    await expect(outboundTo(to.url).send(message)).rejects.toMatchObject({
      status: null,
      attempts: 5,
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('nothing, where one attempt was asked for', async () => {
    const to = await receiver(status(503))
    await expect(outboundTo(to.url).send({ ...message, retry: false })).rejects.toMatchObject({ attempts: 1 })
    expect(to.received).toHaveLength(1)
  })

  test.each([301, 302, 303, 307, 308, 400, 401, 403, 404, 413, 422])('not %i', async (code) => {
    const elsewhere = await receiver()
    const to = await receiver(status(code, { location: elsewhere.url }))
    await expect(outboundTo(to.url).send(message)).rejects.toMatchObject({ status: code, attempts: 1 })
    expect([to.received.length, elsewhere.received.length]).toEqual([1, 0])
  })

  test.each([
    ['7', 7_000],
    ['99999999999999999999', 30_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 30_000],
    ['-5', 500],
    ['as soon as you can', 500],
  ])('after Retry-After %s, within bounds', async (after, paused) => {
    const to = await receiver((response, received, count) =>
      status(count === 1 ? 429 : 200, { 'retry-after': after })(response, received, count),
    )
    const outbound = outboundTo(to.url)
    await outbound.send(message)
    expect(outbound.clock.pauses).toEqual([paused])
  })
})

describe('a receiver that is gone', () => {
  test('gets nothing more, and each later send says why', async () => {
    const to = await receiver(status(410))
    const outbound = outboundTo(to.url)
    const gone = { code: 'ERR_OUTBOUND_DISABLED', status: 410, message: expect.stringContaining('410') }
    await expect(outbound.send(message)).rejects.toMatchObject({ ...gone, attempts: 1 })
    await expect(outbound.send(message)).rejects.toMatchObject({ ...gone, attempts: 0 })
    expect(to.received).toHaveLength(1)
  })
})

describe('sending ends', () => {
  test('with the signal, while the receiver thinks', async () => {
    const to = await receiver(() => {})
    const controller = new AbortController()
    const outbound = outboundTo(to.url)
    const sent = outbound.send({ ...message, signal: controller.signal })
    await to.arrived(1)
    controller.abort(new Error('no longer wanted'))
    await expect(sent).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_ABORTED',
      cause: new Error('no longer wanted'),
    })
    expect(outbound.clock.expire()).toBe(0)
    await expect(outbound.send({ ...message, signal: controller.signal })).rejects.toMatchObject({
      attempts: 0,
    })
    expect(to.received).toHaveLength(1)
  })

  test('with close, also what is on its way', async () => {
    const to = await receiver(() => {})
    const outbound = outboundTo(to.url)
    const sent = outbound.send(message)
    await to.arrived(1)
    outbound.close()
    outbound.close()
    await expect(sent).rejects.toMatchObject({ code: 'ERR_OUTBOUND_CLOSED' })
    await expect(outbound.send(message)).rejects.toMatchObject({ code: 'ERR_OUTBOUND_CLOSED', attempts: 0 })
  })

  test('and leaves nothing behind at the signal; many messages at once are no leak', async () => {
    const warnings: unknown[] = []
    const warned = (warning: unknown): void => void warnings.push(warning)
    process.on('warning', warned)
    const to = await receiver()
    const { signal } = new AbortController()
    setMaxListeners(0, signal)
    const outbound = outboundTo(to.url)
    await Promise.all(
      Array.from({ length: 30 }, (_, at) => outbound.send({ ...message, id: `m-${at}`, signal })),
    )
    outbound.close()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', warned)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warnings).toEqual([])
    expect(to.received).toHaveLength(30)
  })

  test('and connections are kept open between messages', async () => {
    const ports = new Set<number | undefined>()
    const to = await receiver((response, received, count) => {
      ports.add(response.req.socket.remotePort)
      status(204)(response, received, count)
    })
    const outbound = outboundTo(to.url)
    for (let n = 0; n < 5; n += 1) await outbound.send(message)
    outbound.close()
    expect(ports.size).toBe(1)
  })
})

describe('options', () => {
  const good = { url: 'https://hooks.example.com/', secret: SECRET }
  test.each([
    [{ ...good, timeuot: 5 }, 'createOutbound.timeuot'],
    [{ ...good, timeout: 0 }, 'createOutbound.timeout'],
    [{ ...good, retry: { attempts: 0 } }, 'createOutbound.retry.attempts'],
    [{ ...good, retry: { tries: 1 } }, 'createOutbound.retry.tries'],
    [{ ...good, maxBodyBytes: 0 }, 'createOutbound.maxBodyBytes'],
    [{ ...good, maxResponseBytes: 1.5 }, 'createOutbound.maxResponseBytes'],
    [{ ...good, allowHttp: 'yes' }, 'createOutbound.allowHttp'],
    [{ ...good, allow: ['10.0.0.0/99'] }, 'createOutbound.allow[0]'],
    [{ ...good, ca: 'nothing' }, 'createOutbound.ca'],
    [{ ...good, random: 4 }, 'createOutbound.random'],
    [{ ...good, headers: { Host: 'x' } }, 'createOutbound.headers.Host'],
    [{ ...good, headers: { 'Webhook-Id': 'x' } }, 'createOutbound.headers.Webhook-Id'],
    [{ ...good, headers: { 'Content-Length': '1' } }, 'createOutbound.headers.Content-Length'],
    [{ ...good, headers: { 'x-a': 'secret\r\nx-b: c' } }, 'createOutbound.headers.x-a'],
    [{ ...good, headers: { 'a b': 'c' } }, 'createOutbound.headers.a b'],
    [{ secret: SECRET }, 'createOutbound.url'],
    [{ ...good, url: 'http://hooks.example.com/' }, 'createOutbound.url'],
    [null, 'createOutbound'],
  ])('%j is refused', (options, option) => {
    expect(() => createOutbound(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID', option }),
    )
    expect(() => createOutbound(options as never)).not.toThrow('secret\r')
  })
})
