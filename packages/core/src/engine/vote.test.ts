import { type ArgumentEdit, group } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ada, attempt, ben, cleo, member, scene, settle } from '../../test/scene'

const sec = member('sid', ['security'])
const mia = member('mia', ['managers'])

async function asked(options: Parameters<typeof scene>[0], action: object = {}) {
  const s = scene(options)
  const call = attempt(
    s.gate.requireApproval(s.effect, { action: 'data.export', ...action })({ rows: 1, table: 'users' }),
  )
  const { id } = await s.only()
  return { s, call, id }
}

describe('quorum and stages', () => {
  test('a quorum waits for the last voice, and says how many are missing', async () => {
    const { s, call, id } = await asked({ reviewers: group('ops', { atLeast: 3 }) })
    expect((await s.approve(id, ada)).message).toContain('2 more')
    expect((await s.approve(id, ben)).message).toContain('1 more')
    expect(call.state).toBe('waiting')
    await s.approve(id, cleo)
    await call.ended
    expect(s.runs).toHaveLength(1)
  })

  test('stages open one after the other, and only then ask their people', async () => {
    const { s, call, id } = await asked({
      requirement: {
        stages: [
          { name: 'team', reviewers: group('ops') },
          { name: 'security', reviewers: group('security') },
        ],
      },
    })
    expect(s.desk.messages.map(({ to }) => to.stages.map(({ stage }) => stage))).toEqual([['team']])
    expect(await s.approve(id, sec)).toMatchObject({ status: 'refused' })
    await s.approve(id, ada)
    expect(s.desk.messages.map(({ to }) => to.stages.map(({ stage }) => stage))).toEqual([
      ['team'],
      ['security'],
    ])
    await s.approve(id, sec)
    await call.ended
    expect(s.runs).toHaveLength(1)
  })

  test('who approved one stage cannot approve the next', async () => {
    const both = member('bo', ['ops', 'security'])
    const { s, id } = await asked({
      requirement: {
        stages: [
          { name: 'team', reviewers: group('ops') },
          { name: 'security', reviewers: group('security') },
        ],
      },
    })
    await s.approve(id, both)
    expect((await s.approve(id, both)).status).not.toBe('counted')
    expect(s.runs).toEqual([])
  })

  test('who approved a stage that is complete may still say no while others are asked', async () => {
    const requirement = {
      stages: [
        { name: 'team', reviewers: group('ops') },
        { name: 'security', reviewers: group('security') },
      ],
    }
    const { s, call, id } = await asked({ requirement })
    await s.approve(id, ada)
    // Whoever did not vote in it cannot: the stage is complete.
    expect(await s.reject(id, ben, 'no')).toMatchObject({ status: 'refused', reason: 'earlier-stage' })
    // Nor can somebody who is not in the group any more.
    expect((await s.reject(id, { ...ada, groups: [] }, 'no')).status).toBe('refused')
    expect(await s.reject(id, ada, 'I was wrong')).toMatchObject({
      status: 'counted',
      requestStatus: 'rejected',
    })
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_REJECTED')
    expect(s.runs).toEqual([])
    expect((await s.request(id)).votes.map(({ decision, countsIn }) => [decision, countsIn])).toEqual([
      ['approve', [[0, 0]]],
      ['reject', [[0, 0]]],
    ])
  })

  test('one rejection ends it, whatever was approved', async () => {
    const { s, call, id } = await asked({ reviewers: group('ops', { atLeast: 3 }) })
    await s.approve(id, ada)
    await s.approve(id, ben)
    await s.reject(id, cleo, 'no')
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_REJECTED')
    expect(s.runs).toEqual([])
  })

  test('escalation lets more people vote once its time has come, and not before', async () => {
    const { s, call, id } = await asked({
      requirement: { reviewers: group('ops'), escalate: { after: '30m', to: group('managers') } },
    })
    expect((await s.approve(id, mia)).status).toBe('refused')
    await s.clock.advance('31m')
    expect(s.desk.messages.map(({ to }) => to.purpose)).toEqual(['ask', 'escalate'])
    expect((await s.approve(id, mia)).status).toBe('counted')
    await call.ended
    expect(s.runs).toHaveLength(1)
  })

  test('T23: time escalates the stage that waits, not one that is met or has not opened yet', async () => {
    const { s, call, id } = await asked({
      requirement: {
        within: '4h',
        stages: [
          { name: 'first', reviewers: group('ops'), escalate: { after: '50m', to: group('security') } },
          { name: 'second', reviewers: group('leads'), escalate: { after: '30m', to: group('managers') } },
        ],
      },
    })
    await s.clock.advance('40m')
    expect(await s.types(id)).not.toContain('request.escalated')
    expect((await s.approve(id, ada)).status).toBe('counted')
    expect((await s.approve(id, mia)).status).toBe('refused')
    await s.clock.advance('29m')
    expect((await s.approve(id, mia)).status).toBe('refused')
    await s.clock.advance('2m')
    expect((await s.approve(id, mia)).status).toBe('counted')
    await call.ended
    expect(s.runs).toHaveLength(1)
    const escalated = await s.events('request.escalated')
    expect(escalated.map(({ data }) => data['stages'])).toEqual([[[0, 1]]])
  })

  test('reminders come as often as they should, and stop with the decision', async () => {
    const { s, id } = await asked({
      requirement: { reviewers: group('ops'), remindEvery: '10m', within: '2h' },
    })
    await s.clock.advance('35m')
    expect(s.desk.messages.map(({ to }) => to.purpose)).toEqual(['ask', 'remind', 'remind', 'remind'])
    expect((await s.types(id)).filter((type) => type === 'request.reminded')).toHaveLength(3)
    await s.approve(id)
    await s.clock.advance('35m')
    expect(s.desk.messages).toHaveLength(4)
  })

  test('a note is demanded where the requirement says so, and the document says it first', async () => {
    const { s, id } = await asked({ requirement: { reviewers: group('ops'), noteFor: 'both' } })
    expect((await s.gate.requests.review(id))?.content.noteFor).toEqual({ approve: true, reject: true })
    expect(await s.approve(id)).toMatchObject({ status: 'refused', reason: 'note-needed' })
    expect(await s.approve(id, ada, { note: '  ' })).toMatchObject({ reason: 'note-needed' })
    expect(await s.reject(id)).toMatchObject({ reason: 'note-needed' })
    await s.approve(id, ada, { note: 'checked the table' })
    expect(s.runs).toHaveLength(1)
    expect((await s.events('request.vote-cast'))[0]?.data['note']).toBe('checked the table')
  })

  test('a vote is told under the name of the approver that carried it', async () => {
    const { s, id } = await asked({})
    const { reviewDigest } = await s.request(id)
    await s.desk.host.vote({ requestId: id, decision: 'approve', digest: reviewDigest, actor: ada })
    await settle()
    expect((await s.events('request.vote-cast'))[0]?.data['channel']).toBe('desk')
  })

  test('people see votes as they come, and the last state last', async () => {
    const { s, id } = await asked({ reviewers: group('ops', { atLeast: 2 }) })
    await s.approve(id, ada)
    await s.approve(id, ben)
    await settle()
    const shown = s.desk.updates.map(({ review }) => [review.progress.status, review.progress.votes.length])
    expect(shown[0]).toEqual(['pending', 1])
    expect(shown.at(-1)).toEqual(['succeeded', 2])
    expect(s.desk.updates.map(({ review }) => review.progress.version)).toEqual(
      [...s.desk.updates.map(({ review }) => review.progress.version)].sort((a, b) => a - b),
    )
  })
})

describe('edited arguments', () => {
  const input = z.object({ rows: z.number().max(100), table: z.string() }).strict()

  test('what the reviewer made of them runs; the proposed ones stay beside', async () => {
    const { s, call, id } = await asked({}, { input })
    await s.approve(id, ada, { edits: [{ path: '/rows', value: 10 }] })
    await call.ended
    expect(s.runs).toEqual([[{ rows: 10, table: 'users' }]])
    const request = await s.request(id)
    expect(JSON.parse(request.arguments)).toEqual([{ rows: 1, table: 'users' }])
    const [edited] = await s.events('request.edited')
    expect(edited?.data).toMatchObject({
      proposedDigest: request.argumentsDigest,
      argumentsDigest: request.edited?.digest,
      by: { subject: 'ada' },
    })
    expect((await s.events('request.vote-cast'))[0]?.data['changes']).toEqual([
      { path: '/rows', before: '1', after: '10' },
    ])
    expect((await s.events('execution.started'))[0]?.data['argumentsDigest']).toBe(request.edited?.digest)
  })

  test.each<[string, readonly ArgumentEdit[], string, RegExp]>([
    ['do not fit the schema', [{ path: '/rows', value: 1_000 }], 'edit-invalid', /\/rows/],
    ['drop a field', [{ path: '/table', remove: true }], 'edit-invalid', /\/table/],
    ['add a field', [{ path: '/admin', value: true }], 'edit-invalid', /admin/],
    ['are no object', [{ path: '', value: [1] }], 'edit-invalid', /object/],
    ['change nothing', [{ path: '/rows', value: 1 }], 'edit-invalid', /Nothing was changed/],
    ['name nothing', [], 'edit-invalid', /No change was named/],
    ['name what is not there', [{ path: '/rows/deep', value: 1 }], 'edit-invalid', /\/rows\/deep/],
    ['are denied by policy', [{ path: '/rows', value: 66 }], 'edit-denied', /unlucky/],
  ])('edits that %s are refused, and change nothing', async (_what, edits, reason, said) => {
    const policy = [
      {
        id: 'p',
        version: 1,
        decide: ({ args }: { args: Readonly<Record<string, unknown>> }) =>
          args['rows'] === 66
            ? ({ effect: 'deny', reason: 'unlucky' } as const)
            : ({ effect: 'abstain' } as const),
      },
    ]
    const { s, call, id } = await asked({ policy }, { input })
    const receipt = await s.approve(id, ada, { edits })
    expect(receipt).toMatchObject({ status: 'refused', reason })
    expect(receipt.message).toMatch(said)
    expect((await s.request(id)).version).toBe(1)
    expect(call.state).toBe('waiting')
    expect(s.runs).toEqual([])
  })

  test('an edit may add reviewers and never sheds any', async () => {
    const requirement = (id: string, name: string) => ({
      id,
      version: 1,
      withinMs: 3_600_000,
      useWithinMs: 900_000,
      remindEveryMs: null,
      noteFor: { approve: false, reject: false },
      grantable: false,
      stages: [
        {
          name: 'review',
          reviewers: { type: 'group' as const, name },
          atLeast: 1,
          assurance: null,
          escalation: null,
        },
      ],
    })
    const policy = [
      {
        id: 'p',
        version: 1,
        decide: ({ args }: { args: Readonly<Record<string, unknown>> }) => ({
          effect: 'require' as const,
          requirement:
            (args['rows'] as number) > 5 ? requirement('big', 'security') : requirement('small', 'ops'),
        }),
      },
    ]
    const { s, call, id } = await asked({ policy }, {})
    const receipt = await s.approve(id, ada, { edits: [{ path: '/rows', value: 50 }] })
    expect(receipt.status).toBe('counted')
    expect(call.state).toBe('waiting')
    await s.approve(id, sec)
    await call.ended
    expect(s.runs).toEqual([[{ rows: 50, table: 'users' }]])
  })

  test('after an edit, an approval of the old document is refused', async () => {
    const { s, id } = await asked({ reviewers: group('ops', { atLeast: 2 }) })
    const before = (await s.request(id)).reviewDigest
    await s.approve(id, ada, { edits: [{ path: '/rows', value: 10 }] })
    expect(await s.approve(id, ben, { digest: before })).toMatchObject({
      status: 'refused',
      reason: 'digest',
    })
    expect(s.runs).toEqual([])
    await s.approve(id, ben)
    expect(s.runs).toEqual([[{ rows: 10, table: 'users' }]])
  })

  test('where the action is not known, nothing can be edited', async () => {
    const { s, id } = await asked({})
    const other = s.neighbour()
    expect(await other.approve(id, ada, { edits: [{ path: '/rows', value: 2 }] })).toMatchObject({
      status: 'refused',
      reason: 'edit-unsupported',
    })
  })

  test('pins are taken anew for what the edit names', async () => {
    const files: Record<string, string> = { a: '1', b: '2' }
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, {
      action: 'file.send',
      parameters: ['path'],
      pin: ({ args }) => ({ file: files[String(args['path'])] ?? 'none' }),
    })
    const call = attempt(tool('a'))
    const { id } = await s.only()
    await s.approve(id, ada, { edits: [{ path: '/path', value: 'b' }] })
    await call.ended
    expect(s.runs).toEqual([['b']])
    expect((await s.request(id)).pins).toEqual({ file: '2' })
  })
})

test('T04: a directory that is down tells nobody which requests exist', async () => {
  const down = { failing: false }
  const s = scene({
    directory: {
      resolve: async (identity) => {
        if (down.failing) throw new Error('down')
        return { ...identity, name: 'somebody', groups: ['ops'] }
      },
    },
  })
  attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
  const { id } = await s.only()
  down.failing = true
  const [known, unknown] = [await s.approve(id), await s.approve('no such request')]
  expect(known).toMatchObject({ status: 'refused', reason: 'identity-unavailable' })
  expect(unknown).toEqual(known)
})
