import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createServerClient, ServerRefusal, ServerUnreachable } from './run-server-client'

const close: (() => void)[] = []
afterEach(() => {
  for (const end of close.splice(0)) end()
})

async function server(
  listener: RequestListener,
): Promise<{ readonly url: URL; readonly heard: IncomingMessage[] }> {
  const heard: IncomingMessage[] = []
  const listening = createServer((request, response) => {
    heard.push(request)
    listener(request, response)
  })
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  close.push(() => {
    listening.closeAllConnections()
    listening.close()
  })
  return { url: new URL(`http://127.0.0.1:${(listening.address() as AddressInfo).port}/`), heard }
}

/** A client that waits for nothing, and tells how long it would have. */
function client(url: URL) {
  const waits: number[] = []
  const troubles: string[] = []
  const call = createServerClient({
    url,
    credential: async () => 'gw_key',
    trouble: (problem) => void troubles.push(problem),
    sleep: async (ms) => void waits.push(ms),
  })
  return { call, waits, troubles }
}

/** Answers from a list, the last one for ever. */
function answers(
  ...list: (readonly [status: number, body: string, headers?: Record<string, string>])[]
): RequestListener {
  let at = 0
  return (_, response) => {
    const [status, body, headers = {}] = list[Math.min(at, list.length - 1)] ?? [500, '']
    at += 1
    response.writeHead(status, headers).end(body)
  }
}

const OK = [200, '{"request":{}}'] as const
const GET = { method: 'GET', path: '/v1/x' } as const

describe('calling a review server', () => {
  test('tries again what may be tried again, waits as long as it is told to, and says so once', async () => {
    const { url, heard } = await server(
      answers(
        [503, 'x'],
        [500, '{"code":"internal"}'],
        [429, '', { 'retry-after': '7' }],
        [200, 'no JSON'],
        OK,
      ),
    )
    const { call, troubles, waits } = client(url)
    expect(await call(GET)).toEqual({ request: {} })
    expect(heard).toHaveLength(5)
    expect(heard[0]).toMatchObject({ url: '/api/v1/x', headers: { authorization: 'Bearer gw_key' } })
    expect(waits[2]).toBe(7_000)
    expect(waits.every((ms) => ms > 0)).toBe(true)
    expect(troubles).toHaveLength(1)
  })

  test.each([
    [[400, '{"code":"not-valid","detail":"no"}'], 'not-valid'],
    [[401, 'x'], 'status 401'],
    [[404, ''], 'status 404'],
    [[409, '{"code":"ERR_KEY_CONFLICT","detail":"x"}'], 'ERR_KEY_CONFLICT'],
    // Decided: asking again would be nagging.
    [
      [429, '{"code":"ERR_APPROVAL_COOLING_DOWN","detail":"x"}', { 'retry-after': '300' }],
      'ERR_APPROVAL_COOLING_DOWN',
    ],
  ] as const)('%j is an answer', async (answer, code) => {
    const { url, heard } = await server(answers(answer as never))
    const failed = client(url).call(GET)
    await expect(failed).rejects.toBeInstanceOf(ServerRefusal)
    await expect(failed).rejects.toMatchObject({ code })
    expect(heard).toHaveLength(1)
  })

  test('gives up when its patience ends, naming the server and why', async () => {
    const { url } = await server(answers([503, '{"code":"ERR_GATE_SEALED","detail":"x"}']))
    const failed = client(url).call({ ...GET, patienceMs: 0 })
    await expect(failed).rejects.toBeInstanceOf(ServerUnreachable)
    await expect(failed).rejects.toThrow(/127\.0\.0\.1:\d+ does not answer: ERR_GATE_SEALED/)
  })

  test('T36: the key goes to no other address, whatever the server says', async () => {
    const elsewhere = await server(answers(OK))
    const { url } = await server(answers([307, '', { location: `${elsewhere.url}stolen` }]))
    await expect(client(url).call({ ...GET, patienceMs: 0 })).rejects.toBeInstanceOf(ServerUnreachable)
    expect(elsewhere.heard).toEqual([])
  })

  test('ends at once when it is told to', async () => {
    const stop = new AbortController()
    const { url } = await server(() => stop.abort(new Error('enough')))
    await expect(client(url).call({ ...GET, signal: stop.signal })).rejects.toThrow('enough')
  })
})
