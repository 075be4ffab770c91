import { expect, test } from 'vitest'
import type { LogEvent } from '../event'
import { factReader } from './event-facts'

const event = (subject: string, type: LogEvent['type'], data: LogEvent['data'] = {}): LogEvent => ({
  data,
  id: `${subject}/1`,
  previous: null,
  seq: 1,
  source: 'bot',
  subject,
  time: 0,
  type,
})

test('an outcome is told with the action of its request, also by what speaks of it later', () => {
  const read = factReader()
  const requester = { id: 'bot', name: 'Bot', owner: null }
  const onBehalfOf = {
    issuer: 'i',
    subject: 'olga',
    name: 'Olga',
    type: 'human',
    assurance: { method: 'sso' },
  }
  read(event('r', 'request.created', { action: 'data.export', onBehalfOf, requester }))
  const known = {
    requestId: 'r',
    action: 'data.export',
    requester: 'bot',
    onBehalfOf: { subject: 'olga', method: 'sso' },
  }
  expect(read(event('r', 'execution.succeeded', { summary: 'done' }))).toMatchObject({
    ...known,
    actor: null,
    decision: 'succeeded',
    summary: 'done',
  })
  expect(read(event('d', 'delivery.failed', { requestId: 'r', error: 'Error' }))).toMatchObject(known)
  expect(read(event('g', 'gate.started', { agent: 'bot' }))).toMatchObject({ requestId: null, action: null })
})

test('what is no text is given as its JSON', () => {
  const facts = factReader()(
    event('r', 'request.cancelled', { by: { issuer: 'i', subject: { hmac: 'a' } }, reason: 7 }),
  )
  expect(facts).toMatchObject({
    actor: { subject: '{"hmac":"a"}', name: null },
    reason: '7',
    decision: 'cancelled',
  })
})

test('forgets the oldest of very many, and never the one that is going on', () => {
  const read = factReader()
  const action = (at: number) => read(event(`r${at}`, 'request.reminded')).action
  for (let at = 0; at < 60_000; at += 1) read(event(`r${at}`, 'request.created', { action: 'a.run' }))
  expect([action(0), action(59_999)]).toEqual([null, 'a.run'])
  // What ended makes room.
  for (let at = 20_000; at < 60_000; at += 1) read(event(`r${at}`, 'request.expired'))
  for (let at = 60_000; at < 80_000; at += 1) read(event(`r${at}`, 'request.created', { action: 'a.run' }))
  expect([action(15_000), action(20_000), action(59_999), action(79_999)]).toEqual([
    'a.run',
    null,
    'a.run',
    'a.run',
  ])
})
