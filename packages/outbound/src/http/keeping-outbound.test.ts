import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../test/audit-receiver'
import { quickClock } from '../../test/quick-clock'
import { type Answer, receiver, status } from '../../test/receiver'
import { createKeepingOutbound } from './keeping-outbound'

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`

/** A receiver that answers what the test says, and the way to it, with a file. */
async function keeping(initial: Answer = status(500)) {
  const state = { answer: initial }
  const server = await receiver((...args) => state.answer(...args))
  const path = join(await temporaryFolder(), 'dead.jsonl')
  const make = () => {
    const made = createKeepingOutbound(
      {
        url: server.url,
        secret: SECRET,
        allow: ['127.0.0.1'],
        allowHttp: true,
        retry: { attempts: 2 },
        clock: quickClock(),
        deadLetters: path,
      },
      'test',
    )
    onTestFinished(() => made.close())
    return made
  }
  const lines = async (): Promise<readonly unknown[]> =>
    (await readFile(path, 'utf8').catch(() => ''))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  return { server, state, make, lines, path }
}

const letter = (id: string, body = '{}') => ({ id, contentType: 'application/json', body })

test('what was not delivered after the retries is kept, once for each id', async () => {
  const { server, make, lines } = await keeping()
  const outbound = make()
  for (const id of ['a', 'b', 'a'])
    await expect(outbound.send({ id, body: `{"n":"${id}\u2028"}` })).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_FAILED',
      attempts: 2,
    })
  expect(server.received).toHaveLength(6)
  expect(await lines()).toEqual([letter('a', '{"n":"a\u2028"}'), letter('b', '{"n":"b\u2028"}')])
})

test('what is delivered later leaves the file, with another process too', async () => {
  const { state, make, lines, server } = await keeping()
  const first = make()
  for (const id of ['a', 'b', 'c']) await first.send({ id, body: `{"id":"${id}"}` }).catch(() => {})
  state.answer = status(204)
  await first.send({ id: 'b', body: '{"again":true}' })
  await first.close()
  expect(await lines()).toEqual([letter('a', '{"id":"a"}'), letter('c', '{"id":"c"}')])
  const second = make()
  expect(await second.redeliver()).toBe(2)
  expect(await second.redeliver()).toBe(0)
  expect(
    server.received.slice(-2).map(({ headers, body }) => [headers['webhook-id'], body.toString()]),
  ).toEqual([
    ['a', '{"id":"a"}'],
    ['c', '{"id":"c"}'],
  ])
  expect(await lines()).toEqual([])
})

test('what fails again stays, and so does what stands behind it', async () => {
  const { state, make, lines } = await keeping()
  const outbound = make()
  for (const id of ['a', 'b', 'c']) await outbound.send({ id, body: '{}' }).catch(() => {})
  state.answer = (response, { headers }) =>
    void response.writeHead(headers['webhook-id'] === 'b' ? 500 : 204).end()
  await expect(outbound.redeliver()).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED', attempts: 1 })
  await outbound.close()
  expect(await lines()).toEqual([letter('b'), letter('c')])
})

test('what the receiver does not want, and what was closed meanwhile, is not kept', async () => {
  const { state, make, lines, server } = await keeping(status(410))
  const gone = make()
  for (const id of ['a', 'b'])
    await expect(gone.send({ id, body: '{}' })).rejects.toMatchObject({ code: 'ERR_OUTBOUND_DISABLED' })
  expect(server.received).toHaveLength(1)
  state.answer = () => {}
  const closed = make()
  const sending = closed.send({ id: 'c', body: '{}' })
  await server.arrived(2)
  await closed.close()
  await expect(sending).rejects.toMatchObject({ code: 'ERR_OUTBOUND_CLOSED' })
  expect(await lines()).toEqual([])
})

test('a file that cannot be used is found by open, and said with the failure', async () => {
  const { make, path } = await keeping()
  await writeFile(path, '{"id":1}\n', { mode: 0o600 })
  const outbound = make()
  await expect(outbound.open()).rejects.toMatchObject({ code: 'ERR_OUTBOUND_DEAD_LETTERS' })
  await expect(outbound.send({ id: 'a', body: '{}' })).rejects.toThrow(/did not acknowledge.*dead-letter/s)
})

test('without a file nothing is kept, and nothing can be sent anew', async () => {
  const server = await receiver(status(400))
  const outbound = createKeepingOutbound(
    { url: server.url, secret: SECRET, allow: ['127.0.0.1'], allowHttp: true },
    'test',
  )
  await outbound.open()
  await expect(outbound.send({ id: 'a', body: '{}' })).rejects.toMatchObject({ status: 400 })
  expect(await outbound.redeliver()).toBe(0)
  await Promise.all([outbound.close(), outbound.close()])
})
