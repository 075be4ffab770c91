import { tool } from '@langchain/core/tools'
import {
  AIMessage,
  type AnyAgentMiddleware,
  createAgent,
  createMiddleware,
  fakeModel,
  toolRetryMiddleware,
} from 'langchain'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { gateTool } from '../src'
import { gateMiddleware } from '../src/middleware'
import { calling, deletes, deleting, go, scene, told } from './scene'

const schema = z.object({ id: z.string() })

function failing() {
  const ran: string[] = []
  const made = tool(
    async ({ id }) => {
      ran.push(id)
      throw new Error('the disk is full')
    },
    { name: 'deleteUser', description: 'd', schema },
  )
  return { tool: made, ran }
}

describe('the middleware', () => {
  test('gates what another middleware before it brings, and refuses what one after it brings', async () => {
    for (const place of ['before', 'after'] as const) {
      const s = scene()
      const { ran, tool: raw } = deleting('later')
      const brings = createMiddleware({
        name: 'Brings',
        wrapModelCall: (request, handler) => handler({ ...request, tools: [...request.tools, raw] }),
        wrapToolCall: (request, handler) => handler({ ...request, tool: raw }),
      })
      const gate = gateMiddleware({ gate: s.gate })
      const agent = createAgent({
        model: calling(deletes('a', 'a', 'later')),
        tools: [],
        middleware: place === 'before' ? [brings, gate] : [gate, brings],
      })
      const run = agent.invoke(go)
      if (place === 'before') await s.decide('reject')
      expect(told(await run)[0]).toEqual({
        status: 'error',
        text: expect.stringContaining('later was not executed'),
      })
      expect(ran).toEqual([])
    }
  })

  test('leaves a tool that is gated already to its own gate', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    const agent = createAgent({
      model: calling(deletes('a')),
      tools: [gateTool(raw, { gate: s.gate, tools: { deleteUser: { title: 'Delete' } } })],
      middleware: [gateMiddleware({ gate: s.gate })],
    })
    const run = agent.invoke(go)
    await s.decide('approve')
    await run
    expect(ran).toEqual(['a'])
    expect(s.audit.types().filter((type) => type === 'request.created')).toHaveLength(1)
  })

  test('tells the model of a tool that fails as an agent without middleware does', async () => {
    const plain = failing()
    const words = told(await createAgent({ model: calling(deletes('a')), tools: [plain.tool] }).invoke(go))
    const { gate } = scene({ allow: ['tool.*'] })
    const { ran, tool: raw } = failing()
    const middleware = [gateMiddleware({ gate })]
    const agent = createAgent({ model: calling(deletes('a')), tools: [raw], middleware })
    expect(told(await agent.invoke(go))).toEqual(words)
    expect(ran).toEqual(['a'])
  })

  test("toolErrors: 'throw' leaves a failure to a middleware before it, whose second try does not run again", async () => {
    const { gate } = scene({ allow: ['tool.*'] })
    const { ran, tool: raw } = failing()
    const gated = gateMiddleware({ gate, toolErrors: 'throw' })
    const alone = createAgent({ model: calling(deletes('a')), tools: [raw], middleware: [gated] })
    await expect(alone.invoke(go)).rejects.toThrow('the disk is full')
    // Its types do not bear `exactOptionalPropertyTypes`.
    const retry = toolRetryMiddleware({
      maxRetries: 2,
      initialDelayMs: 1,
      jitter: false,
    }) as unknown as AnyAgentMiddleware
    const agent = createAgent({ model: calling(deletes('b')), tools: [raw], middleware: [retry, gated] })
    expect(told(await agent.invoke(go))[0]?.text).toContain('deleteUser did not run again')
    expect(ran).toEqual(['a', 'b'])
  })

  test('T46: hands a tool’s own rejection inside to the model, and the gate’s trouble to the program', async () => {
    const s = scene({ allow: ['tool.*'] })
    const inner = s.gate.requireApproval(async (id: string) => id, { action: 'user.delete' })
    const outer = tool(({ id }) => inner(id), { name: 'outer', description: 'd', schema })
    const agent = () =>
      createAgent({
        model: calling(deletes('a', 'a', 'outer')),
        tools: [outer],
        middleware: [gateMiddleware({ gate: s.gate })],
      })
    const run = agent().invoke(go)
    await s.decide('reject', { note: 'not a' })
    expect(told(await run)[0]).toEqual({ status: 'error', text: expect.stringContaining('not a') })
    await s.gate.close()
    await expect(agent().invoke(go)).rejects.toMatchObject({ code: 'ERR_GATE_CLOSED' })
  })

  test('T40: refuses what is misspelt, and the options of a tool that the agent does not have', async () => {
    const { gate } = scene({ allow: ['tool.*'] })
    const { ran, tool: raw } = deleting()
    expect(() => gateMiddleware({ gate, toolErrors: 'trow' as never })).toThrow('gateMiddleware.toolErrors')
    expect(() => gateMiddleware({ gate, toolError: 'throw' } as never)).toThrow('did you mean "toolErrors"')
    const agent = createAgent({
      model: calling(deletes('a')),
      tools: [raw],
      middleware: [gateMiddleware({ gate, tools: { deleteUsr: { title: 'Delete' } } })],
    })
    await expect(agent.invoke(go)).rejects.toThrow('gateMiddleware.tools.deleteUsr: there is no such tool')
    expect(ran).toEqual([])
  })

  test('T32: a tool that runs at the provider ends the run, unless it is named', async () => {
    const { gate } = scene()
    const search = { type: 'web_search' }
    const agent = (elsewhere: readonly string[]) =>
      createAgent({
        model: fakeModel().respond(new AIMessage('done')),
        tools: [search],
        middleware: [gateMiddleware({ gate, elsewhere })],
      })
    await expect(agent([]).invoke(go)).rejects.toThrow(
      'gateMiddleware.web_search: does not run in this program',
    )
    const { messages } = await agent(['web_search']).invoke(go)
    expect(messages.at(-1)?.text).toBe('done')
  })
})
