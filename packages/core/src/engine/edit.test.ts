import { type ArgumentEdit, GatewrightError, group } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ada, attempt, ben, scene } from '../../test/scene'

const SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'

async function asked(args: unknown[], options: Parameters<typeof scene>[0] = {}, action: object = {}) {
  const s = scene(options)
  const tool = s.gate.requireApproval(s.effect, { action: 'mail.send', ...action })
  const call = attempt(tool(...args))
  const { id } = await s.only()
  return { s, call, id }
}

describe('T43: a call that holds a secret is edited without knowing it', () => {
  const mail = { to: 'all@example.com', token: SECRET, headers: { authorization: SECRET, subject: 'hi' } }

  test('what no change names runs as the agent asked for it, and the channel never sees it', async () => {
    const { s, call, id } = await asked([mail])
    const receipt = await s.approve(id, ada, {
      edits: [
        { path: '/to', value: 'me@example.com' },
        { path: '/headers/subject', remove: true },
      ],
    })
    expect(receipt.status).toBe('counted')
    await call.ended
    expect(s.runs).toEqual([[{ to: 'me@example.com', token: SECRET, headers: { authorization: SECRET } }]])
    await s.types()
    expect(JSON.stringify([s.audit.events, s.desk.messages, s.desk.updates, s.logger.entries])).not.toContain(
      SECRET,
    )
    expect((await s.request(id)).edited?.changes).toEqual([
      { path: '/headers/subject', before: 'hi', after: null },
      { path: '/to', before: 'all@example.com', after: 'me@example.com' },
    ])
  })

  test('a careless channel that sends back what it was shown is refused', async () => {
    const { s, call, id } = await asked([mail])
    const shown = {
      to: 'me@example.com',
      token: '[redacted]',
      headers: { authorization: '[redacted]', subject: 'hi' },
    }
    for (const edits of [
      [{ path: '', value: shown }],
      [{ path: '/headers', value: shown.headers }],
      [{ path: '/token', value: '[redacted]' }],
    ]) {
      const receipt = await s.approve(id, ada, { edits })
      expect(receipt).toMatchObject({ status: 'refused', reason: 'edit-invalid' })
      expect(receipt.message).toMatch(/\/(token|headers\/authorization) would become "\[redacted\]"/)
    }
    expect((await s.request(id)).version).toBe(1)
    expect([call.state, s.runs]).toEqual(['waiting', []])
  })

  test('I9: a secret that becomes another one stands among the changes', async () => {
    const { s, id } = await asked(
      [mail, { a: 1 }],
      { reviewers: group('ops', { atLeast: 2 }) },
      { parameters: ['mail', 'more'] },
    )
    await s.approve(id, ada, { edits: [{ path: '/mail/token', value: 'another-token' }] })
    const document = await s.gate.requests.review(id)
    expect(document?.content.edited?.changes).toEqual([
      { path: '/mail/token', before: '[redacted]', after: '[redacted]' },
    ])
    await s.approve(id, ben)
    expect(s.runs).toEqual([[{ ...mail, token: 'another-token' }, { a: 1 }]])
  })
})

test('a second edit changes what stands, not what was proposed', async () => {
  const { s, id } = await asked([{ a: 1, b: 1, l: ['x'] }], { reviewers: group('ops', { atLeast: 2 }) })
  await s.approve(id, ada, {
    edits: [
      { path: '/a', value: 2 },
      { path: '/l/1', value: 'y' },
    ],
  })
  await s.approve(id, ben, {
    edits: [
      { path: '/b', value: 2 },
      { path: '/l/0', remove: true },
    ],
  })
  expect(s.runs).toEqual([])
  await s.approve(id, ada)
  expect(s.runs).toEqual([[{ a: 2, b: 2, l: ['y'] }]])
})

describe('T10: an edit away and back', () => {
  async function editedBack() {
    let content = 'harmless'
    const { s, call, id } = await asked(
      [{ path: 'a.sh', n: 1 }],
      { reviewers: group('ops', { atLeast: 2 }) },
      { pin: () => ({ file: content }) },
    )
    await s.approve(id, ada)
    content = 'another'
    await s.approve(id, ben, { edits: [{ path: '/n', value: 2 }] })
    await s.approve(id, ben, { edits: [{ path: '/n', value: 1 }] })
    return { s, call, id }
  }

  test('makes no quorum of an approval of what the file was before', async () => {
    const { s, call, id } = await editedBack()
    expect(await s.request(id)).toMatchObject({ status: 'pending', pins: { file: 'another' } })
    expect((await s.gate.requests.review(id))?.progress).toMatchObject({
      votes: [{ counts: false }, { counts: false }, { counts: true }],
      open: [{ missing: 1 }],
    })
    expect([call.state, s.runs]).toEqual(['waiting', []])
  })

  test('whoever approved before is asked once more, and then it runs', async () => {
    const { s, call, id } = await editedBack()
    const [ballot] = await reviewAccess(s.gate).ballots.of([await s.request(id)], ada)
    expect(ballot?.approval).toBe('counts')
    expect((await s.approve(id, ada)).status).toBe('counted')
    await call.ended
    expect(s.runs).toEqual([[{ path: 'a.sh', n: 1 }]])
    expect((await s.events('request.approved'))[0]?.data.quorum).toEqual([[[2, 2]]])
  })
})

test('types survive: a schema sees the date that the reviewer wrote', async () => {
  const input = z.object({ at: z.date(), n: z.number() })
  const { s, id } = await asked([{ at: new Date(0), n: 1 }], {}, { input })
  const at = '2026-05-01T00:00:00.000Z'
  expect(await s.approve(id, ada, { edits: [{ path: '/at', value: at }] })).toMatchObject({
    reason: 'edit-invalid',
  })
  await s.approve(id, ada, { edits: [{ path: '/at', value: { $type: 'date', value: at } }] })
  expect(s.runs).toEqual([[{ at: new Date(at), n: 1 }]])
})

test('positional arguments: set by name, added up to the names there are, dropped at the end', async () => {
  const action = { parameters: ['table', 'rows', 'dry'] }
  const one = await asked(['users', 5], {}, action)
  await one.s.approve(one.id, ada, { edits: [{ path: '/dry', value: true }] })
  expect(one.s.runs).toEqual([['users', 5, true]])
  const two = await asked(['users', 5], {}, action)
  const stranger = await two.s.approve(two.id, ada, { edits: [{ path: '/wet', value: true }] })
  expect(stranger).toMatchObject({ reason: 'edit-invalid', message: expect.stringContaining('/wet') })
  await two.s.approve(two.id, ada, { edits: [{ path: '/rows', remove: true }] })
  expect(two.s.runs).toEqual([['users']])
})

test('a call that holds something live is not edited', async () => {
  const { s, call, id } = await asked(
    [() => 1, 2],
    {},
    { parameters: ['stream', 'n'], facts: { stream: () => ({ id: 7 }) } },
  )
  for (const path of ['/stream/facts/id', '/stream', '/n'])
    expect(await s.approve(id, ada, { edits: [{ path, value: 3 }] })).toMatchObject({
      reason: 'edit-unsupported',
    })
  expect([call.state, s.runs]).toEqual(['waiting', []])
})

test.each<[string, unknown]>([
  ['the arguments themselves', { rows: 1 }],
  ['a text', '/rows'],
  ['no change', [null]],
  ['a change without a path', [{ value: 1 }]],
  ['a path that is a list', [{ path: ['rows'], value: 1 }]],
  ['a change that does nothing', [{ path: '/rows' }]],
  ['a change that does two things', [{ path: '/rows', value: 1, remove: true }]],
  ['a removal that is none', [{ path: '/rows', remove: false }]],
  ['an operation of RFC 6902', [{ op: 'replace', path: '/rows', value: 1 }]],
])('edits that are %s are no vote', async (_what, edits) => {
  const { s, id } = await asked([{ rows: 2 }])
  const error = await s
    .approve(id, ada, { edits: edits as readonly ArgumentEdit[] })
    .catch((thrown: unknown) => thrown)
  expect(GatewrightError.isInstance(error) && error.code).toBe('ERR_VOTE_MALFORMED')
  expect(String(error)).toContain('edits')
  expect(s.runs).toEqual([])
})

describe('an edit of a call whose action is the name of another function by now', () => {
  const pinned = {
    action: 'mail.send',
    input: z.strictObject({ to: z.enum(['ada', 'ben']) }),
    pin: () => ({ template: 'v1' }),
  }
  const edits = [{ path: '/to', value: 'all' }]

  test('I2, T10: is checked by the schema of the call that waits, and pinned by its pin', async () => {
    const s = scene()
    const call = attempt(s.gate.requireApproval(s.effect, pinned)({ to: 'ada' }))
    const { id } = await s.only()
    s.gate.requireApproval(async () => {}, { action: 'mail.send' })
    expect(await s.approve(id, ada, { edits })).toMatchObject({ status: 'refused', reason: 'edit-invalid' })
    const receipt = await s.approve(id, ada, { edits: [{ path: '/to', value: 'ben' }] })
    expect(receipt.status).toBe('counted')
    await call.ended
    expect(s.runs).toEqual([[{ to: 'ben' }]])
    expect((await s.request(id)).pins).toEqual({ template: 'v1' })
  })

  test('T10: falls where the call did not wait, and the edit lost its pin', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { ...pinned, key: () => 'k', wait: 'suspend' })
    await expect(tool({ to: 'ada' })).rejects.toMatchObject({ code: 'ERR_APPROVAL_PENDING' })
    const { id } = await s.only()
    s.gate.requireApproval(async () => {}, { action: 'mail.send' })
    expect((await s.approve(id, ada, { edits })).status).toBe('counted')
    await expect(tool({ to: 'ada' })).rejects.toMatchObject({
      code: 'ERR_APPROVAL_INVALIDATED',
      reason: 'template changed while it waited',
    })
    expect(s.runs).toEqual([])
  })
})
