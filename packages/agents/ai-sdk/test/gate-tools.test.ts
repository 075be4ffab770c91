import { GatewrightError } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { edit, scene, vote } from '../../test/scene'
import { type AnyTool, gateTool, gateTools, ToolRefusedError } from '../src'
import { calls, type Sdk, sdks } from './sdk'

type Tools = Record<string, AnyTool>

/** One run of the SDK over the tools. */
function run(sdk: Sdk, tools: Tools, ...replies: ReturnType<typeof calls>[]) {
  const { model, prompts } = sdk.model(replies)
  return {
    prompts,
    end: sdk.ai.generateText({ model, tools, prompt: 'go', stopWhen: sdk.ai.stepCountIs(5) }),
  }
}

const inputSchema = z.strictObject({ id: z.string() })

describe.each(sdks)('the tools of AI SDK $major', (sdk) => {
  test('T32: assigned later are gated, and stay so', async () => {
    const { gate, only } = scene()
    const ran: string[] = []
    const tools: Tools = gateTools({} as Tools, { gate })
    tools.later = sdk.ai.tool({ inputSchema, execute: ({ id }: { id: string }) => ran.push(id) })
    expect(() => Object.assign(tools.later ?? {}, { execute: () => ran.push('around') })).toThrow(TypeError)
    gate.guardTools(tools)
    const { end } = run(sdk, tools, calls(['c1', 'later', { id: 'a' }]))
    await vote(gate, (await only()).id, 'reject')
    await end
    expect(ran).toEqual([])
  })

  test('T32: of a tool that is to run elsewhere nothing runs here', async () => {
    const { gate } = scene()
    const ran: string[] = []
    let looks = 0
    const search = {
      inputSchema,
      get execute() {
        looks += 1
        return looks === 1 ? undefined : () => ran.push('late')
      },
    }
    const shell = {
      ...{ type: 'provider', id: 'openai.shell', args: {}, isProviderExecuted: true, inputSchema },
      execute: () => ran.push('here'),
    }
    const tools = gateTools({ search, shell } as Tools, { gate, elsewhere: ['search', 'shell'] })
    await run(sdk, tools, calls(['c1', 'search', { id: 'a' }], ['c2', 'shell', { id: 'a' }])).end
    expect(ran).toEqual([])
  })

  test('T32: a tool that is gated already stays so, be it a copy or one that answers otherwise later', async () => {
    const { gate, only } = scene()
    const ran: string[] = []
    const around = () => ran.push('around')
    const once = gateTool('tool', { inputSchema, execute: () => ran.push('ran') } as AnyTool, { gate })
    let looks = 0
    const changing = {
      inputSchema,
      get execute() {
        looks += 1
        return looks < 4 ? once.execute : around
      },
    }
    const replaced = gateTools({ tool: { ...once } } as Tools, { gate })
    expect(() => Object.assign(replaced.tool ?? {}, { execute: around })).toThrow(TypeError)
    const given = { replaced, changing: gateTools({ tool: changing } as Tools, { gate }) }
    for (const [id, tools] of Object.entries(given)) {
      const { end } = run(sdk, tools, calls([id, 'tool', { id }]))
      await vote(gate, (await only()).id, 'reject')
      await end
    }
    expect(ran).toEqual([])
  })

  test('T32: in an agent that was made before', async () => {
    const { gate, only } = scene()
    const ran: string[] = []
    const tools: Tools = gateTools({} as Tools, { gate })
    const { model } = sdk.model([calls(['c1', 'later', { id: 'a' }])])
    const agent = new sdk.ai.ToolLoopAgent({ model, tools })
    Object.assign(tools, { later: sdk.ai.dynamicTool({ inputSchema, execute: () => ran.push('ran') }) })
    const end = agent.generate({ prompt: 'go' })
    await vote(gate, (await only()).id, 'reject')
    await end
    expect(ran).toEqual([])
  })

  test('a function that answers with what yields runs within its session, to the last value', async () => {
    const { gate, audit } = scene({ allow: true })
    const ended: string[] = []
    async function* values() {
      yield 'half'
      await Promise.resolve()
      ended.push(...audit.types().filter((type) => type === 'execution.succeeded'))
      yield 'whole'
    }
    const plain = sdk.ai.tool({ inputSchema, execute: () => values() })
    const { end, prompts } = run(sdk, gateTools({ plain }, { gate }), calls(['c1', 'plain', { id: 'a' }]))
    await end
    expect(ended).toEqual([])
    expect(JSON.stringify(prompts[1])).toContain('"whole"')
    expect(audit.types()).toContain('execution.succeeded')
  })

  test('T33: arguments that do not fit a JSON Schema of which the SDK checks nothing ask nobody', async () => {
    const { gate, only, approve, pending } = scene()
    const ran: unknown[] = []
    const schema = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } as const
    const made = sdk.ai.tool({
      inputSchema: () => sdk.ai.jsonSchema(schema),
      execute: (input: unknown) => ran.push(input),
    })
    const wrong = run(sdk, gateTools({ made }, { gate }), calls(['c1', 'made', { id: 7 }]))
    await wrong.end
    expect(JSON.stringify(wrong.prompts[1])).toContain('must be of the type string')
    expect(await pending()).toEqual([])
    const { end } = run(sdk, gateTools({ made }, { gate }), calls(['c2', 'made', { id: 'a' }]))
    await approve((await only()).id)
    await end
    expect(ran).toEqual([{ id: 'a' }])
  })

  test('a note of an edit is of the call that was edited, and not of another under its id', async () => {
    const { gate, only, approve } = scene()
    const free = sdk.ai.tool({ inputSchema, execute: () => 'done' })
    const tools = gateTools({ free }, { gate, runId: () => String(runs) })
    let runs = 1
    const first = run(sdk, tools, calls(['call_0', 'free', { id: 'a' }]))
    await edit(gate, (await only()).id, 'b')
    await first.end
    expect(JSON.stringify(first.prompts[1])).toContain('A reviewer changed')
    runs = 2
    const second = run(sdk, tools, calls(['call_0', 'free', { id: 'a' }]))
    await approve((await only()).id)
    await second.end
    expect(JSON.stringify(second.prompts[1])).not.toContain('A reviewer changed')
  })

  test('a schema that transforms: what the SDK made of the input is shown and runs', async () => {
    const { gate, only, approve } = scene()
    const ran: unknown[] = []
    const trimmed = z.object({ id: z.string().transform((id) => ({ upper: id.toUpperCase() })) })
    const tool = sdk.ai.tool({ inputSchema: trimmed, execute: (input: unknown) => ran.push(input) })
    const { end } = run(sdk, gateTools({ tool }, { gate }), calls(['c1', 'tool', { id: 'a' }]))
    await approve((await only()).id)
    await end
    expect(ran).toEqual([{ id: { upper: 'A' } }])
  })

  test.each([
    ['zod', inputSchema],
    ['a function that makes a schema', () => inputSchema],
    [
      'a schema of the SDK',
      sdk.ai.jsonSchema(
        { type: 'object' },
        // @ts-expect-error the tests' own type of it takes one argument
        {
          validate: (value: { id: unknown }) =>
            typeof value.id === 'string'
              ? { success: true, value }
              : { success: false, error: new Error('id: no text') },
        },
      ),
    ],
  ])('I2: what a reviewer writes is checked by the tool’s schema: %s', async (_what, schema) => {
    const { gate, only, approve } = scene()
    const ran: unknown[] = []
    const tool = sdk.ai.tool({ inputSchema: schema, execute: (input: unknown) => ran.push(input) })
    const { end } = run(sdk, gateTools({ tool }, { gate }), calls(['c1', 'tool', { id: 'a' }]))
    const { id } = await only()
    expect(await edit(gate, id, 7)).toMatchObject({ status: 'refused', reason: 'edit-invalid' })
    await approve(id)
    await end
    expect(ran).toEqual([{ id: 'a' }])
  })

  test.each([
    ['a text', 'done', undefined, 'done\\nA reviewer changed arguments'],
    ['an object', { ok: true }, undefined, '{\\"ok\\":true}"},{"type":"text","text":"A reviewer changed'],
    ['nothing', undefined, undefined, '"null"},{"type":"text","text":"A reviewer changed'],
    [
      'what the tool makes of it',
      'done',
      ({ output }: { output: string }) => ({
        type: 'content',
        value: [{ type: 'text', text: `own ${output}` }],
      }),
      'own done"},{"type":"text","text":"A reviewer changed arguments of this call before it ran: /id.',
    ],
  ])(
    'T46: of an edited call the model reads that it was edited, beside %s',
    async (_what, output, own, words) => {
      const { gate, only } = scene()
      const tool = sdk.ai.tool({ inputSchema, execute: () => output, ...(own ? { toModelOutput: own } : {}) })
      const tools = gateTools({ tool }, { gate })
      expect(tools.tool?.toModelOutput).toBe(own)
      const { end, prompts } = run(sdk, tools, calls(['c1', 'tool', { id: 'a' }]))
      await edit(gate, (await only()).id, 'b')
      await end
      expect(JSON.stringify(prompts[1])).toContain(words)
    },
  )

  test('a call that nobody waits for is resumed without the SDK', async () => {
    const { gate, only, approve } = scene()
    const ran: unknown[] = []
    const execute = (input: unknown, options: { messages: unknown; abortSignal: AbortSignal }) =>
      ran.push([input, options.messages, options.abortSignal.aborted])
    const tools = gateTools({ tool: sdk.ai.tool({ inputSchema, execute }) }, { gate, wait: 'suspend' })
    const { end, prompts } = run(sdk, tools, calls(['c1', 'tool', { id: 'a' }]))
    await end
    expect(JSON.stringify(prompts[1])).toContain('waits for approval')
    const { id } = await only()
    await approve(id)
    expect(await gate.resume(id)).toBe(1)
    expect(ran).toEqual([[{ id: 'a' }, [], false]])
  })

  test('the signal that a tool is given hears the SDK and the session alike', async () => {
    const clock = fakeClock()
    const { gate } = scene({ allow: true, clock })
    const running: Promise<unknown>[] = []
    const execute = (_input: unknown, { abortSignal }: { abortSignal: AbortSignal }) =>
      running[
        running.push(
          new Promise((resolve) => abortSignal.addEventListener('abort', () => resolve('heard'))),
        ) - 1
      ]
    const tools = gateTools(
      { tool: sdk.ai.tool({ inputSchema, execute }) },
      { gate, tools: { tool: { executionTimeout: '1m' } } },
    )
    const stop = new AbortController()
    for (const end of [() => clock.advance('2m'), () => stop.abort()]) {
      const { model } = sdk.model([calls([`c${running.length}`, 'tool', { id: 'a' }])])
      const given = { model, tools, prompt: 'go', abortSignal: stop.signal }
      const ended = sdk.ai.generateText(given).catch(() => {})
      const before = running.length
      while (running.length === before) await new Promise(setImmediate)
      await end()
      expect(await running.at(-1)).toBe('heard')
      await ended
    }
  })

  test('T25: a tool that yields gives its kept result when its call comes again', async () => {
    const { gate } = scene({ allow: true })
    const ran: string[] = []
    async function* execute() {
      yield 'half'
      ran.push('ran')
      yield 'whole'
    }
    const tool = sdk.ai.tool({ inputSchema, execute })
    const tools = gateTools({ tool }, { gate, runId: 'r', tools: { tool: { keepResult: true } } })
    for (const _delivery of [1, 2]) {
      const { end, prompts } = run(sdk, tools, calls(['c1', 'tool', { id: 'a' }]))
      await end
      expect(JSON.stringify(prompts[1])).toContain('"whole"')
    }
    expect(ran).toEqual(['ran'])
  })

  test('a refusal is an error with code and words, and the request’s id', async () => {
    const { gate, only } = scene()
    const tool = sdk.ai.tool({ inputSchema, execute: () => 'done' })
    const { end } = run(sdk, gateTools({ tool }, { gate }), calls(['c1', 'tool', { id: 'a' }]))
    const { id } = await only()
    await vote(gate, id, 'reject')
    const { steps } = (await end) as unknown as { steps: { content: { type: string; error?: unknown }[] }[] }
    const { error } = steps[0]?.content.find(({ type }) => type === 'tool-error') ?? {}
    expect(error).toBeInstanceOf(ToolRefusedError)
    expect(GatewrightError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'ERR_APPROVAL_REJECTED',
      requestId: id,
      by: 'Rita',
      reason: 'because',
    })
  })

  test('T53: a tool called "constructor" is none', async () => {
    const { gate, pending } = scene()
    const tool = sdk.ai.tool({ inputSchema, execute: () => 'done' })
    const { end, prompts } = run(
      sdk,
      gateTools({ tool }, { gate }),
      calls(['c1', 'constructor', { id: 'a' }]),
    )
    await end
    expect(await pending()).toEqual([])
    expect(JSON.stringify(prompts[1])).toContain('error-text')
  })
})

describe('what is refused', () => {
  const here = { inputSchema, execute: () => 'done' }

  test.each([
    ['runs in the browser', { inputSchema }],
    ['runs at the provider', { type: 'provider', id: 'openai.web_search', args: {}, inputSchema }],
    ['runs at the provider, whatever it brings', { ...here, type: 'provider', isProviderExecuted: true }],
  ])('T32: a tool that %s, unless it is named', (_what, tool) => {
    const { gate } = scene()
    const refused = /search: runs at the provider or in the browser.*"elsewhere"/
    expect(() => gateTools({ search: tool }, { gate })).toThrow(refused)
    expect(() => gateTool('search', tool, { gate })).toThrow(refused)
    const tools: Tools = gateTools({} as Tools, { gate, elsewhere: ['other'] })
    expect(() => Object.assign(tools, { search: tool })).toThrow(refused)
    const named: Tools = gateTools({ search: tool }, { gate, elsewhere: ['search'] })
    // The SDK would run an `execute` here, whoever is said to run the tool.
    expect(named.search).toEqual({ ...tool, execute: undefined })
    // And it stays what it is.
    expect(() => Object.assign(named.search ?? {}, { execute: () => 'around' })).toThrow(TypeError)
  })

  test.each([
    [{ elsewhere: ['here'] }, 'gateTools.elsewhere: names here, which runs here, and is gated'],
    [{ elsewhere: 'here' }, 'gateTools.elsewhere: must be a list of names of tools'],
    [{ elsewere: [] }, 'gateTools.elsewere: there is no such option; did you mean "elsewhere"?'],
    [{ tools: { hear: {} } }, 'gateTools.tools.hear: there is no such tool. There are: here'],
  ])('T40: %j', (options, message) => {
    expect(() => gateTools({ here }, options as object)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID', message }),
    )
  })

  test('T40: options for another tool than the one', () => {
    expect(() => gateTool('here', here, { tools: { hear: {} } })).toThrow(/there is no such tool/)
  })

  test('what is no tool', () => {
    const { gate } = scene()
    expect(() => gateTools(null as never, { gate })).toThrow(
      'gateTools: takes a record of tools by their names',
    )
    expect(() => gateTools({ a: 7 } as never, { gate })).toThrow('gateTools.a: is not a tool of the AI SDK')
  })

  test('T32: accessors and other prototypes', () => {
    const { gate } = scene()
    const tools: Tools = gateTools({ here }, { gate })
    expect(() => Object.defineProperty(tools, 'a', { get: () => here })).toThrow('not an accessor')
    expect(() => Object.setPrototypeOf(tools, { a: here })).toThrow(TypeError)
    expect(Object.keys(tools)).toEqual(['here'])
  })

  test('two tools of one action', () => {
    const { gate } = scene()
    expect(() => gateTools({ here, Here: here }, { gate })).toThrow(/the same action, tool.here/)
  })
})

describe('a gated tool', () => {
  test('is gated once', () => {
    const { gate } = scene()
    const once = gateTool('a', { inputSchema, execute: () => 'done' }, { gate })
    expect(gateTools({ a: once }, { gate }).a).toBe(once)
  })

  test('keeps what it is besides, its prototype and `this` too', async () => {
    const { gate } = scene({ allow: true })
    class Deleter {
      readonly #word = 'deleted'
      readonly inputSchema = inputSchema
      execute({ id }: { id: string }, _options: unknown) {
        return Promise.resolve(`${this.#word} ${id}`)
      }
    }
    const tool = gateTool('a', new Deleter(), { gate })
    expect(tool).toBeInstanceOf(Deleter)
    expect(tool.inputSchema).toBe(inputSchema)
    expect(await tool.execute({ id: 'x' }, { toolCallId: 'c1', messages: [] })).toBe('deleted x')
  })
})
