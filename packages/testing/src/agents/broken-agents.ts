import { AsyncLocalStorage } from 'node:async_hooks'
import type { AdapterOptions } from './agent-harness'
import { type PlainParts, rightParts } from './plain-adapter'
import { type LoopTool, StopRun } from './plain-loop'

/** An adapter that is wrong in one way. */
export interface BrokenAgent {
  /** What is wrong with it. */
  readonly flaw: string
  /** A part of the names of the cases that must notice. */
  readonly caughtBy: RegExp
  readonly parts: Partial<PlainParts>
}

/** The ways in which adapters and frameworks were wrong; the suite must notice each. */
export const brokenAgents: readonly BrokenAgent[] = [
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
  byPosition(),
  wrong('the abort signal is dropped', /aborting the run/, {
    context: (call, options) => rightParts.context({ ...call, signal: undefined }, options),
  }),
  wrong('the key has no run id', /T53: a call id that repeats/, {
    context(call, options) {
      const { runId: _, ...context } = rightParts.context(call, options)
      return context
    },
  }),
  wrong(
    'calls have no key',
    /names the call|delivered twice|restart|T53: a call id that comes again|a suspended run|what ran does not/,
    {
      context(call, options) {
        const { callId: _, ...context } = rightParts.context(call, options)
        return context
      },
    },
  ),
  wrong('a call that waits is told to the model', /suspended|suspends/, {
    refusal(error, call) {
      if (codeOf(error) === 'ERR_APPROVAL_PENDING') return (error as Error).message
      return rightParts.refusal(error, call)
    },
  }),
  wrong('only tools known at the start are gated', /T32: a tool that is added later/, {
    later: (tools) => tools,
  }),
  wrong('the tools of sub-agents are not gated', /sub-agent/, { inner: (tool) => tool }),
  wrong(
    'a refusal is a result like any other',
    /T46|nobody decides|nobody can be reached|denies|somebody cancels|T10/,
    {
      refusal: (error, call) =>
        codeOf(error)?.startsWith('ERR_APPROVAL_PENDING')
          ? rightParts.refusal(error, call)
          : (error as Error).message,
    },
  ),
  wrong('a refusal is silent', /T46|nobody decides|T33: an argument|equal calls/, {
    refusal: (error, call) =>
      codeOf(error) === 'ERR_APPROVAL_PENDING' ? rightParts.refusal(error, call) : '',
  }),
  wrong('a refusal says nothing of its reason', /T46|denies|somebody cancels|inside a tool is told/, {
    refusal(error, call) {
      if (codeOf(error) === 'ERR_APPROVAL_PENDING') return rightParts.refusal(error, call)
      throw new Error('An error occurred while running the tool. Nothing was executed. Please try again.')
    },
  }),
  wrong('every refusal is called a rejection', /I10|I7: a log|I1:|T10/, {
    refusal(error, call) {
      if (codeOf(error) === 'ERR_APPROVAL_PENDING') return rightParts.refusal(error, call)
      throw new Error(`rejected: ${(error as Error).message}`)
    },
  }),
  wrong('a refusal ends the run', /T46|mixed batch/, {
    refusal: (error) => {
      throw new StopRun('refused', { cause: error })
    },
  }),
  wrong('a refusal repeats the arguments', /T43/, {
    refusal(error, call) {
      if (codeOf(error) === 'ERR_APPROVAL_PENDING') return rightParts.refusal(error, call)
      throw new Error(`${(error as Error).message} The arguments were ${call.text}.`)
    },
  }),
  wrong('edits are ignored', /edited/, { input: (_approved, proposed) => proposed }),
  wrong('the model is not told of edits', /reviewer changed/, { result: (text) => text }),
  wrong('results are changed', /I2: an approved|a rule allows/, {
    result: (text) => JSON.stringify({ text }),
  }),
  wrong('results are lost', /an edited call|T45|run goes on after|agent inside a tool asks|sealed/, {
    result: () => 'done.',
  }),
  wrong('the tool’s own failure is a result', /recorded as failed/, {
    work: (run) => run().catch((error: Error) => `Error: ${error.message}`),
  }),
  wrong('a tool’s failure has other words', /throws is told/, {
    work: (run) =>
      run().catch(() => {
        throw new Error('the tool failed')
      }),
  }),
  wrong('the session’s signal does not reach the tool', /execution time-out/, { signal: (theirs) => theirs }),
  wrong('what the model says is lost', /says beside/, {
    context: (call, options) => rightParts.context({ ...call, say: undefined }, options),
  }),
  wrong('the model’s name is lost', /names the model/, {
    context(call, options) {
      const { model: _, ...context } = rightParts.context(call, options)
      return context
    },
  }),
  wrong('unknown options are overlooked', /T40: a misspelt option is|T40: options for/, { check() {} }),
  wrong('options of single tools are overlooked', /T40: a misspelt option of|T10|gives the kept result/, {
    gate: (tool, schema, { tools: _, ...options }, parts) => rightParts.gate(tool, schema, options, parts),
  }),
  {
    flaw: 'malformed arguments are passed on to people',
    caughtBy: /T33: (?!.*__proto__)/,
    parts: {
      gate: (tool, _schema, options, parts) => ({
        ...rightParts.gate(tool, ANYTHING, options, parts),
        parse(text) {
          try {
            return { ...JSON.parse(text.slice(0, 1_000)) }
          } catch {
            return { text: text.slice(0, 1_000) }
          }
        },
      }),
    },
  },
  {
    flaw: 'arguments that nobody knows are dropped',
    caughtBy: /T33: .*(nobody knows|__proto__)/,
    parts: {
      gate: (tool, ...rest) => ({
        ...rightParts.gate(tool, ...rest),
        parse(text) {
          const { id, rows } = JSON.parse(text)
          return { id, rows }
        },
      }),
    },
  },
  wrong('an unknown tool is taken for a known one', /does not exist runs/, {
    later(tools, gateOne) {
      const get = tools.get.bind(tools)
      tools.get = (name) => get(name) ?? [...tools.values()][0]
      return rightParts.later(tools, gateOne)
    },
  }),
  around('gated tools are not marked', /T32: guardTools/, {
    execute: (gated) => (args, call) => gated.execute(args, call),
  }),
  around('the framework’s own "approved" opens', /T39/, {
    execute: (gated, original) => (args, call) => (call.approved ? original : gated).execute(args, call),
  }),
  around(
    'what is done is done outside of the session',
    /I2: an approved|to the last value|names the one above/,
    {
      execute:
        (_gated, original, { gate, wait }) =>
        async (args, call) => {
          const context = rightParts.context(call, wait === undefined ? { gate } : { gate, wait })
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
          const context = rightParts.context(call, { gate })
          const gated = gate.requireApproval(async (input: unknown) => original.execute(input, call), {
            action: `tool.${original.name}`,
          })
          return gate.as(context, () => gated(args)).then(String)
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
  {
    flaw: 'the time-out counts people',
    caughtBy: /T41: .* does not count/,
    parts: {
      gate: (tool, ...rest) => ({ ...rightParts.gate(tool, ...rest), timeoutMs: tool.timeoutMs }),
    },
  },
  {
    flaw: 'the time-out is lost',
    caughtBy: /T41: .* still counts/,
    parts: { gate: (tool, ...rest) => rightParts.gate({ ...tool, timeoutMs: undefined }, ...rest) },
  },
]

const outside = AsyncLocalStorage.snapshot()

/** A schema that takes everything. */
const ANYTHING: Parameters<PlainParts['gate']>[1] = {
  '~standard': { version: 1, vendor: 'suite', validate: (value) => ({ value }) },
}

function wrong(flaw: string, caughtBy: RegExp, parts: Partial<PlainParts>): BrokenAgent {
  return { flaw, caughtBy, parts }
}

/** Something else around the gated tool. */
function around(
  flaw: string,
  caughtBy: RegExp,
  { execute }: { execute(gated: LoopTool, original: LoopTool, options: AdapterOptions): LoopTool['execute'] },
): BrokenAgent {
  return wrong(flaw, caughtBy, {
    gate(tool, schema, options, parts) {
      const gated = rightParts.gate(tool, schema, options, parts)
      return { ...gated, execute: execute(gated, tool, options) }
    },
  })
}

/** T45: what is decided first answers the call that was made first. */
function byPosition(): BrokenAgent {
  return wrong('answers are given by position', /mixed batch/, {
    gate(tool, schema, options, parts) {
      const gated = rightParts.gate(tool, schema, options, parts)
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

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code
}
