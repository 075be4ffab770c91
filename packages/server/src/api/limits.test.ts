import { describe, expect, test } from 'vitest'
import { ada, keys, type World, world } from '../../test/world'

const asked = (callId: string) => ({ action: 'data.export', arguments: { callId }, callId })
const ask = (w: World, body: object) => w.call(keys.bot, 'POST', '/api/v1/requests', body)

describe('T30: the gate’s own limits say when to come again', () => {
  test('an agent that asks too often', async () => {
    const w = world({}, { rateLimit: { max: 2, per: '1m' } })
    await ask(w, asked('c1'))
    await w.s.clock.advance(10_400)
    await ask(w, asked('c2'))
    const refused = await ask(w, asked('c3'))
    expect(refused).toMatchObject({ status: 429, body: { code: 'ERR_RATE_LIMITED' } })
    // 49.6 s are left, and a header says seconds.
    expect(refused.headers.get('retry-after')).toBe('50')
    await w.s.clock.advance(49_000)
    expect(await ask(w, asked('c3'))).toMatchObject({ status: 429 })
    await w.s.clock.advance(1_000)
    expect(await ask(w, asked('c3'))).toMatchObject({ status: 201 })
  })

  test('an agent that asks the same again right after a rejection', async () => {
    const w = world({}, { coolDown: '5m' })
    const { id } = await w.ask()
    await w.vote(id, ada, { decision: 'reject', note: 'no' })
    await w.s.clock.advance(60_000)
    const again = { action: 'data.export', arguments: { table: 'customers' }, callId: 'c2' }
    const refused = await ask(w, again)
    expect(refused).toMatchObject({ status: 429, body: { code: 'ERR_APPROVAL_COOLING_DOWN' } })
    expect(refused.headers.get('retry-after')).toBe('240')
    expect(refused.body).not.toHaveProperty('retryAfterMs')
    await w.s.clock.advance(240_000)
    expect(await ask(w, again)).toMatchObject({ status: 201 })
  })
})

describe('those who prove nothing', () => {
  const limited = { rateLimit: { max: 2, per: '1m' }, now: () => 60_000 } as const
  const page = { accept: 'text/html' }
  const xRealIp = (request: Request) => request.headers.get('x-real-ip')

  test('are counted by the address that the host says, and by no header else', async () => {
    const w = world({ ...limited, clientAddress: xRealIp })
    const from = async (ip: string) =>
      (
        await w.call(null, 'GET', '/api/v1/requests', undefined, {
          'x-real-ip': ip,
          'x-forwarded-for': `${Math.random()}`,
        })
      ).status
    expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.1')]).toEqual([
      401, 401, 429,
    ])
    expect(await from('192.0.2.2')).toBe(401)
    expect(w.log.filter(({ words }) => words.includes('clientAddress'))).toEqual([])
  })

  test('are counted by network where they can change their address at will', async () => {
    const w = world({ ...limited, clientAddress: xRealIp })
    const from = async (ip: string) =>
      (await w.call(null, 'GET', '/api/v1/requests', undefined, { 'x-real-ip': ip })).status
    const statuses = [await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8::a:b:c:d')]
    expect(statuses).toEqual([401, 401, 429])
    expect(await from('2001:db8:0:1::1')).toBe(401)
  })

  test('and come from nowhere share a count: a program with a wrong key keeps nobody from signing in, and the log says so once', async () => {
    for (const clientAddress of [
      undefined,
      () => null,
      () => '',
      () => {
        throw new Error('no header')
      },
    ]) {
      const w = world({ ...limited, ...(clientAddress === undefined ? {} : { clientAddress }) })
      const call = async (as: string | null) => (await w.call(as, 'GET', '/api/v1/requests')).status
      expect([await call('gw_1'), await call('gw_2'), await call('gw_3')]).toEqual([401, 401, 429])
      const open = () => w.server.fetch(new Request('https://approvals.test/base/sign-in', { headers: page }))
      expect([(await open()).status, (await open()).status, (await open()).status]).toEqual([302, 302, 429])
      // Who is known is counted alone.
      expect(await call(keys.bot)).toBe(200)
      expect(w.log.filter(({ words }) => words.includes('clientAddress'))).toHaveLength(1)
    }
  })

  test('and all come from a proxy on this computer are counted together, which the log says once', async () => {
    for (const [remoteAddress, warnings] of [
      ['::ffff:127.0.0.1', 1],
      ['::1', 1],
      ['192.0.2.1', 0],
    ] as const) {
      const w = world(limited)
      for (let call = 0; call < 2; call += 1)
        await w.server.fetch(new Request('https://approvals.test/base/sign-in', { headers: page }), {
          incoming: { socket: { remoteAddress } },
        })
      expect(w.log.filter(({ words }) => words.includes('clientAddress'))).toHaveLength(warnings)
    }
  })
})
