import type {
  AgentHarness,
  AgentParts,
  AgentRun,
  AgentUnderTest,
  ModelTurn,
  RunHow,
  SuiteTool,
  Told,
} from '@gatewright/testing/agents'

/** A client that is connected to a server with the suite's tools. */
export interface Connected {
  call(
    params: { name: string; arguments: never; _meta: Record<string, unknown> },
    how: { signal?: AbortSignal; timeout?: number },
  ): Promise<unknown>
  addTool(tool: SuiteTool): void
  close(): Promise<void>
}

/** Connects an agent's client; `runId` is asked at each call. */
export type Connect = (parts: AgentParts, runId: () => string) => Promise<Connected>

/** An agent whose tools come from an MCP server: a loop that calls what the script says, as hosts do. */
export function mcpHarness(connect: Connect, cannot: AgentHarness['cannot'] = {}): AgentHarness {
  return {
    cannot: {
      'malformed-json': 'arguments come parsed',
      guard: 'a program holds no list of a server’s tools',
      intent: 'the protocol carries no words of the model',
      'model-name': 'the protocol does not name the model',
      streaming: 'a result comes whole',
      generator: 'a result comes whole',
      suspend: 'before protocol 2026-07-28, a client waits for its answer',
      'own-approval': 'the protocol has none',
      'sub-agent': 'an agent in front has its own clients, and one behind is its server’s',
      ...cannot,
    },
    async create(parts) {
      let runId = 'run-1'
      const connected = await connect(parts, () => runId)
      const agent: AgentUnderTest = {
        async run(script, how = {}) {
          runId = how.runId ?? 'run-1'
          return runScript(connected, script, how, parts.toolTimeoutMs)
        },
        addTool: (tool) => connected.addTool(tool),
        dispose: () => connected.close(),
      }
      return agent
    },
  }
}

async function runScript(
  connected: Connected,
  script: readonly ModelTurn[],
  { signal }: RunHow,
  timeout: number | undefined,
): Promise<AgentRun> {
  const told = new Map<string, Told>()
  try {
    for (const { calls } of script)
      await Promise.all(
        calls.map(async ({ id, tool, arguments: text }) => {
          const params = {
            name: tool,
            arguments: JSON.parse(text) as never,
            _meta: { 'claudecode/toolUseId': id },
          }
          const how = { ...(signal && { signal }), ...(timeout !== undefined && { timeout }) }
          told.set(id, toldBy(await connected.call(params, how)))
        }),
      )
    return { status: 'done', told }
  } catch (error) {
    return { status: 'failed', told, error }
  }
}

function toldBy(result: unknown): Told {
  const { content, isError } = result as { content: { text?: string }[]; isError?: boolean }
  return { text: content.map(({ text }) => text).join('\n'), error: isError === true }
}
