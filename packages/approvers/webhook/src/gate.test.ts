import { person, staticDirectory } from '@gatewright/core'
import { expect, test } from 'vitest'
import { gateRoom } from '../test/gate-room'
import { ISSUER, identityProvider } from '../test/identity-provider'
import { statementNonce } from '.'

test('a call waits, a person decides over the webhook, the call runs once, and the receiver is told how it ended', async () => {
  const { office, call, statement, ran, events } = await gateRoom()
  const { requestId, ended } = await call({ table: 'customers', rows: 120 })
  expect(ran).toEqual([])
  const { status, answer } = await office.send(statement(requestId, 'approve', { note: 'as agreed' }))
  expect([status, answer]).toMatchObject([200, { status: 'counted', requestStatus: 'approved' }])
  expect(await ended).toBe('ran')
  expect(ran).toEqual([{ table: 'customers', rows: 120 }])
  await office.receiver.until(() =>
    [...office.receiver.shown.values()].some(
      ({ payload }) => payload.data.review.progress.status === 'succeeded',
    ),
  )
  const [message] = office.receiver.shown.values()
  expect(message?.payload).toMatchObject({ type: 'approval.updated', data: { decision: null } })
  expect(message?.payload.data.review.progress.votes).toMatchObject([{ by: 'Ada Moreno', note: 'as agreed' }])
  // T37: the log names a person, and how they were known.
  expect(events('request.vote-cast').map(({ data }) => data)).toMatchObject([
    { channel: 'webhook', actor: { issuer: ISSUER, subject: 'ada', assurance: { method: 'token' } } },
  ])
})

test('an edit runs as it was edited', async () => {
  const { office, call, statement, ran } = await gateRoom()
  const { requestId, ended } = await call({ rows: 120_000 })
  const edits = [{ path: '/rows', value: 10 }]
  const { answer } = await office.send(statement(requestId, 'approve', { edits }))
  expect(answer).toMatchObject({ status: 'counted' })
  expect(await ended).toBe('ran')
  expect(ran).toEqual([{ rows: 10 }])
})

test('a rejection, and the reason, reach the caller', async () => {
  const { office, call, statement, ran } = await gateRoom()
  const { requestId, ended } = await call({ rows: 1 })
  await office.send(statement(requestId, 'reject', { note: 'no ticket' }))
  expect(await ended).toMatchObject({ code: 'ERR_APPROVAL_REJECTED' })
  expect(ran).toEqual([])
})

test('T22: where a fresh sign-in is asked for, an old one is answered with the way to confirm, and does not count', async () => {
  const requirement = { reviewers: person(ISSUER, 'ada'), assurance: { sso: true, maxAge: '15m' } } as const
  const { office, call, statement, ran, clock } = await gateRoom({ requirement })
  const { requestId, ended } = await call({ rows: 1 })
  const seconds = Math.floor(clock.now() / 1_000)
  for (const auth_time of [seconds - 901, seconds + 120, undefined]) {
    const { answer } = await office.send(statement(requestId), { claims: { auth_time } })
    expect(answer).toMatchObject({ status: 'refused', reason: 'assurance', link: expect.any(String) })
  }
  expect(ran).toEqual([])
  expect(
    (await office.send(statement(requestId), { claims: { auth_time: seconds - 890 } })).answer,
  ).toMatchObject({
    status: 'counted',
  })
  expect(await ended).toBe('ran')
})

test('T04, T21: somebody whom nobody knows learns nothing, and is told where to say who they are', async () => {
  const directory = staticDirectory({
    people: [{ issuer: ISSUER, subject: 'ada', name: 'Ada', groups: ['ops'] }],
  })
  const { office, call, statement, ran, gate } = await gateRoom({ directory })
  const { requestId } = await call({ rows: 1 })
  // The same address, and the same name, under another subject.
  const claims = { sub: 'eve', email: 'ada@example.com', name: 'Ada' }
  const { answer } = await office.send(statement(requestId), { claims })
  expect(answer).toMatchObject({
    status: 'refused',
    reason: 'not-found',
    invitation: expect.stringMatching(/^https:\/\/gate\.test\/link\//),
  })
  expect((await gate.requests.get(requestId))?.votes).toEqual([])
  expect(ran).toEqual([])
})

test('T21: a subject of another issuer is another person', async () => {
  const other = await identityProvider('ES256', 'https://other.test')
  const room = await gateRoom()
  const { office, call, statement, clock, gate } = room
  const { requestId } = await call({ rows: 1 })
  const written = JSON.stringify(statement(requestId))
  const identity = await other.token(statementNonce(written), clock.now())
  expect(await office.send(written, { identity })).toMatchObject({
    status: 403,
    answer: { status: 'invalid', message: expect.stringContaining('issuer') },
  })
  expect((await gate.requests.get(requestId))?.votes).toEqual([])
})

test('T43: a secret in the arguments does not leave the process, in a message or in the dead letters', async () => {
  const { office, call } = await gateRoom()
  await call({ password: 'hunter2-and-more', header: 'Bearer ghp_0123456789abcdefghijklmnopqrstuvwxyz' })
  const sent = office.receiver.arrived.map(({ body }) => body).join('\n')
  expect(sent).toContain('redacted')
  expect(sent).not.toMatch(/hunter2|ghp_0123/)
})

test('T34: a message that an earlier process sent is brought up to date by the next, and its token still counts', async () => {
  const first = await gateRoom({ wait: 'suspend' })
  const { requestId, ended } = await first.call({ rows: 1 })
  const token = first.office.tokenOf(requestId) ?? ''
  expect(await ended).toMatchObject({ code: 'ERR_APPROVAL_PENDING' })
  await first.gate.close()
  const url = first.office.receiver.url
  const second = await gateRoom({ store: first.store }, { url })
  const written = JSON.stringify({ token, decision: 'reject', note: 'not now' })
  expect((await second.office.send(written)).answer).toMatchObject({ status: 'counted' })
  await first.office.receiver.until(
    () => [...first.office.receiver.shown.values()].at(-1)?.payload.data.decision === null,
  )
  expect([...first.office.receiver.shown.values()]).toHaveLength(1)
})
