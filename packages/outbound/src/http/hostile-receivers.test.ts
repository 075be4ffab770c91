import { gzipSync } from 'node:zlib'
import axios from 'axios'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { certificate } from '../../test/certificate'
import { deferred } from '../../test/deferred'
import { DEADLINE_MS, quickClock } from '../../test/quick-clock'
import { plainReceiver, receiver, secureReceiver, status } from '../../test/receiver'
import { outboundOver } from './create-outbound'
import type { OutboundOptions } from './outbound-options'

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const message = { id: 'm-1', body: '{}' }
const OK = 'HTTP/1.1 200 OK\r\n'

/** Sends one message, in one attempt unless more are asked for; every name is this machine. */
function send(url: string, options: Partial<OutboundOptions> = {}) {
  const clock = quickClock()
  const outbound = outboundOver(
    async () => [{ address: '127.0.0.1', family: 4 }],
    {
      url,
      secret: SECRET,
      allow: ['127.0.0.1'],
      allowHttp: true,
      timeout: DEADLINE_MS,
      retry: { attempts: 1 },
      clock,
      ...options,
    },
    'test',
  )
  return { clock, outbound, sent: outbound.send(message).finally(() => outbound.close()) }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a receiver that', () => {
  test('never answers is given up at the deadline, and tried again', async () => {
    const to = await receiver(() => {})
    const { clock, sent } = send(to.url, { retry: { attempts: 2 } })
    await to.arrived(1)
    clock.expire()
    await to.arrived(2)
    clock.expire()
    await expect(sent).rejects.toMatchObject({
      attempts: 2,
      message: expect.stringContaining('within 15000 ms'),
    })
  })

  test('sends its answer byte by byte is given up at the deadline, however busy it is', async () => {
    const dripping = deferred<() => void>()
    const to = await plainReceiver((socket) => {
      socket.once('data', () => {
        socket.write(`${OK}content-length: 1000\r\n\r\nx`)
        dripping.resolve(() => socket.write('x'))
      })
    })
    const { clock, sent } = send(to.url)
    const drip = await dripping.promise
    for (let n = 0; n < 20; n += 1) drip()
    clock.expire()
    await expect(sent).rejects.toMatchObject({ message: expect.stringContaining('within 15000 ms') })
  })

  test('never ends its headers is given up at the deadline', async () => {
    const begun = deferred<void>()
    const to = await plainReceiver((socket) => {
      socket.once('data', () => socket.write(`${OK}x-a: b\r\n`, () => begun.resolve(undefined)))
    })
    const { clock, sent } = send(to.url)
    await begun.promise
    clock.expire()
    await expect(sent).rejects.toMatchObject({ message: expect.stringContaining('within 15000 ms') })
  })

  test('switches to something else is given up at the deadline', async () => {
    const ended = deferred<unknown>()
    const to = await plainReceiver((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'))
      socket.once('close', ended.resolve)
    })
    const { clock, sent } = send(to.url)
    await ended.promise
    clock.expire()
    await expect(sent).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED' })
  })

  test('answers without end is cut off at the bound, and has acknowledged nothing', async () => {
    let written = 0
    const to = await receiver((response) => {
      response.writeHead(200)
      const chunk = Buffer.alloc(16_384)
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length
      }
      response.on('drain', more)
      more()
    })
    const { sent } = send(to.url, { retry: { attempts: 3 } })
    await expect(sent).rejects.toMatchObject({
      status: 200,
      attempts: 1,
      message: expect.stringContaining('more than 65536 bytes'),
    })
    expect(written).toBeLessThan(20_000_000)
  })

  test('answers with a bomb is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000))
    const to = await receiver((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    await expect(send(to.url, { maxResponseBytes: bomb.length }).sent).resolves.toMatchObject({ status: 200 })
  })

  test('resets in the middle of its answer has acknowledged nothing', async () => {
    const to = await plainReceiver((socket) => {
      socket.once('data', () =>
        socket.write(`${OK}content-length: 10\r\n\r\nabc`, () => socket.resetAndDestroy()),
      )
    })
    await expect(send(to.url, { retry: { attempts: 3 } }).sent).rejects.toMatchObject({
      attempts: 3,
      status: null,
    })
  })

  test('ends in the middle of its answer has acknowledged nothing', async () => {
    const to = await plainReceiver((socket) => {
      socket.once('data', () => socket.end(`${OK}content-length: 10\r\n\r\nabc`))
    })
    await expect(send(to.url).sent).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED' })
  })

  test.each([
    ['is not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['answers with huge headers', `${OK}x-a: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['answers twice in one', `${OK}content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  ])('%s has acknowledged nothing', async (_, bytes) => {
    const to = await plainReceiver((socket) => {
      socket.once('data', () => socket.end(bytes))
    })
    await expect(send(to.url).sent).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED', attempts: 1 })
  })

  test('hangs up before it answers is tried again', async () => {
    let connections = 0
    const to = await plainReceiver((socket) => {
      connections += 1
      socket.once('data', () =>
        connections < 3 ? socket.destroy() : socket.end(`${OK}content-length: 0\r\n\r\n`),
      )
    })
    await expect(send(to.url, { retry: { attempts: 5 } }).sent).resolves.toEqual({ status: 200, attempts: 3 })
  })

  test('writes to us what to think: nothing of it is in our error', async () => {
    const to = await receiver((response) => {
      response.writeHead(400, 'hunter2', { 'x-hunter2': 'hunter2' }).end('hunter2')
    })
    const error: unknown = await send(`${to.url}?key=hunter2`, {
      headers: { authorization: 'hunter2' },
    }).sent.catch((thrown) => thrown)
    expect(error).toMatchObject({ status: 400 })
    const { message: text, stack, cause } = error as Error
    expect(`${text} ${stack} ${JSON.stringify(error)} ${cause}`).not.toContain('hunter2')
  })
})

describe('TLS', () => {
  test('is spoken with a receiver whose certificate is right, by its name', async () => {
    const own = certificate('hooks.example.com')
    const to = await secureReceiver(own)
    const { sent } = send(`https://hooks.example.com:${to.port}/`, { ca: own.cert })
    await expect(sent).resolves.toEqual({ status: 204, attempts: 1 })
    expect(to.received[0]?.headers.host).toBe(`hooks.example.com:${to.port}`)
  })

  test.each([
    ['nobody vouches for', 'hooks.example.com', false],
    ['is of another name', 'elsewhere.example.com', true],
  ])('with a certificate that %s is no delivery, and not tried again', async (_, name, trusted) => {
    // What switches checks off for the whole program must not reach here.
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const own = certificate(name)
    const to = await secureReceiver(own)
    const { sent } = send(`https://hooks.example.com:${to.port}/`, {
      retry: { attempts: 3 },
      ...(trusted ? { ca: own.cert } : {}),
    })
    await expect(sent).rejects.toMatchObject({
      attempts: 1,
      message: expect.stringContaining('certificate is not valid'),
    })
    expect(to.received).toEqual([])
  })

  test('is never given up for plain text', async () => {
    const to = await receiver()
    await expect(send(to.url.replace('http:', 'https:')).sent).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_FAILED',
    })
    expect(to.received).toEqual([])
  })
})

describe('nothing of the program around goes along', () => {
  test('no proxy of the environment, and no default of axios', async () => {
    const proxy = await receiver()
    for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'])
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`)
    vi.stubEnv('no_proxy', '')
    const to = await receiver(status(302, { location: proxy.url }))
    const interceptor = axios.interceptors.request.use((config) => ({ ...config, url: proxy.url }))
    axios.defaults.headers.common.authorization = 'Bearer of another service'
    axios.defaults.baseURL = proxy.url
    axios.defaults.maxRedirects = 5
    try {
      await expect(send(to.url).sent).rejects.toMatchObject({ status: 302 })
    } finally {
      axios.interceptors.request.eject(interceptor)
      delete axios.defaults.headers.common.authorization
      delete axios.defaults.baseURL
      delete axios.defaults.maxRedirects
    }
    expect(to.received.map(({ headers }) => headers.authorization)).toEqual([undefined])
    expect(proxy.received).toEqual([])
  })
})
