import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ModelTurn, Told } from '@gatewright/testing/agents'

/** A provider on this computer: says the turns of a script, each by the place in its conversation, and then `done`. */
export interface ModelServer {
  readonly baseURL: string
  /** What the model was told of calls, from the requests that it got. */
  told: Map<string, Told>
  script: readonly ModelTurn[]
  runId: string
  close(): Promise<void>
}

interface Body {
  readonly messages?: readonly {
    readonly role: string
    readonly tool_call_id?: string
    readonly content?: unknown
  }[]
  readonly input?: readonly {
    readonly type?: string
    readonly role?: string
    readonly call_id?: string
    readonly output?: unknown
  }[]
}

export async function modelServer(): Promise<ModelServer> {
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Body
    const answer = body.messages === undefined ? responsesAnswer(body) : chatAnswer(body)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const made: ModelServer = {
    baseURL: `http://127.0.0.1:${port}/v1`,
    told: new Map(),
    script: [],
    runId: 'run-1',
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  function idOf(turn: ModelTurn | undefined): string {
    return [made.runId, ...(turn?.calls ?? []).map(({ id }) => id)].join('-')
  }

  function chatAnswer({ messages = [] }: Body): object {
    for (const { content, role, tool_call_id } of messages)
      if (role === 'tool') made.told.set(String(tool_call_id), { text: String(content), error: null })
    const turn = made.script[messages.filter(({ role }) => role === 'assistant').length]
    const calls = (turn?.calls ?? []).map(({ arguments: text, id, tool }) => ({
      id,
      type: 'function',
      function: { name: tool, arguments: text },
    }))
    const message = {
      role: 'assistant',
      refusal: null,
      content: turn === undefined ? 'done' : (turn.say ?? null),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    }
    const finish_reason = calls.length > 0 ? 'tool_calls' : 'stop'
    return {
      id: `chatcmpl-${idOf(turn)}`,
      object: 'chat.completion',
      created: 1,
      model: 'scripted-model',
      choices: [{ index: 0, finish_reason, message, logprobs: null }],
    }
  }

  function responsesAnswer({ input = [] }: Body): object {
    for (const { call_id, output, type } of input)
      if (type === 'function_call_output')
        made.told.set(String(call_id), { text: String(output), error: null })
    // Each turn stands in the input as its items: its place is told by the calls that were answered.
    const answered = new Set(
      input.filter(({ type }) => type === 'function_call').map(({ call_id }) => call_id),
    )
    const turn = made.script.find(({ calls }) => calls.some(({ id }) => !answered.has(id)))
    const text = turn === undefined ? 'done' : turn.say
    const message = {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text, annotations: [] }],
    }
    const calls = (turn?.calls ?? []).map(({ arguments: args, id, tool }) => ({
      type: 'function_call',
      id: `fc_${id}`,
      call_id: id,
      name: tool,
      arguments: args,
      status: 'completed',
    }))
    return {
      id: `resp-${idOf(turn)}`,
      object: 'response',
      created_at: 1,
      model: 'scripted-model',
      status: 'completed',
      output: [...(text === undefined ? [] : [message]), ...calls],
    }
  }

  return made
}
