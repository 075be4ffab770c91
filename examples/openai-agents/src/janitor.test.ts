import { createGate, group, type Principal } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import { assistantMessage, functionCall, modelResponse, ScriptedModel } from '@openai/agents/testing'
import { expect, test } from 'vitest'
import { createJanitor } from './janitor'

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
    ephemeral: true,
  })
  const deleted: string[] = []
  const deleteUser = async (id: string) => void deleted.push(id)
  const remove = (id: string) => functionCall('deleteUser', { id }, { callId: `delete-${id}` })

  const model = new ScriptedModel([modelResponse([remove('ada'), remove('ben')])])
  const first = await createJanitor({ gate, deleteUser, model }).begin('Delete who left.')
  if (!('saved' in first)) throw new Error('nobody was asked')
  expect(deleted).toEqual([])

  const next = new ScriptedModel([modelResponse([assistantMessage('Ada is gone.')])])
  const janitor = createJanitor({ gate, deleteUser, model: next })
  expect(await janitor.goOn(first.saved)).toMatchObject({ waiting: [{}, {}] })

  for (const { callId, requestId } of first.waiting) {
    const review = await gate.requests.review(requestId)
    const word =
      callId === 'delete-ada'
        ? { decision: 'approve' as const }
        : { decision: 'reject' as const, note: 'Ben is active' }
    await gate.vote({ requestId, digest: review?.digest ?? '', actor: rita, ...word })
  }
  expect(await janitor.goOn(first.saved)).toEqual({ done: 'Ada is gone.' })
  expect(deleted).toEqual(['ada'])
  expect(JSON.stringify(next.lastCall?.request.input)).toContain('Decided by Rita. Reason: Ben is active.')
  await gate.close()
})
