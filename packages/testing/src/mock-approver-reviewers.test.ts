import { describe, expect, test } from 'vitest'
import { mockApprover } from './mock-approver'
import { ada, deliver, signal, stage, started } from './mock-approver-fixtures'

describe('the reviewers', () => {
  test('are demo people of the issuer mock, in the group that is asked', async () => {
    const approver = mockApprover().approve()
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    expect(host.votes[0]?.actor).toEqual({
      type: 'human',
      issuer: 'mock',
      subject: 'default/review/1',
      name: 'mock reviewer',
      groups: ['ops'],
      assurance: { method: 'demo' },
    })
  })

  test('are as many distinct people as the quorum wants; one of them is enough to reject', async () => {
    const approver = mockApprover().reject('data.drop', 'no').approve()
    const host = await started(approver)
    const three = { purpose: 'ask', stages: [stage('review', 'ops', 3)] } as const
    const reviews = [host.ask({ requestId: 'r1' }), host.ask({ requestId: 'r2', action: 'data.drop' })]
    for (const _ of [1, 2, 3]) host.answerNext({ status: 'counted', requestStatus: 'pending', message: '' })
    for (const review of reviews) await approver.deliver(review, three, review.requestId, signal)
    await host.clock.settle()
    const voters = host.votes.map(({ requestId, actor }) => `${requestId} ${actor.subject}`)
    expect(voters.filter((voter) => voter.startsWith('r1'))).toHaveLength(3)
    expect(voters.filter((voter) => voter.startsWith('r2'))).toHaveLength(1)
    expect(new Set(voters).size).toBe(4)
  })

  test('stop voting once the request is decided', async () => {
    const approver = mockApprover().approve()
    const host = await started(approver)
    await deliver(
      approver,
      host,
      { requestId: 'r1' },
      { purpose: 'ask', stages: [stage('review', 'ops', 3)] },
    )
    expect(host.votes).toHaveLength(1)
  })

  test('are the named persons where a stage names persons, each once', async () => {
    const approver = mockApprover().approve()
    const host = await started(approver)
    for (const _ of [1, 2]) host.answerNext({ status: 'counted', requestStatus: 'pending', message: '' })
    const person = (subject: string) => ({ type: 'person', issuer: 'https://idp.test', subject }) as const
    const reviewers = { type: 'anyOf', of: [person('ada'), person('ben')] } as const
    const asked = { requirement: 'default', stage: 'review', reviewers, atLeast: 2 }
    await deliver(
      approver,
      host,
      { requestId: 'r1' },
      { purpose: 'ask', stages: [asked, { ...asked, requirement: 'other' }] },
    )
    expect(host.votes.map(({ actor }) => `${actor.issuer} ${actor.subject}`)).toEqual([
      'https://idp.test ada',
      'https://idp.test ben',
    ])
  })

  test('can be anybody the script names', async () => {
    const approver = mockApprover().approve('*', { by: ada, note: 'fine' })
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    expect(host.votes).toMatchObject([{ actor: ada, note: 'fine' }])
  })

  test('one edits, and what came of the edit is approved when it is delivered anew', async () => {
    const approver = mockApprover().edit('*', (args) => ({ ...args, rows: 10 }))
    const host = await started(approver)
    const two = { purpose: 'ask', stages: [stage('review', 'ops', 2)] } as const
    host.answerNext({ status: 'counted', requestStatus: 'pending', message: '' })
    await deliver(approver, host, { requestId: 'r1' }, two)
    expect(host.votes.map(({ edits }) => edits)).toEqual([[{ path: '/rows', value: 10 }]])
    host.answerNext({ status: 'already-counted', requestStatus: 'pending', message: '' })
    await deliver(approver, host, { requestId: 'r1', args: { rows: 10 }, editedBy: 'mock reviewer' }, two)
    expect(host.votes.slice(1).map(({ edits, actor }) => [edits, actor.name])).toEqual([
      [undefined, 'mock reviewer'],
      [undefined, 'mock reviewer 2'],
    ])
  })
})
