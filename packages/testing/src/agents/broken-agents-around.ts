import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterOptions } from './agent-harness'
import { type BrokenAgent, wrong } from './broken-agent'
import { rightParts } from './plain-adapter'
import type { LoopTool } from './plain-loop'

/** Adapters that do something else around the gated tool, or in its place. */
export const brokenAround: readonly BrokenAgent[] = [
  around('a rejected call runs', /T46: a rejected|T32: a tool|streamed call|does not run when|mixed batch/, {
    execute: (gated, original) => async (args, call) => {
      const text = await textOf(gated.execute(args, call)).catch((error: Error) => error.message)
      return /rejected by/.test(text) ? textOf(original.execute(args, call)) : text
    },
  }),
  around(
    'a call that cannot be asked about runs',
    /nobody decides|nobody can be reached|sealed|takes nothing|store that is down|leaves the request/,
    {
      execute: (gated, original) => async (args, call) => {
        try {
          return await textOf(gated.execute(args, call))
        } catch {
          return textOf(original.execute(args, call))
        }
      },
    },
  ),
  around('gated tools are not marked', /T32: guardTools/, {
    execute: (gated) => (args, call) => gated.execute(args, call),
  }),
  around('the framework’s own "approved" opens', /T39/, {
    execute: (gated, original) => (args, call) => (call.approved ? original : gated).execute(args, call),
  }),
  around(
    'what is done is done outside of the session',
    /I2: an approved|within the session of|to the last value|names the one above/,
    {
      execute:
        (_gated, original, { gate, wait }) =>
        async (args, call) => {
          const { callId, runId } = call
          const context = { callId, runId, ...(wait && { wait }) }
          const answer = await gate.request({
            action: `tool.${original.name}`,
            args: args as Record<string, unknown>,
            context,
          })
          if (answer.status === 'approved' || answer.status === 'allowed')
            return textOf(original.execute(answer.args, call))
          throw new Error(`${answer.status}: ${answer.reason}. Nothing was executed.`)
        },
    },
  ),
  around('calls are made on a line of their own, and lose what surrounds them', /names the one above/, {
    execute: (gated) => (args, call) => outside(() => textOf(gated.execute(args, call))),
  }),
  around(
    'a tool that yields is called like any other, and never drained',
    /yields, approved|yields, allowed|to the last value/,
    {
      execute:
        (_gated, original, { gate }) =>
        (args, call) => {
          const { callId, runId } = call
          const gated = gate.requireApproval(async (input: unknown) => original.execute(input, call), {
            action: `tool.${original.name}`,
          })
          return gate.as({ callId, runId }, () => gated(args)).then(String)
        },
    },
  ),
  around('what a tool yields is held back', /yields, approved|yields, allowed/, {
    execute: (gated) => (args, call) => textOf(gated.execute(args, call)),
  }),
  around('a tool that yields runs before it is asked about', /yields, approved|does not run when/, {
    execute: (gated, original) =>
      async function* (args, call) {
        const early = await textOf(original.execute(args, call))
        yield early
        yield await textOf(gated.execute(args, call))
      },
  }),
  around('waiting shows as a part of its own', /parts of a stream/, {
    execute: (gated) =>
      async function* (args, call) {
        yield 'waiting for approval'
        yield await textOf(gated.execute(args, call))
      },
  }),
  byPosition(),
]

const outside = AsyncLocalStorage.snapshot()

/** Something else around the gated tool. */
function around(
  flaw: string,
  caughtBy: RegExp,
  { execute }: { execute(gated: LoopTool, original: LoopTool, options: AdapterOptions): LoopTool['execute'] },
): BrokenAgent {
  return wrong(flaw, caughtBy, {
    gate(tool, schema, room, parts, options) {
      const gated = rightParts.gate(tool, schema, room, parts, options)
      return { ...gated, execute: execute(gated, tool, options) }
    },
  })
}

/** T45: what is decided first answers the call that was made first. */
function byPosition(): BrokenAgent {
  return wrong('answers are given by position', /mixed batch/, {
    gate(tool, schema, room, parts, options) {
      const gated = rightParts.gate(tool, schema, room, parts, options)
      const waiting = WAITING.get(options.gate) ?? []
      WAITING.set(options.gate, waiting)
      return {
        ...gated,
        execute: (args, call) =>
          new Promise((resolve, reject) => {
            waiting.push({ resolve, reject })
            textOf(gated.execute(args, call)).then(
              (text) => waiting.shift()?.resolve(text),
              (error) => waiting.shift()?.reject(error),
            )
          }),
      }
    },
  })
}

const WAITING = new WeakMap<object, { resolve(text: string): void; reject(error: unknown): void }[]>()

async function textOf(answer: ReturnType<LoopTool['execute']>): Promise<string> {
  if (!(Symbol.asyncIterator in answer)) return answer
  let last = ''
  for await (const value of answer) last = value
  return last
}
