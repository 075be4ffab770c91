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
