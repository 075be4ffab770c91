import { OptionError } from '@gatewright/core'
import { causeOf, gatedCalls } from './gated-calls'
import { type CallParams, type Message, type Outcome, readCall } from './messages'
import type { McpOptions } from './options'

/** A client of an MCP SDK, as far as the gate needs it: `Client`, of versions 1 and 2. */
export interface McpClientLike {
  request(...args: never): Promise<unknown>
  listTools(...args: never): Promise<unknown>
}

/** The options of one request. */
interface RequestOptions {
  readonly signal?: AbortSignal
  readonly task?: unknown
}

type Request = (message: Message, ...rest: unknown[]) => Promise<unknown>

/**
 * Gates the tools that a client calls, of whatever server it is connected to: by `callTool`, or as a request. The time that
 * people take is not counted: a time limit of a call begins once it may run. A refusal comes back as a tool's own failure
 * (`isError`), in words for the model.
 *
 * The id of the model's call, where it has one, is said around: `gate.as({ runId, callId }, () => client.callTool(…))`.
 *
 * @returns the same client
 * @throws OptionError for wrong options
 * @example
 * ```ts
 * import { createGate, group } from '@gatewright/core'
 * import { gateClient } from '@gatewright/mcp'
 * import { Client } from '@modelcontextprotocol/client'
 *
 * const gate = createGate({ agent: { id: 'desk-agent', owner: null }, reviewers: group('ops'), approvers: [], ephemeral: true })
 * const client = gateClient(new Client({ name: 'desk-agent', version: '1.0.0' }), { gate })
 * ```
 */
export function gateClient<Client extends McpClientLike>(client: Client, options: McpOptions = {}): Client {
  if (typeof client?.request !== 'function' || typeof client.listTools !== 'function')
    throw new OptionError('gateClient', 'the first argument is the client of an MCP SDK')
  const gate = gatedCalls(options, 'gateClient')
  const low = client as unknown as {
    request: Request
    listTools(params?: { readonly cursor: string }): Promise<unknown>
  }
  const request = low.request.bind(client)

  // `callTool` makes its request by this too.
  low.request = async (message, ...rest) => {
    if (message?.method !== 'tools/call') return request(message, ...rest)
    const at = isSchema(rest[0]) ? 1 : 0
    const { signal, task } = (rest[at] ?? {}) as RequestOptions
    // Read as any client's message: ids are given later.
    const read = readCall({ id: 0, params: { ...(message.params as CallParams), ...(task ? { task } : {}) } })
    if ('error' in read) throw new TypeError(read.error.message)
    const { params } = read
    const [gaveUp, stopped] = [new AbortController(), new AbortController()]
    if (signal?.aborted) gaveUp.abort(signal.reason)
    signal?.addEventListener('abort', () => gaveUp.abort(signal.reason), { once: true })
    const outcome = await gate.call(
      {
        id: undefined,
        params,
        gaveUp,
        async exchange(args): Promise<Outcome> {
          const how = [...rest]
          const signals = signal === undefined ? [stopped.signal] : [stopped.signal, signal]
          how[at] = { ...(rest[at] as RequestOptions), signal: AbortSignal.any(signals) }
          return { result: await request({ ...message, params: { ...params, arguments: args } }, ...how) }
        },
        stop: (reason) => stopped.abort(new Error(reason)),
        beat() {},
      },
      {
        runId: undefined,
        readTools: (cursor) => low.listTools(cursor === undefined ? undefined : { cursor }),
      },
    )
    if (outcome === null) throw signal?.reason ?? new Error('the call was given up')
    if ('error' in outcome) throw causeOf(outcome) ?? new Error(outcome.error.message)
    return outcome.result
  }
  return client
}

/** Version 1 takes the result's schema before the options. */
function isSchema(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    ('parse' in value || '~standard' in value || '_zod' in value)
  )
}
