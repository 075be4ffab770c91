import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A block of a message, as the API has it. */
export interface Block {
  readonly type: string
  readonly [field: string]: unknown
}

/** What the scripted model answers. */
export interface Reply {
  readonly content: readonly Block[]
  readonly stopReason: 'tool_use' | 'end_turn'
}

/** What the model was asked. */
export interface Asked {
  readonly stream?: boolean
  readonly tools?: readonly { readonly name?: string }[]
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Block[] }[]
}

/** A model behind HTTP. */
export interface ModelServer {
  readonly url: string
  /** The bodies of the requests, in order. */
  readonly asked: readonly Asked[]
  close(): Promise<void>
}

/** Answers each request as `next` says. */
export async function modelServer(next: (asked: Asked) => Reply | undefined): Promise<ModelServer> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const one = JSON.parse(body || '{"messages":[]}') as Asked
    asked.push(one)
    const reply = next(one)
    if (reply === undefined) {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end('{"error":{"type":"invalid_request_error","message":"the script is over"}}')
      return
    }
    const message = messageOf(reply)
    response.writeHead(200, { 'content-type': one.stream ? 'text/event-stream' : 'application/json' })
    response.end(one.stream ? eventsOf(message, reply) : JSON.stringify(message))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function messageOf({ content, stopReason }: Reply): Record<string, unknown> {
  return {
    id: `msg_${content.map(({ id, type }) => id ?? type).join('_')}`,
    type: 'message',
    role: 'assistant',
    model: 'scripted-model',
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  }
}

/** The same message, told block by block. */
function eventsOf(message: Record<string, unknown>, { content, stopReason }: Reply): string {
  const events = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    ...content.flatMap((block, index) => [
      {
        type: 'content_block_start',
        index,
        content_block: block.type === 'tool_use' ? { ...block, input: {} } : { type: 'text', text: '' },
      },
      {
        type: 'content_block_delta',
        index,
        delta:
          block.type === 'tool_use'
            ? { type: 'input_json_delta', partial_json: JSON.stringify(block.input) }
            : { type: 'text_delta', text: block.text },
      },
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: 'message_stop' },
  ]
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}
