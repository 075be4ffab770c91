import { type BrokenAgent, wrong } from './broken-agent'
import { brokenAround } from './broken-agents-around'
import { type PlainParts, rightParts } from './plain-adapter'
import { StopRun } from './plain-loop'

/** The ways in which adapters and frameworks were wrong; the suite must notice each. */
export const brokenAgents: readonly BrokenAgent[] = [
  ...brokenAround,
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

/** A schema that takes everything. */
const ANYTHING: Parameters<PlainParts['gate']>[1] = {
  '~standard': { version: 1, vendor: 'suite', validate: (value) => ({ value }) },
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code
}
