import { currentSession } from '@gatewright/core'
import {
  Agent,
  handoff,
  type MCPServer,
  Runner,
  RunState,
  setTracingDisabled,
  tool,
  webSearchTool,
} from '@openai/agents'
import { assistantMessage, functionCall, modelResponse, ScriptedModel } from '@openai/agents/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { edit, scene, vote } from '../../test/scene'
import { gateAgent, gateTool, gateTools, settleInterruptions } from '../src/agents'
import { traced } from './traced'

traced()

const parameters = z.object({ id: z.string() })

/** A tool that keeps what it did. */
function remover(more: object = {}, name = 'remove') {
  const ran: string[] = []
  const made = tool({
    name,
    description: '',
    parameters,
    execute: async ({ id }) => {
      ran.push(id)
      return `removed ${id}`
    },
    ...more,
  })
  return { ran, tool: made }
}

const call = (name = 'remove', id = 'ada', callId = 'c1') => functionCall(name, { id }, { callId })

/** An agent whose model makes these calls, and then is done. */
function agentOf(
  tools: Agent['tools'],
  calls = [call()],
  more: Partial<ConstructorParameters<typeof Agent>[0]> = {},
) {
  const model = new ScriptedModel([modelResponse(calls), modelResponse([assistantMessage('done')])])
  return { model, agent: new Agent({ name: 'ops', model, tools, ...more } as never) as Agent }
}

/** What the model was told last. */
function toldTo({ lastCall }: ScriptedModel): string {
  return JSON.stringify(lastCall?.request.input)
}

const run = (agent: Agent, input: string | RunState<never, never> = 'go') =>
  new Runner({ traceId: 'trace_1' }).run(agent, input as string)

/** The codes of an error and of what it came from; the SDK calls that `error`. */
function codes(failure: unknown): unknown[] {
  if (!(failure instanceof Error)) return []
  const { cause, code, error } = failure as Error & { readonly code?: unknown; readonly error?: unknown }
  return [code, ...codes(cause ?? error)]
}

describe('gateTool', () => {
  it('records as failed what a tool throws, whatever the SDK makes of it', async () => {
    const { audit, gate } = scene({ allow: true })
    for (const [callId, errorFunction] of [['c1'], ['c2', () => 'mended by the tool']] as const) {
      const gated = gateTool(
        {
          name: 'remove',
          description: '',
          parameters,
          ...(errorFunction === undefined ? {} : { errorFunction }),
          execute: async () => {
            throw new Error('the disk is full')
          },
        },
        { gate },
      )
      const { agent, model } = agentOf([gated], [call('remove', 'ada', callId)])
      await run(agent)
      expect(toldTo(model)).toContain(errorFunction?.() ?? 'An error occurred while running the tool')
    }
    expect(audit.types().filter((type) => type === 'execution.failed')).toHaveLength(2)
  })

  it('records a time-out as failed', async () => {
    const { audit, gate } = scene({ allow: true })
    const hangs = () => new Promise((resolve) => currentSession()?.signal.addEventListener('abort', resolve))
    const gated = gateTool(remover({ timeoutMs: 1, execute: hangs }).tool, { gate })
    const { agent, model } = agentOf([gated])
    await run(agent)
    expect(toldTo(model)).toContain("Tool 'remove' timed out after 1ms.")
    expect(audit.types()).toContain('execution.failed')
    await gate.close()
  })

  it('tells a refusal by the error function of a tool with a schema of its output', async () => {
    const { gate, only } = scene()
    const structured = gateTool(
      tool({
        name: 'remove',
        description: '',
        parameters,
        outputSchema: z.object({ removed: z.boolean(), why: z.string() }),
        errorFunction: (_context, error) => ({ removed: false, why: (error as Error).message }),
        execute: async () => ({ removed: true, why: '' }),
      }),
      { gate },
    )
    const { agent, model } = agentOf([structured])
    const running = run(agent)
    await vote(gate, (await only()).id, 'reject')
    await running
    expect(toldTo(model)).toContain('was not executed')
    expect(toldTo(model)).toMatch(/\\?"removed\\?":false/)
  })

  it('refuses what is neither a tool nor the options of one', () => {
    expect(() => gateTool({ name: 'remove' } as never)).toThrow(/execute/)
    expect(() => gateTool(remover().tool, { redcat: [] } as never)).toThrow(/redcat/)
  })
})

describe('gateTools', () => {
  it('T32: gates what is put into the list later, and refuses what no gate can hold', () => {
    const { gate } = scene()
    const tools = gateTools([remover().tool] as object[], { gate, elsewhere: ['web_search'] })
    tools.push(remover({}, 'drop').tool, webSearchTool())
    expect(gate.guardTools(tools.slice(0, 2))).toHaveLength(2)
    expect(() => gateTools([webSearchTool()], { gate })).toThrow(/web_search.*elsewhere/s)
  })

  it('T32: a copy of a gated tool with another invoke is not taken for gated', () => {
    const { gate } = scene()
    const gated = gateTool(remover().tool, { gate })
    expect(() => gate.guardTools([{ ...gated, invoke: async () => 'ran' }])).toThrow(/without a gate/)
  })
})

describe('gateAgent', () => {
  /** Whether a tool call of this agent asks. */
  async function asks(agent: Agent, { gate, only }: ReturnType<typeof scene>, ran: readonly string[]) {
    const running = run(agent)
    const { action, id } = await only()
    expect(ran).toEqual([])
    await vote(gate, id, 'reject')
    await running
    expect(ran).toEqual([])
    return action
  }

  it('T32: gates tools that are assigned, and those of clones', async () => {
    for (const way of ['assigned', 'cloned', 'cloned with others'] as const) {
      const here = scene()
      const { ran, tool: remove } = remover()
      const { agent } = agentOf(way === 'cloned' ? [remove] : [])
      gateAgent(agent, { gate: here.gate })
      if (way === 'assigned') agent.tools = [remove]
      const used = way === 'assigned' ? agent : agent.clone(way === 'cloned' ? {} : { tools: [remove] })
      expect(await asks(used, here, ran)).toBe('tool.remove')
    }
  })

  it('T32: gates the tools of MCP servers, and checks the options for them once they are listed', async () => {
    const here = scene()
    const ran: string[] = []
    const server = {
      name: 'files',
      cacheToolsList: false,
      connect: async () => {},
      close: async () => {},
      invalidateToolsCache: async () => {},
      listTools: async () => [
        {
          name: 'write',
          inputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
        },
      ],
      callTool: async (_name: string, args: unknown) => {
        ran.push(JSON.stringify(args))
        return [{ type: 'text', text: 'written' }]
      },
    } as unknown as MCPServer
    const tools = { write: { title: 'Write a file' } }
    const made = () => agentOf([], [call('write')], { mcpServers: [server] }).agent
    const misspelt = gateAgent(made(), { gate: here.gate, tools: { wriet: {} } })
    await expect(run(misspelt)).rejects.toThrow(/wriet/)
    expect(await asks(gateAgent(made(), { gate: here.gate, tools }), here, ran)).toBe('tool.write')
    const running = run(gateAgent(made(), { gate: here.gate, tools, runId: 'again' }))
    await here.approve((await here.only()).id)
    await running
    expect(ran).toEqual(['{"id":"ada"}'])
  })

  it('T32: gates agents that are added to its hand-offs later', async () => {
    const here = scene()
    const { ran, tool: remove } = remover()
    const { agent: helper } = agentOf([remove])
    const { agent } = agentOf([], [functionCall('transfer_to_helper', {}, { callId: 'h1' })])
    helper.name = 'helper'
    gateAgent(agent, { gate: here.gate })
    agent.handoffs.push(helper)
    expect(await asks(agent, here, ran)).toBe('tool.remove')
  })

  it('T32: gates the agent that a hand-off really hands over to', async () => {
    const here = scene()
    const { ran, tool: remove } = remover()
    const said = new Agent({ name: 'said' })
    const { agent: other } = agentOf([remove])
    const hands = handoff(said)
    hands.onInvokeHandoff = async () => other
    const { agent } = agentOf([], [functionCall('transfer_to_said', {}, { callId: 'h1' })], {
      handoffs: [hands],
    })
    gateAgent(agent, { gate: here.gate })
    expect(await asks(agent, here, ran)).toBe('tool.remove')
  })

  it('T32: refuses hosted tools and agents as tools that were not gated, whenever they come', async () => {
    const { gate } = scene()
    const helper = agentOf([remover().tool]).agent
    const asTool = helper.asTool({ toolName: 'helper', toolDescription: '' })
    expect(() => gateAgent(agentOf([asTool]).agent, { gate })).toThrow(/gateAgent/)
    expect(() => gateAgent(agentOf([webSearchTool()]).agent, { gate })).toThrow(/elsewhere/)
    const gated = gateAgent(agentOf([]).agent, { gate })
    expect(() => gated.tools.push(webSearchTool())).toThrow(/elsewhere/)
    gateAgent(helper, { gate })
    expect(
      gateAgent(agentOf([helper.asTool({ toolName: 'helper', toolDescription: '' })]).agent, { gate }),
    ).toBeDefined()
  })

  it('T32: an agent that could not be gated is not taken for gated the next time', async () => {
    const here = scene()
    const { ran, tool: remove } = remover()
    const inner = agentOf([webSearchTool()]).agent
    const { agent } = agentOf([remove, webSearchTool()], [call()], { handoffs: [inner] })
    expect(() => gateAgent(agent, { gate: here.gate })).toThrow(/web_search.*elsewhere/)
    const { agent: outer } = agentOf([remove], [call()], { handoffs: [inner] })
    expect(() => gateAgent(outer, { gate: here.gate })).toThrow(/web_search.*elsewhere/)
    for (const again of [agent, outer])
      expect(() => gateAgent(again, { gate: here.gate })).toThrow(/web_search.*elsewhere/)
    const gated = gateAgent(agent, { gate: here.gate, elsewhere: ['web_search'] })
    expect(await asks(gated, here, ran)).toBe('tool.remove')
  })

  it('T32: refuses an agent that is frozen by its name: it could not be gated in place', () => {
    const { gate } = scene()
    const frozen = agentOf([remover().tool]).agent
    Object.freeze(frozen)
    const message = /^gateAgent\.ops: is frozen.* Gate it before you freeze it$/
    expect(() => gateAgent(frozen, { gate })).toThrow(message)
    const fixed = handoff(agentOf([]).agent)
    Object.freeze(fixed)
    for (const hands of [frozen, handoff(frozen), fixed])
      expect(() => gateAgent(agentOf([], [], { handoffs: [hands] }).agent, { gate })).toThrow(message)
    const gated = gateAgent(agentOf([]).agent, { gate })
    expect(gateAgent(agentOf([], [], { handoffs: [gated, handoff(gated)] }).agent, { gate })).toBeDefined()
  })

  it('T32: an agent whose hand-off fails while it is gated is not taken for gated the next time', async () => {
    const here = scene()
    const { ran, tool: remove } = remover()
    const inner = agentOf([remove])
    let asked = 0
    const lazy = {
      ...handoff(inner.agent),
      // Looked up three times before all are marked.
      get agent() {
        asked += 1
        return asked === 4 ? agentOf([webSearchTool()]).agent : inner.agent
      },
    }
    const { agent } = agentOf([], [], { handoffs: [lazy as never] })
    asked = 0
    expect(() => gateAgent(agent, { gate: here.gate })).toThrow(/web_search/)
    expect(await asks(gateAgent(inner.agent, { gate: here.gate }), here, ran)).toBe('tool.remove')
  })

  it('T32: an agent has no tools of a stored prompt, which run at OpenAI, unless the host names it', async () => {
    for (const elsewhere of [[], ['prompt']]) {
      const model = new ScriptedModel([modelResponse([assistantMessage('done')])])
      const agent = new Agent({ name: 'ops', model, prompt: { promptId: 'pmpt_1' } })
      await run(gateAgent(agent, { gate: scene().gate, elsewhere }))
      const { tools, toolsExplicitlyProvided } = model.lastCall?.request ?? {}
      expect([tools, toolsExplicitlyProvided]).toEqual([[], elsewhere.length === 0])
    }
  })

  it('T32: holds a hand-off that cannot be assigned to', async () => {
    const here = scene()
    const { ran, tool: remove } = remover()
    const inner = agentOf([]).agent
    const other = agentOf([remove]).agent
    const fixed = Object.defineProperty(handoff(inner), 'onInvokeHandoff', {
      value: async () => other,
      writable: false,
    })
    gateAgent(agentOf([], [], { handoffs: [fixed] }).agent, { gate: here.gate })
    expect(await asks((await fixed.onInvokeHandoff({} as never, '')) as Agent, here, ran)).toBe('tool.remove')
  })

  it('gates an agent once, and tells its name and the run', async () => {
    const { gate, only } = scene()
    const { agent } = agentOf([remover().tool])
    gateAgent(gateAgent(agent, { gate }), { gate })
    const running = run(agent)
    const { id, origin } = await only()
    expect(origin).toMatchObject({ agent: 'ops', callId: 'c1', runId: 'trace_1' })
    await vote(gate, id, 'approve')
    await running
    expect((await gate.requests.list()).requests).toHaveLength(1)
  })

  it('works without tracing: the call id alone is the key then', async () => {
    const { gate, only } = scene()
    setTracingDisabled(true)
    try {
      const { ran, tool: remove } = remover()
      const running = run(gateAgent(agentOf([remove]).agent, { gate }))
      const { id, origin } = await only()
      expect(origin.runId ?? null).toBeNull()
      await vote(gate, id, 'approve')
      await running
      expect(ran).toEqual(['ada'])
    } finally {
      setTracingDisabled(false)
    }
  })

  it('T40: refuses options that interrupt runs without a gate to ask', () => {
    expect(() => gateAgent(agentOf([]).agent, { wait: 'suspend' })).toThrow(/gateAgent\.gate/)
  })
})

describe('settleInterruptions', () => {
  it('leaves to the program what a tool’s own needsApproval asks, and the gate still decides', async () => {
    const { gate, only } = scene()
    const { ran, tool: remove } = remover({ needsApproval: true })
    const { agent, model } = agentOf([remove])
    gateAgent(agent, { gate, wait: 'suspend' })
    const first = await run(agent)
    expect(first.interruptions).toHaveLength(1)
    // Nobody was asked yet: the program comes first.
    expect((await settleInterruptions(first.state)).waiting).toHaveLength(1)
    await edit(gate, (await only()).id, 'ben')
    const { others, waiting } = await settleInterruptions(first.state)
    expect([others.length, waiting.length]).toEqual([1, 0])
    for (const item of others) first.state.approve(item)
    await run(agent, first.state as never)
    expect(ran).toEqual(['ben'])
    expect(toldTo(model)).toMatch(/reviewer changed/)
  })

  it('T39: fails a run whose state was told to approve, once and always, what nobody decided', async () => {
    for (const alwaysApprove of [false, true]) {
      const { gate, pending } = scene()
      const { ran, tool: remove } = remover()
      const { agent } = agentOf([remove])
      gateAgent(agent, { gate, wait: 'suspend' })
      const { interruptions, state } = await run(agent)
      for (const item of interruptions) state.approve(item, { alwaysApprove })
      const failure = await run(agent, state as never).catch((error: unknown) => error)
      expect(codes(failure)).toContain('ERR_APPROVAL_PENDING')
      expect(ran).toEqual([])
      expect(await pending()).toHaveLength(1)
      await gate.close()
    }
  })

  it('leaves interruptions of tools that are not gated to the program', async () => {
    const { agent } = agentOf([remover({ needsApproval: true }).tool])
    const { state } = await run(agent)
    expect(await settleInterruptions(state)).toMatchObject({ waiting: [], others: [{ name: 'remove' }] })
  })

  it('names the requests that wait, and goes on in another process after an edit', async () => {
    const { gate } = scene()
    const { ran, tool: remove } = remover()
    const calls = [call('remove', 'ada', 'c1'), call('remove', 'ben', 'c2')]
    const first = await run(gateAgent(agentOf([remove], calls).agent, { gate, wait: 'suspend' }))
    const saved = first.state.toString()
    const { agent, model } = agentOf([remove])
    gateAgent(agent, { gate, wait: 'suspend' })
    const state = await RunState.fromString(agent, saved)
    const { waiting } = await settleInterruptions(state)
    expect(waiting.map(({ callId, tool: name }) => [callId, name])).toEqual([
      ['c1', 'remove'],
      ['c2', 'remove'],
    ])
    await edit(gate, String(waiting[0]?.requestId), 'eve')
    await vote(gate, String(waiting[1]?.requestId), 'reject')
    expect((await settleInterruptions(state)).waiting).toEqual([])
    await run(agent, state as never)
    expect(ran).toEqual(['eve'])
    expect(toldTo(model)).toContain('because')
  })
})
