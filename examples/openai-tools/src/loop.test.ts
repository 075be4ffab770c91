import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGate, group } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { converse } from './loop'

const call = (id: string) => ({
  id: `delete-${id}`,
  type: 'function',
  function: { name: 'deleteUser', arguments: JSON.stringify({ id }) },
})
const answers = [
  { role: 'assistant', content: 'Both left.', tool_calls: [call('ada'), call('ben')] },
  { role: 'assistant', content: 'Ada is gone.' },
]

test('of two deletions the approved one happens, and the model is told of both', async () => {
  const asked: { messages: { role: string; content: string }[] }[] = []
  const provider = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push(JSON.parse(body))
    const choices = [{ index: 0, finish_reason: 'stop', message: answers[asked.length - 1] }]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ id: `completion-${asked.length}`, model: 'gpt-5', choices }))
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  const { port } = provider.address() as AddressInfo
  const client = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${port}` })

  const people = mockApprover()
    .reject(({ content }) => JSON.stringify(content).includes('ben'), 'Ben is active')
    .approve()
  const gate = createGate({
    agent: { id: 'janitor', owner: null },
    approvers: [people],
    reviewers: group('ops'),
    ephemeral: true,
  })
  const deleted: string[] = []
  const deleteUser = async (id: string) => void deleted.push(id)
  try {
    expect(await converse({ client, gate, deleteUser }, 'Delete who left.')).toBe('Ada is gone.')
    expect(deleted).toEqual(['ada'])
    const told = asked[1]?.messages.filter(({ role }) => role === 'tool').map(({ content }) => content)
    expect(told?.[0]).toBe('deleted ada')
    expect(told?.[1]).toMatch(/was not executed.*Ben is active/s)
  } finally {
    await gate.close()
    provider.closeAllConnections()
    await new Promise((resolve) => provider.close(resolve))
  }
})
