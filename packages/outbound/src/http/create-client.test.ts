import { describe, expect, test } from 'vitest'
import { quickClock } from '../../test/quick-clock'
import { receiver } from '../../test/receiver'
import { clientOver, createClient } from './create-client'

const local = { allow: ['127.0.0.1'], allowHttp: true }
const SECRET = '/workflows/9f?sig=very-secret'

describe('a client', () => {
  test('answers with whatever arrived whole, by method, headers and body', async () => {
    const to = await receiver((response, { headers, body }) => {
      response.writeHead(429, { 'retry-after': '7' }).end(`${headers['authorization']} ${body}`)
    })
    const client = createClient(local)
    const url = `${to.url}${SECRET}`
    const answer = await client.request({
      method: 'put',
      url,
      headers: { authorization: 'Bearer t' },
      body: 'hi',
    })
    expect({ ...answer, body: answer.body.toString() }).toMatchObject({
      status: 429,
      retryAfterMs: 7_000,
      body: 'Bearer t hi',
    })
    client.close()
    await expect(client.request({ method: 'get', url })).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_CLOSED',
    })
  })

  test('T36: follows no redirect, and reaches no internal address that is not allowed', async () => {
    const to = await receiver(
      (response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    )
    const client = createClient(local)
    expect((await client.request({ method: 'get', url: to.url })).status).toBe(302)
    client.close()
    const strict = clientOver(async () => [{ address: '10.0.0.8', family: 4 }], {})
    for (const url of [`https://127.0.0.1:${to.port}/`, 'https://internal.example.com/'])
      await expect(strict.request({ method: 'get', url })).rejects.toMatchObject({
        code: 'ERR_OUTBOUND_FORBIDDEN',
      })
    expect(to.received).toHaveLength(1)
    strict.close()
  })

  test('T43: fails without a word of the path, the query or the answer', async () => {
    const to = await receiver((response) => void response.writeHead(200).end('leaked'.repeat(100)))
    const client = createClient({ ...local, maxResponseBytes: 10 })
    const failure = await client
      .request({ method: 'post', url: `${to.url}${SECRET}` })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_OUTBOUND_FAILED' })
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(/sig=|very-secret|leaked/)
    client.close()
  })

  test('gives up at its deadline, and when it is told to', async () => {
    const to = await receiver(() => {})
    const clock = quickClock()
    const client = createClient({ ...local, clock, timeout: '5s' })
    await expect(client.request({ method: 'get', url: to.url })).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_FAILED',
    })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(client.request({ method: 'get', url: to.url, signal })).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_ABORTED',
    })
    client.close()
  })

  test.each([{ timeout: 0 }, { maxResponseBytes: 0 }, { allow: ['*'] }, { alow: [] }])(
    'refuses the options %j',
    (options) => {
      expect(() => createClient(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID' }))
    },
  )
})
