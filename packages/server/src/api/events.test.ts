import { afterEach, describe, expect, test, vi } from 'vitest'
import { ada, keys, member, settle, tokenOf, type World, world } from '../../test/world'
import { createSlots } from '../http/slots'
import { type Listening, serve } from '../index'

const sam = member('sam', ['sales'])
let listening: Listening | null = null

afterEach(async () => {
  vi.useRealTimers()
  await listening?.close()
  listening = null
})

async function listen(w: World): Promise<string> {
  listening = await serve(w.server, { port: 0 })
  return `http://127.0.0.1:${listening.port}/base/api/v1`
}

/** Reads a stream's events one after the other. */
async function follow(url: string, as: string) {
  const aborting = new AbortController()
  const response = await fetch(url, { headers: { authorization: `Bearer ${as}` }, signal: aborting.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let unread = ''
  return {
    response,
    stop: () => aborting.abort(),
    /** The next event's request; `null` at the end. Signs of life are passed over. */
    async next(): Promise<{ readonly id: string; readonly status: string; readonly version: number } | null> {
      for (;;) {
        const end = unread.indexOf('\n\n')
        if (end >= 0) {
          const block = unread.slice(0, end)
          unread = unread.slice(end + 2)
          const data = /^data: (.*)$/m.exec(block)?.[1]
          if (data !== undefined) return JSON.parse(data)
          continue
        }
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
        if (done) return null
        unread += value ?? ''
      }
    },
  }
}

describe('one request', () => {
  test('T42: is told as it stands and at each move, until it has ended', async () => {
    const w = world()
    const base = await listen(w)
    const { id, argumentsDigest } = await w.ask()
    const events = await follow(`${base}/requests/${id}/events`, keys.bot)
    expect(events.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await events.next()).toMatchObject({ id, status: 'pending', version: 1 })
    await w.vote(id, ada)
    expect(await events.next()).toMatchObject({ status: 'approved' })
    const claim = { argumentsDigest, claimId: 'k' }
    const { body } = await w.call(keys.bot, 'POST', `/api/v1/requests/${id}/claim`, claim)
    expect(await events.next()).toMatchObject({ status: 'executing' })
    const told = { fencingToken: body.fencingToken, status: 'succeeded' }
    await w.call(keys.bot, 'POST', `/api/v1/requests/${id}/outcome`, told)
    expect(await events.next()).toMatchObject({ status: 'succeeded' })
    expect(await events.next()).toBeNull()
  })

  test('T23: whoever loses their role hears no more of it', async () => {
    let groups = ['ops']
    const resolve = async ({ issuer, subject }: { issuer: string; subject: string }) => ({
      issuer,
      subject,
      name: subject,
      groups,
    })
    const w = world({}, { directory: { resolve } })
    const base = await listen(w)
    const { id } = await w.ask()
    const events = await follow(`${base}/requests/${id}/events`, await tokenOf(ada))
    expect(await events.next()).toMatchObject({ status: 'pending' })
    groups = []
    await w.call(keys.bot, 'POST', `/api/v1/requests/${id}/cancel`, {})
    expect(await events.next()).toBeNull()
  })
})

describe('all requests', () => {
  test('T04: each hears of those that they may know of', async () => {
    const w = world()
    const base = await listen(w)
    const reader = await follow(`${base}/events`, keys.auditor)
    const outsider = await follow(`${base}/events`, await tokenOf(sam))
    const other = await follow(`${base}/events`, keys.eve)
    const first = await w.ask()
    expect(await reader.next()).toMatchObject({ id: first.id, status: 'pending' })
    const asked = { action: 'data.export', arguments: {}, callId: 'e1' }
    const own = await w.call(keys.eve, 'POST', '/api/v1/requests', asked)
    // The first that eve hears of is her own.
    expect(await other.next()).toMatchObject({ id: own.body.request.id })
    expect(await reader.next()).toMatchObject({ id: own.body.request.id })
    outsider.stop()
    await listening?.close()
    expect(await reader.next()).toBeNull()
  })

  test('a server that closes ends them, and waits too', async () => {
    const w = world()
    const base = await listen(w)
    const { id } = await w.ask()
    const events = await follow(`${base}/events`, keys.auditor)
    const waiting = fetch(`${base}/requests/${id}?wait=60`, {
      headers: { authorization: `Bearer ${keys.bot}` },
    })
    // Once a second answer came on the same way in, the first one waits.
    await fetch(`${base}/requests/${id}`, { headers: { authorization: `Bearer ${keys.bot}` } })
    await listening?.close()
    expect(await events.next()).toBeNull()
    expect(await (await waiting).json()).toMatchObject({ request: { status: 'pending' } })
  })

  test('signs of life are sent, and a stream ends after fifteen minutes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let now = Date.now()
    const w = world({ now: () => now })
    const response = await w.server.fetch(
      new Request('https://approvals.test/base/api/v1/events', {
        headers: { authorization: `Bearer ${keys.auditor}` },
      }),
    )
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe('retry: 2000\n\n')
    vi.advanceTimersByTime(15_000)
    expect((await reader?.read())?.value).toBe(':\n\n')
    now += 15 * 60_000
    vi.advanceTimersByTime(15_000)
    expect(await reader?.read()).toEqual({ done: true, value: undefined })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a client that does not read is cut off, and nobody else is', async () => {
    const w = world()
    const open = () =>
      w.server.fetch(
        new Request('https://approvals.test/base/api/v1/events', {
          headers: { authorization: `Bearer ${keys.auditor}` },
        }),
      )
    const lazy = await open()
    for (let call = 0; call < 300; call += 1) await w.ask({ callId: `c${call}` })
    await settle()
    await expect(lazy.text()).rejects.toThrow(/does not read/)
    const next = await open()
    const reader = next.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('retry: 2000\n\n')
    await reader?.cancel()
  })
})

test('nobody holds all that a process can', () => {
  const closing = new AbortController()
  const slots = createSlots(closing.signal, { most: 3, mostEach: 2 })
  const ended: string[] = []
  const give = slots.take('a', () => ended.push('a1'))
  slots.take('a', () => ended.push('a2'))
  expect(() => slots.take('a', () => {})).toThrow(/2 open/)
  slots.take('b', () => ended.push('b1'))
  expect(() => slots.take('c', () => {})).toThrow(/Too many/)
  give()
  give()
  slots.take('c', () => ended.push('c1'))
  expect(() => slots.take('d', () => {})).toThrow(/Too many/)
  closing.abort()
  expect(ended).toEqual(['a2', 'b1', 'c1'])
})
