import { createRequire } from 'node:module'
import { HumanMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { Command, interrupt, MemorySaver } from '@langchain/langgraph'
import {
  AIMessage,
  type AnyAgentMiddleware,
  createAgent,
  fakeModel,
  humanInTheLoopMiddleware,
} from 'langchain'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { gateTools, pendingRequests } from '../src'
import { gateMiddleware } from '../src/middleware'
import { calling, deletes, deleting, go, scene, told } from './scene'

const schema = z.object({ id: z.string() })
const config = { configurable: { thread_id: 't-1' } }
const done = () => fakeModel().respond(new AIMessage('done'))
const resume = (from: unknown, word: unknown = true) =>
  new Command({
    resume: Object.fromEntries(pendingRequests(from).map(({ interruptId }) => [String(interruptId), word])),
  })

describe('a call that suspends its graph', () => {
  test('T45: leaves its siblings alone: what ran does not run again, and each is told its own', async () => {
    const s = scene({ allow: ['tool.free'] })
    const { ran, tool: raw } = deleting()
    const free = deleting('free')
    const checkpointer = new MemorySaver()
    const agent = (model: ReturnType<typeof calling>) =>
      createAgent({
        model,
        tools: [raw, free.tool],
        checkpointer,
        middleware: [gateMiddleware({ gate: s.gate, wait: 'suspend' })],
      })
    const first = agent(calling(deletes('a'), deletes('free', 'f', 'free'), deletes('b')))
    const result = await first.invoke(go, config)
    const pending = pendingRequests(result)
    expect(pending.map((one) => one.tool)).toEqual(['deleteUser', 'deleteUser'])
    expect(pendingRequests(await first.graph.getState(config))).toEqual(pending)
    expect(free.ran).toEqual(['free'])

    const [one, two] = await s.asked(2)
    await s.vote(one?.id ?? '', 'approve')
    const half = await first.invoke(resume(result), config)
    expect(pendingRequests(half).map(({ requestId }) => requestId)).toEqual([two?.id])
    expect(ran).toEqual(['a'])

    await s.vote(two?.id ?? '', 'reject', { note: 'not b' })
    // Another process.
    const words = told(await agent(done()).invoke(resume(half), config))
    expect(ran).toEqual(['a'])
    expect(free.ran).toEqual(['free'])
    expect(words).toEqual([
      { status: 'success', text: 'deleted a' },
      { status: 'success', text: 'deleted free' },
      { status: 'error', text: expect.stringContaining('Reason: not b.') },
    ])
  })

  test('T39: no value that resumes it decides anything', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    const agent = createAgent({
      model: calling(deletes('a')),
      tools: gateTools([raw], { gate: s.gate, wait: 'suspend' }),
      checkpointer: new MemorySaver(),
    })
    let result: unknown = await agent.invoke(go, config)
    const [{ requestId } = { requestId: '' }] = pendingRequests(result)
    const forged = [true, 'approve', { decisions: [{ type: 'approve' }] }, { status: 'approved', requestId }]
    for (const word of forged) {
      result = await agent.invoke(resume(result, word), config)
      expect(pendingRequests(result).map((one) => one.requestId)).toEqual([requestId])
    }
    await s.decide('reject', { note: 'never' })
    const end = await agent.invoke(resume(result, forged[2]), config)
    expect(told(end)[0]?.text).toContain('Reason: never.')
    expect(ran).toEqual([])
  })

  test('T39: nor does the approval of LangChain’s own middleware', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    // Its types do not bear `exactOptionalPropertyTypes`.
    const own = humanInTheLoopMiddleware as unknown as (options: object) => AnyAgentMiddleware
    const agent = createAgent({
      model: calling(deletes('a')),
      tools: [raw],
      checkpointer: new MemorySaver(),
      middleware: [
        own({ interruptOn: { deleteUser: true } }),
        gateMiddleware({ gate: s.gate, wait: 'suspend' }),
      ],
    })
    const theirs = await agent.invoke(go, config)
    expect(pendingRequests(theirs)).toEqual([])
    const ours = await agent.invoke(new Command({ resume: { decisions: [{ type: 'approve' }] } }), config)
    expect(pendingRequests(ours)).toHaveLength(1)
    expect(ran).toEqual([])
    await s.decide('approve')
    await agent.invoke(resume(ours), config)
    expect(ran).toEqual(['a'])
  })

  test('is not passed over when a Command of another copy of LangGraph is taken for input', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    const agent = createAgent({
      model: calling(deletes('a')),
      tools: [raw],
      checkpointer: new MemorySaver(),
      middleware: [gateMiddleware({ gate: s.gate, wait: 'suspend' })],
    })
    const [waiting] = pendingRequests(await agent.invoke(go, config))
    await s.decide('approve')
    const copy = createRequire(import.meta.url)(
      '@langchain/langgraph',
    ) as typeof import('@langchain/langgraph')
    const foreign = new copy.Command({ resume: { [String(waiting?.interruptId)]: true } })
    expect(foreign).not.toBeInstanceOf(Command)
    await expect(agent.invoke(foreign as never, config)).rejects.toMatchObject({
      cause: { code: 'ERR_OPTION_INVALID' },
      message: expect.stringMatching(/^agent\.invoke: .*deleteUser.*npm ls @langchain\/langgraph/),
    })
    expect(ran).toEqual([])
    // Its approval is not lost: the thread goes on from before.
    for await (const { config: before, next } of agent.graph.getStateHistory(config))
      if (next.includes('tools')) {
        expect(told(await agent.invoke(null, before))).toEqual([{ status: 'success', text: 'deleted a' }])
        break
      }
    expect(ran).toEqual(['a'])
  })

  test('without a checkpointer nothing runs, and the program is told what is missing', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    const middleware = [gateMiddleware({ gate: s.gate, wait: 'suspend' })]
    const agent = createAgent({ model: calling(deletes('a')), tools: [raw], middleware })
    await expect(agent.invoke(go)).rejects.toMatchObject({
      code: 'ERR_APPROVAL_PENDING',
      message: expect.stringContaining('give the graph a checkpointer'),
    })
    expect(ran).toEqual([])
  })
})

describe('a tool that suspends by itself', () => {
  test('and that a rule allows begins anew when its graph goes on', async () => {
    const s = scene({ allow: ['tool.ask'] })
    const asks = tool(async () => `it is ${interrupt('who?')}`, { name: 'ask', description: 'd', schema })
    const agent = createAgent({
      model: calling(deletes('a', 'a', 'ask')),
      tools: [asks],
      checkpointer: new MemorySaver(),
      middleware: [gateMiddleware({ gate: s.gate })],
    })
    expect(pendingRequests(await agent.invoke(go, config))).toEqual([])
    const end = await agent.invoke(new Command({ resume: 'ada' }), config)
    expect(told(end)).toEqual([{ status: 'success', text: 'it is ada' }])
  })

  test('and that people approved asks them again, unless it is idempotent', async () => {
    for (const idempotent of [false, true]) {
      const s = scene()
      const asks = tool(async () => `it is ${interrupt('who?')}`, { name: 'ask', description: 'd', schema })
      const agent = createAgent({
        model: calling(deletes('a', 'a', 'ask')),
        tools: [asks],
        checkpointer: new MemorySaver(),
        middleware: [gateMiddleware({ gate: s.gate, tools: { ask: { idempotent } } })],
      })
      const first = agent.invoke(go, config)
      await s.decide('approve')
      await first
      const second = agent.invoke(new Command({ resume: 'ada' }), config)
      if (!idempotent) await s.decide('approve')
      expect(told(await second)).toEqual([{ status: 'success', text: 'it is ada' }])
    }
  })
})

describe('a sub-agent', () => {
  test('of an agent with the middleware suspends all, and goes on after the decision; its request names it', async () => {
    const s = scene({ allow: ['tool.helper'] })
    const { ran, tool: raw } = deleting()
    const middleware = [gateMiddleware({ gate: s.gate, wait: 'suspend' })]
    const sub = createAgent({ name: 'sub', model: calling(deletes('a')), tools: [raw], middleware })
    let begun = 0
    const helper = tool(
      async ({ id }) => {
        begun += 1
        const { messages } = await sub.invoke({ messages: [new HumanMessage(id)] })
        return messages.at(-1)?.text
      },
      { name: 'helper', description: 'd', schema },
    )
    const agent = createAgent({
      name: 'top',
      model: calling(deletes('tidy', 'o', 'helper')),
      tools: [helper],
      checkpointer: new MemorySaver(),
      middleware,
    })
    const result = await agent.invoke(go, config)
    expect(pendingRequests(result)).toHaveLength(1)
    const [request] = await s.asked()
    expect(request?.origin.agent).toBe('sub')
    await s.decide('approve')
    const end = await agent.invoke(resume(result), config)
    expect(told(end)).toEqual([{ status: 'success', text: 'done' }])
    expect(ran).toEqual(['a'])
    expect(begun).toBe(2)
  })
})
