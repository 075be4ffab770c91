import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { receiver } from '../../test/receiver'
import { OutboundError } from '../errors'
import { createOutbound, outboundOver } from './create-outbound'
import { judgedAgents } from './judged-agents'

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const message = { id: 'm-1', body: '{}' }
const here = { address: '127.0.0.1', family: 4 }
const forbidden = { code: 'ERR_OUTBOUND_FORBIDDEN', attempts: 0 }

/** An outbound whose name server answers one thing after another. */
function outboundWith(port: number, answers: readonly (readonly { address: string; family: number }[])[]) {
  const asked: string[] = []
  const outbound = outboundOver(
    async (host) => {
      asked.push(host)
      return answers[Math.min(asked.length, answers.length) - 1] ?? []
    },
    { url: `http://hooks.example.com:${port}/`, secret: SECRET, allow: ['127.0.0.1'], allowHttp: true },
    'test',
  )
  return { outbound, asked }
}

describe('T36: a name that is bound anew', () => {
  test('is asked for once a connection, and leads nowhere else between judging and connecting', async () => {
    const to = await receiver((response) => void response.writeHead(204, { connection: 'close' }).end())
    const { outbound, asked } = outboundWith(to.port, [[here], [{ address: '169.254.169.254', family: 4 }]])
    await expect(outbound.send(message)).resolves.toMatchObject({ attempts: 1 })
    expect(asked).toEqual(['hooks.example.com'])
    await expect(outbound.send(message)).rejects.toMatchObject(forbidden)
    expect([asked.length, to.received.length]).toEqual([2, 1])
    outbound.close()
  })

  test.each([
    [[here, { address: '10.0.0.1', family: 4 }]],
    [[{ address: '::1', family: 6 }, here]],
    [[here, { address: '::ffff:127.0.0.2', family: 6 }]],
    [[]],
  ])('has nothing sent to it while one of its addresses is internal: %j', async (addresses) => {
    const to = await receiver()
    const { outbound } = outboundWith(to.port, [addresses])
    await expect(outbound.send(message)).rejects.toMatchObject(forbidden)
    expect(to.received).toEqual([])
    outbound.close()
  })

  test('is looked up by the system, and localhost is refused unless it is allowed', async () => {
    const to = await receiver()
    const options = { url: `http://localhost:${to.port}/`, secret: SECRET, allowHttp: true }
    await expect(createOutbound(options).send(message)).rejects.toMatchObject(forbidden)
    const allowed = createOutbound({ ...options, allow: ['localhost'] })
    await expect(allowed.send(message)).resolves.toMatchObject({ status: 204 })
    allowed.close()
    expect(to.received).toHaveLength(1)
  })
})

test('T36: a connection that came out elsewhere is ended before anything is written to it', async () => {
  const to = await receiver()
  const judged: string[][] = []
  const target = {
    url: new URL(`http://hooks.example.com:${to.port}/`),
    name: 'hooks.example.com',
    judge(addresses: readonly string[]) {
      judged.push([...addresses])
      if (judged.length === 2) throw new OutboundError('ERR_OUTBOUND_FORBIDDEN', 'elsewhere')
    },
  }
  const agents = judgedAgents(target, async () => [here], undefined)
  const error = await new Promise((resolve) => {
    const sent = request(target.url, { agent: agents.http, method: 'POST' }, resolve)
    sent.on('error', resolve)
    sent.end('{}')
  })
  expect(error).toMatchObject({ code: 'ERR_OUTBOUND_FORBIDDEN' })
  expect(judged).toEqual([['127.0.0.1'], ['127.0.0.1']])
  expect(to.received).toEqual([])
  agents.destroy()
})
