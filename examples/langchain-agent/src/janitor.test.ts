import { createGate, group, type Principal, when } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import { MemorySaver } from '@langchain/langgraph'
import { AIMessage, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { createJanitor, type Setup } from './janitor'

const rita: Principal = {
  type: 'human',
  issuer: 'https://idp.example.com',
  subject: 'rita',
  name: 'Rita',
  groups: ['ops'],
  assurance: { method: 'sso' },
}

test('of two deletions the approved one happens, and a new process goes on where the old one stopped', async () => {
  const gate = createGate({
    agent: { id: 'janitor', owner: null },
    approvers: [mockApprover({ otherwise: 'ignore' })],
    reviewers: group('ops'),
    policy: [when('tool.list_users').allow()],
    ephemeral: true,
  })
  const deleted: string[] = []
  const deleteUser = async (id: string) => void deleted.push(id)
  const shared: Omit<Setup, 'model'> = { gate, checkpointer: new MemorySaver(), deleteUser }
  const remove = (id: string) => ({ name: 'deleteUser', args: { id }, id: `delete-${id}` })

  const model = fakeModel()
    .respondWithTools([{ name: 'listUsers', args: {}, id: 'list' }])
    .respondWithTools([remove('ada'), remove('ben')])
  await createJanitor({ ...shared, model }).begin('Delete who left.', 'thread-1')

  const next = createJanitor({ ...shared, model: fakeModel().respond(new AIMessage('Ada is gone.')) })
  expect(await next.waitsFor('thread-1')).toHaveLength(2)
  expect(deleted).toEqual([])

  for (const { requestId } of await next.waitsFor('thread-1')) {
    const review = await gate.requests.review(requestId)
    const isAda = (await gate.requests.get(requestId))?.arguments.includes('"ada"')
    const word = isAda
      ? { decision: 'approve' as const }
      : { decision: 'reject' as const, note: 'Ben is active' }
    await gate.vote({ requestId, digest: review?.digest ?? '', actor: rita, ...word })
  }
  const { messages } = await next.goOn('thread-1')
  expect(deleted).toEqual(['ada'])
  expect(messages.at(-1)?.text).toBe('Ada is gone.')
  expect(messages.map(({ text }) => text).join('\n')).toContain('Decided by Rita. Reason: Ben is active.')
  await gate.close()
})
