import { GatewrightError } from '@gatewright/core'
import type {
  AgentHarness,
  AgentParts,
  AgentRun,
  AgentUnderTest,
  ModelTurn,
  RunHow,
  SuiteTool,
} from '@gatewright/testing/agents'
import OpenAI from 'openai'
import OpenAI6 from 'openai6'
import { gateFunctions, gateRunnableTools, type RunnableTool } from '../src'
import { type ModelServer, modelServer } from './model-server'

/** One run of a loop. */
type Loop = (how: RunHow) => Promise<void>

const CANNOT = {
  'later-tool': 'the functions are named when they are gated',
  streaming: 'streamed parts are the loop’s own affair; the adapter answers what has arrived',
  generator: 'functions do not yield',
  'tool-timeout': 'there is none',
  'own-approval': 'there is none',
  'sub-agent': 'there are none, beside agents in functions',
} as const

const SCHEMAS_ONLY = 'the list for the model holds schemas alone, and nothing that could run'

/** A loop over Chat Completions. */
export const chatHarness: AgentHarness = {
  cannot: { ...CANNOT, guard: SCHEMAS_ONLY },
  create: (parts) => underTest(parts, chatLoop),
}

/** A loop over Responses. */
export const responsesHarness: AgentHarness = {
  cannot: { ...CANNOT, guard: SCHEMAS_ONLY },
  create: (parts) => underTest(parts, responsesLoop),
}

/** The package's own loop. */
export const runToolsHarness: AgentHarness = {
  cannot: {
    ...CANNOT,
    'later-tool': 'the runner reads its list once, when it starts',
    suspend: 'the runner stops at any error, and cannot go on',
    'tool-signal':
      'the runner hands over its own signal alone; `currentSession().signal` is the one of the run',
  },
  create: (parts) => underTest(parts, runToolsLoop),
}

/** The loop of `openai` 6. */
export const runTools6Harness: AgentHarness = {
  cannot: { ...runToolsHarness.cannot, parallel: 'the runner of version 6 makes one call after the other' },
  create: (parts) => underTest(parts, runToolsLoop, OpenAI6 as unknown as typeof OpenAI),
}

type MakeLoop = (parts: AgentParts, client: OpenAI) => { readonly loop: Loop; readonly tools?: () => object }

async function underTest(parts: AgentParts, make: MakeLoop, Client = OpenAI): Promise<AgentUnderTest> {
  const server = await modelServer()
  const client = new Client({ apiKey: 'scripted', baseURL: server.baseURL, maxRetries: 0 })
  const options = parts.options && { agent: 'scripted-agent', ...parts.options }
  try {
    const { loop, tools } = make({ ...parts, options }, client)
    let script = (parts.saved ?? []) as readonly ModelTurn[]
    return {
      run(turns, how = {}) {
        script = turns
        return ran(server, turns, loop, how)
      },
      again: (how = {}) => ran(server, script, loop, how),
      saved: () => script,
      ...(tools === undefined ? {} : { tools }),
      dispose: () => server.close(),
    }
  } catch (error) {
    await server.close()
    throw error
  }
}

async function ran(
  server: ModelServer,
  script: readonly ModelTurn[],
  loop: Loop,
  how: RunHow,
): Promise<AgentRun> {
  Object.assign(server, { script, told: new Map(), runId: how.runId ?? 'run-1' })
  try {
    await loop(how)
    return { status: 'done', told: server.told }
  } catch (error) {
    const waits = GatewrightError.isInstance(error) && error.code === 'ERR_APPROVAL_PENDING'
    return { status: waits ? 'suspended' : 'failed', told: server.told, error }
  }
}

function answererOf({ options, tools }: AgentParts) {
  const functions = Object.fromEntries(
    tools.map(({ description, name, run, schema }) => [
      name,
      {
        description,
        parameters: schema,
        execute: (args: unknown, { signal }: { readonly signal: AbortSignal }) => run(args, signal),
      },
    ]),
  )
  if (options !== null) return gateFunctions(functions, options)
  const call = async (name: string, text: string, signal = new AbortController().signal) =>
    functions[name]?.execute(functions[name].parameters.parse(JSON.parse(text)), { signal })
  return { ungated: call }
}

const chatLoop: MakeLoop = (parts, client) => {
  const answerer = answererOf(parts)
  return {
    async loop({ signal }) {
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'go' }]
      for (;;) {
        const completion = await client.chat.completions.create({
          model: 'scripted-model',
          messages,
          ...('chatTools' in answerer ? { tools: answerer.chatTools } : {}),
        })
        const message = completion.choices[0]?.message
        if (message?.tool_calls === undefined) return
        messages.push(message)
        if ('chat' in answerer) {
          messages.push(...(await answerer.chat(completion, signal === undefined ? {} : { signal })))
          continue
        }
        for (const call of message.tool_calls) {
          if (call.type !== 'function') continue
          const content = String(await answerer.ungated(call.function.name, call.function.arguments, signal))
          messages.push({ role: 'tool', tool_call_id: call.id, content })
        }
      }
    },
  }
}

const responsesLoop: MakeLoop = (parts, client) => {
  const answerer = answererOf(parts)
  return {
    async loop({ signal }) {
      const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'go' }]
      for (;;) {
        const response = await client.responses.create({
          model: 'scripted-model',
          input,
          ...('responseTools' in answerer ? { tools: answerer.responseTools } : {}),
        })
        const calls = response.output.filter((item) => item.type === 'function_call')
        if (calls.length === 0) return
        input.push(...(response.output as OpenAI.Responses.ResponseInput))
        if ('responses' in answerer) {
          input.push(...(await answerer.responses(response, signal === undefined ? {} : { signal })))
          continue
        }
        for (const { arguments: text, call_id, name } of calls)
          input.push({
            type: 'function_call_output',
            call_id,
            output: String(await answerer.ungated(name, text, signal)),
          })
      }
    },
  }
}

const runToolsLoop: MakeLoop = ({ options, tools: suiteTools }, client) => {
  const raw = suiteTools.map(runnable)
  const tools = options === null ? raw : gateRunnableTools(raw, options)
  return {
    tools: () => tools,
    async loop({ signal }) {
      const runner = client.chat.completions.runTools(
        { model: 'scripted-model', messages: [{ role: 'user', content: 'go' }], tools: tools as never },
        signal === undefined ? {} : { signal },
      )
      await runner.done()
    },
  }
}

function runnable({ description, name, run, schema }: SuiteTool): RunnableTool {
  const { $schema: _, ...parameters } = schema.toJSONSchema()
  return {
    type: 'function',
    function: {
      name,
      description,
      parameters,
      parse: (text: string) => schema.parse(JSON.parse(text)),
      function: (args: unknown, { controller }: { readonly controller: AbortController }) =>
        run(args, controller.signal),
    },
  }
}
