import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOutbound, type OutboundOptions, webhookAudit } from '@gatewright/outbound'
import { describe, expect, onTestFinished, test } from 'vitest'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const message = { id: 'm-1', body: '{}' }

/** A service inside, which counts who came; a redirect leads to it too. */
async function inside(location?: string): Promise<{ readonly port: number; readonly visits: () => number }> {
  let visits = 0
  const server: Server = createServer((request, response) => {
    visits += 1
    request.resume()
    response.writeHead(location === undefined ? 200 : 307, location === undefined ? {} : { location }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, visits: () => visits }
}

/** What became of one message: its status, or the code of the error. */
async function attempt(options: Partial<OutboundOptions> & { readonly url: string }): Promise<unknown> {
  try {
    const outbound = createOutbound({ secret: SECRET, allowHttp: true, retry: { attempts: 1 }, ...options })
    return await outbound
      .send(message)
      .then(({ status }) => status)
      .finally(() => outbound.close())
  } catch (error) {
    return (error as { readonly code?: string }).code
  }
}

describe('what is sent goes where it was meant to go, signed', () => {
  test('T36: an internal address is refused in every writing, by name, and for the audit log too', async () => {
    const { port, visits } = await inside()
    const hosts = [
      '127.0.0.1',
      '127.1',
      '0x7f.1',
      '2130706433',
      '017700000001',
      '１２７.０.０.１',
      '127.0.0.1.',
    ]
    const wrapped = ['[::1]', '[::ffff:127.0.0.1]', '[::7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '0']
    const names = ['localhost', 'ⓛocalhost']
    for (const host of [...hosts, ...wrapped, ...names])
      expect([host, await attempt({ url: `http://${host}:${port}/` })]).toEqual([
        host,
        'ERR_OUTBOUND_FORBIDDEN',
      ])
    for (const url of [
      'http://169.254.169.254/latest/meta-data/',
      'http://[fd00:ec2::254]/',
      'http://10.0.0.1/',
    ])
      expect([url, await attempt({ url })]).toEqual([url, 'ERR_OUTBOUND_FORBIDDEN'])
    const deadLetters = join(tmpdir(), 'never-made.jsonl')
    expect(() => webhookAudit({ url: `https://127.0.0.1:${port}/`, secret: SECRET, deadLetters })).toThrow(
      expect.objectContaining({ code: 'ERR_OUTBOUND_FORBIDDEN' }),
    )
    expect(visits()).toBe(0)
    expect(await attempt({ url: `http://127.0.0.1:${port}/`, allow: ['127.0.0.0/8'] })).toBe(200)
    expect(visits()).toBe(1)
  })

  test('T36: a redirect leads nowhere', async () => {
    const secret = await inside()
    const open = await inside(`http://127.0.0.1:${secret.port}/admin`)
    const options = { url: `http://127.0.0.1:${open.port}/`, allow: ['127.0.0.1'] }
    expect(await attempt(options)).toBe('ERR_OUTBOUND_FAILED')
    expect([open.visits(), secret.visits()]).toEqual([1, 0])
  })

  test('T36: a user name cannot dress an internal host up as another, and plain http has to be asked for', async () => {
    const { port, visits } = await inside()
    const allow = ['127.0.0.1']
    expect(await attempt({ url: `http://hooks.example.com@127.0.0.1:${port}/`, allow })).toBe(
      'ERR_OPTION_INVALID',
    )
    expect(await attempt({ url: `http://127.0.0.1:${port}/`, allow, allowHttp: false })).toBe(
      'ERR_OPTION_INVALID',
    )
    expect(visits()).toBe(0)
  })

  test('T18: without a secret, or with an empty, short or public one, there is nothing that could send', () => {
    const url = 'https://hooks.example.com/'
    const deadLetters = join(tmpdir(), 'never-made.jsonl')
    for (const secret of [undefined, null, '', [], [''], [SECRET, '']]) {
      const missing = expect.objectContaining({ code: 'ERR_SECRET_MISSING' })
      expect(() => createOutbound({ url, secret } as never)).toThrow(missing)
      expect(() => webhookAudit({ url, secret, deadLetters } as never)).toThrow(missing)
    }
    for (const secret of ['whsec_', 'whsec_c2hvcnQ=', 'plain', `whpk_${'A'.repeat(43)}=`])
      expect(() => createOutbound({ url, secret })).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION_INVALID' }),
      )
  })
})
