import { currentSession } from '@gatewright/core'
import { z } from 'zod'
import type { SuiteTool } from './agent-harness'

/** One run of a tool: what it was given. */
export interface ToolRun {
  readonly tool: string
  readonly args: unknown
  /** Of its session; `undefined` outside of one. */
  readonly requestId: string | undefined
}

/** What a tool does; by default it says what it did. */
export type ToolWork = (
  args: { readonly id: string; readonly rows: number },
  signal?: AbortSignal,
) => Promise<string>

/** Tools that keep what they did. */
export interface ToolBox {
  /** What ran, in order. */
  readonly runs: ToolRun[]
  /** A tool with the arguments `id` and `rows`. */
  tool(name: string, work?: ToolWork): SuiteTool
  /** A tool that yields `started`, `half`, and then what `tool` answers. */
  yieldingTool(name: string, work?: ToolWork): SuiteTool
  /** A tool that also takes a password. */
  secretTool(name: string): SuiteTool
  /** A tool that runs until its session ends it, or its `signal` does. */
  hangingTool(name: string, by?: 'session' | 'signal'): SuiteTool
  /** The arguments of the runs whose `id` this is. */
  ran(id: string): readonly unknown[]
  /** Ends what still hangs. */
  release(): void
}

const schema = z.strictObject({ id: z.string(), rows: z.number().int() })

/** Makes an empty box. */
export function toolBox(): ToolBox {
  const runs: ToolRun[] = []
  const released = new AbortController()
  const says: ToolWork = async ({ id, rows }) => `removed ${id} (${rows} rows)`

  function kept(name: string, work: ToolWork): SuiteTool['run'] {
    return async (args, signal) => {
      runs.push({ tool: name, args, requestId: currentSession()?.requestId })
      return work(args as Parameters<ToolWork>[0], signal)
    }
  }

  function tool(name: string, work: ToolWork = says): SuiteTool {
    return { name, description: 'Removes a user.', schema, run: kept(name, work) }
  }

  return {
    runs,
    tool,
    yieldingTool(name, work = says) {
      const { run, ...rest } = tool(name, work)
      return {
        ...rest,
        run,
        async *stream(args, signal) {
          yield 'started'
          yield 'half'
          yield await run(args, signal)
        },
      }
    },
    secretTool(name) {
      const secret = schema.extend({ password: z.string() })
      return { ...tool(name), schema: secret }
    },
    hangingTool(name, by = 'session') {
      return tool(name, (_args, given) => {
        const signal = by === 'session' ? currentSession()?.signal : given
        return new Promise((resolve, reject) => {
          released.signal.addEventListener('abort', () => resolve('released'), { once: true })
          signal?.addEventListener('abort', () => reject(new Error('the tool was stopped')), { once: true })
        })
      })
    },
    ran: (id) => runs.map(({ args }) => args).filter((args) => (args as { id?: unknown }).id === id),
    release: () => released.abort(),
  }
}
