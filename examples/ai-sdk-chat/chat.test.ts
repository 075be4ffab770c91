import { createGate, group, type Principal } from '@gatewright/core'
import { MockLanguageModelV4 } from 'ai/test'
import { expect, test } from 'vitest'
import { chatRoute } from './src/chat-route'
import { Chat } from './src/client'

const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
const assurance = { method: 'sso' } as const
const rita: Principal = {
  type: 'human',
  issuer: 'https://idp.test',
  subject: 'rita',
  name: 'Rita',
  groups: ['ops'],
  assurance,
}
const guest: Principal = { ...rita, subject: 'gus', name: 'Gus', groups: [] }

/** A chat whose model wants to delete a user, and then says `done`. */
function scene() {
  const gate = createGate({
    agent: { id: 'support-bot', owner: null },
    approvers: [],
    reviewers: group('ops'),
    ephemeral: true,
  })
  const call = [{ type: 'tool-call', toolCallId: 'call-1', toolName: 'deleteUser', input: '{"id":"ada"}' }]
  const model = new MockLanguageModelV4({
    doStream: async ({ prompt }) => {
      const parts = prompt.at(-1)?.role === 'tool' ? [] : call
      const finish = {
        type: 'finish',
        finishReason: { unified: parts.length > 0 ? 'tool-calls' : 'stop' },
        usage,
      }
      return {
        stream: ReadableStream.from([{ type: 'stream-start', warnings: [] }, ...parts, finish]) as never,
      }
    },
  })
  const deleted: string[] = []
  const s = { who: rita, deleted, gate, chat: undefined as unknown as Chat }
  const deleteUser = async (id: string) => `deleted user number ${deleted.push(id)}`
  const route = chatRoute({ gate, model, deleteUser, whoIsIt: async () => s.who, secrets: ['x'.repeat(32)] })
  s.chat = new Chat(route)
  return s
}

/** Answers the question, and waits until the chat has the route's answer. */
async function answer(chat: Chat, approved: boolean, reason?: string) {
  const ended = chat.untilFinished()
  await chat.addToolApprovalResponse({
    id: chat.question()?.id ?? '',
    approved,
    ...(reason ? { reason } : {}),
  })
  await ended
}

const outputs = ({ lastMessage }: Chat) => lastMessage?.parts.filter(({ type }) => type === 'tool-deleteUser')

test('what a reviewer approves in the chat runs', async () => {
  const { chat, deleted } = scene()
  await chat.sendMessage({ text: 'Ada left, delete her account' })
  expect(chat.lastMessage?.parts.map(({ type }) => type)).toContain('data-gatewright-review')
  expect(deleted).toEqual([])
  await answer(chat, true)
  expect(deleted).toEqual(['ada'])
  expect(outputs(chat)).toMatchObject([{ state: 'output-available', output: 'deleted user number 1' }])
})

test('what they reject does not, and the model is told why', async () => {
  const { chat, deleted } = scene()
  await chat.sendMessage({ text: 'Ada left, delete her account' })
  await answer(chat, false, 'she comes back in May')
  expect([deleted, outputs(chat)]).toMatchObject([[], [{ state: 'output-error' }]])
})

test('who may not decide is asked again, and nothing runs', async () => {
  const s = scene()
  s.who = guest
  await s.chat.sendMessage({ text: 'Ada left, delete her account' })
  await answer(s.chat, true)
  expect([s.deleted, s.chat.question()]).toMatchObject([[], { id: expect.any(String) }])
})
