import Anthropic from '@anthropic-ai/sdk'
import { createGate, group, when } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { tidyUp } from './janitor'

const use = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, input })

/** Claude's side of the conversation, and what it is told. */
const script = [
  [use('t1', 'list_users', {})],
  [use('t2', 'delete_user', { id: 'ada' }), use('t3', 'delete_user', { id: 'ben' })],
  [{ type: 'text', text: 'Ada is gone, Ben stays.' }],
]

test('of two deletions the approved one happens, and Claude is told why the other does not', async () => {
  const approver = mockApprover()
    .approve(({ content }) => content.arguments.some(({ text }) => text === 'ada'))
    .reject('tool.delete_user', 'Ben still works here')
  const gate = createGate({
    agent: { id: 'janitor', owner: null },
    approvers: [approver],
    reviewers: group('ops'),
    policy: [when('tool.list_users').allow()],
    ephemeral: true,
  })
  const told: string[] = []
  const client = new Anthropic({
    apiKey: 'none',
    fetch: async (_url, init) => {
      told.push(String(init?.body))
      const content = script[told.length - 1]
      const stop_reason = told.length < script.length ? 'tool_use' : 'end_turn'
      const usage = { input_tokens: 1, output_tokens: 1 }
      return Response.json({
        id: `msg_${told.length}`,
        type: 'message',
        role: 'assistant',
        content,
        stop_reason,
        usage,
      })
    },
  })
  const deleted: string[] = []
  const deleteUser = async (id: string) => void deleted.push(id)
  expect(await tidyUp('Tidy up.', { client, gate, deleteUser })).toBe('Ada is gone, Ben stays.')
  expect(deleted).toEqual(['ada'])
  expect(told.at(-1)).toContain('Ben still works here')
  await gate.close()
})
