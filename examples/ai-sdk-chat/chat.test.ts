import { createGate, group, type Principal } from '@gatewright/core'
import { MockLanguageModelV4 } from 'ai/test'
import { expect, test } from 'vitest'
import { chatRoute } from './src/chat-route'
import { Chat } from './src/client'

const person = (subject: string, ...groups: string[]): Principal => ({
  type: 'human',
  issuer: 'https://idp.test',
  subject,
  name: subject,
  groups,
  assurance: { method: 'sso' },
})
const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
const call = { type: 'tool-call', toolCallId: 'call-1', toolName: 'deleteUser', input: '{"id":"ada"}' }

/** A model that wants to delete a user, and after that has nothing to say. */
const model = new MockLanguageModelV4({
  doStream: async ({ prompt }) => {
    const calls = prompt.at(-1)?.role === 'tool' ? [] : [call]
    const finish = { type: 'finish', finishReason: { unified: calls[0] ? 'tool-calls' : 'stop' }, usage }
    return {
      stream: ReadableStream.from([{ type: 'stream-start', warnings: [] }, ...calls, finish]) as never,
    }
  },
})

/** A chat of somebody whose agent wants to delete a user. */
async function asked(who: Principal) {
  const agent = { id: 'support-bot', owner: null }
  const gate = createGate({ agent, approvers: [], reviewers: group('ops'), ephemeral: true })
  const deleted: string[] = []
  const deleteUser = async (id: string) => `deleted user number ${deleted.push(id)}`
  const secrets = ['kept where the server keeps its secrets']
  const chat = new Chat(chatRoute({ gate, model, deleteUser, whoIsIt: async () => who, secrets }))
  await chat.sendMessage({ text: 'Ada left, delete her account' })
  const outputs = () => chat.lastMessage?.parts.filter(({ type }) => type === 'tool-deleteUser')
  expect(deleted).toEqual([])
  return { gate, chat, deleted, outputs }
}

test('what a reviewer approves in the chat runs', async () => {
  const { chat, deleted, outputs } = await asked(person('rita', 'ops'))
  expect(chat.lastMessage?.parts.map(({ type }) => type)).toContain('data-gatewright-review')
  await chat.answer(true)
  expect(deleted).toEqual(['ada'])
  expect(outputs()).toMatchObject([{ state: 'output-available', output: 'deleted user number 1' }])
})

test('what they reject does not', async () => {
  const { chat, deleted, outputs } = await asked(person('rita', 'ops'))
  await chat.answer(false, 'she comes back in May')
  expect([deleted, outputs()]).toMatchObject([[], [{ state: 'output-error' }]])
})

test('who may not decide is asked again, until somebody else decides elsewhere', async () => {
  const { gate, chat, deleted } = await asked(person('gus'))
  await chat.answer(true)
  expect([deleted, chat.question()]).toMatchObject([[], { id: expect.any(String) }])
  const [{ id: requestId = '' } = {}] = (await gate.requests.list()).requests
  const { digest = '' } = (await gate.requests.review(requestId)) ?? {}
  await gate.vote({ requestId, digest, decision: 'approve', actor: person('rita', 'ops') })
  await chat.sendMessage()
  expect(deleted).toEqual(['ada'])
})
