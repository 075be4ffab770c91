import { GatewrightError } from '@gatewright/core'
import { gateToolCalls } from '@gatewright/core/agents'
import { type BrokenAgent, wrong } from './broken-agent'
import { brokenAround } from './broken-agents-around'
import { type PlainParts, rightParts } from './plain-adapter'
import { StopRun } from './plain-loop'

/** The ways in which adapters and frameworks were wrong; the suite must notice each. */
export const brokenAgents: readonly BrokenAgent[] = [
  ...brokenAround,
  wrong('the abort signal is dropped', /aborting the run/, {
    call: (call) => rightParts.call({ ...call, signal: undefined }),
  }),
  wrong('the key has no run id', /T53: a call id that repeats/, {
    call: (call) => ({ ...rightParts.call(call), runId: undefined }),
  }),
  wrong(
    'calls have no key',
    /names the call|delivered twice|restart|T53: a call id that comes again|a suspended run|what ran does not/,
    { call: (call) => ({ ...rightParts.call(call), callId: undefined }) },
  ),
  wrong('a call that waits is told to the model', /suspended|suspends/, {
    failed: (error) => (isPending(error) ? (error as Error).message : rightParts.failed(error)),
  }),
  wrong('only tools known at the start are gated', /T32: a tool that is added later/, {
    later: (tools) => tools,
  }),
  wrong('the tools of sub-agents are not gated', /sub-agent/, { inner: (tool) => tool }),
  wrong(
    'a refusal is a result like any other',
    /T46|nobody decides|nobody can be reached|denies|somebody cancels|T10/,
    { refused: (text) => text },
  ),
  wrong('a refusal is silent', /T46|nobody decides|T33: an argument|equal calls/, { refused: () => '' }),
  wrong('a refusal says nothing of its reason', /T46|denies|somebody cancels|inside a tool is told/, {
    refused() {
      throw new Error('An error occurred while running the tool. Nothing was executed. Please try again.')
    },
  }),
  wrong('every refusal is called a rejection', /I10: (?!.*closes)|I7: a log|T10/, {
    refused(text) {
      throw new Error(`rejected: ${text}`)
    },
  }),
  wrong('a gate that cannot answer is called a rejection', /I10: .*closes|I7: a gate|I1:/, {
    failed(error) {
      if (!GatewrightError.isInstance(error) || isPending(error)) return rightParts.failed(error)
      throw new Error('It was rejected. Nothing was executed.')
    },
  }),
  wrong('a refusal ends the run', /T46|mixed batch/, {
    refused(text) {
      throw new StopRun(text)
    },
  }),
  wrong('a refusal repeats the arguments', /T43/, {
    refused(text, call) {
      throw new Error(`${text} The arguments were ${call.text}.`)
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
    call: (call) => rightParts.call({ ...call, say: undefined }),
  }),
  wrong('the model’s name is lost', /names the model/, {
    call: (call) => ({ ...rightParts.call(call), model: undefined }),
  }),
  wrong('every call is the main agent’s', /sub-agent names it/, {
    call: (call) => ({ ...rightParts.call(call), agent: 'scripted-agent' }),
  }),
  wrong('the agent’s name is lost', /names the agent|names it/, {
    call: (call) => ({ ...rightParts.call(call), agent: undefined }),
  }),
  wrong('unknown options are overlooked', /T40: a misspelt option is|T40: options for/, {
    room: ({ gate, wait, tools }) =>
      gateToolCalls({ gate, ...(wait && { wait }), ...(tools && { tools }) }, 'gateTools'),
  }),
  wrong('options of single tools are overlooked', /T40: a misspelt option of|T10|gives the kept result/, {
    room: ({ tools: _, ...options }, names) => rightParts.room(options, names),
  }),
  {
    flaw: 'malformed arguments are passed on to people',
    caughtBy: /T33: (?!.*__proto__)/,
    parts: {
      gate: (tool, _schema, ...rest) => ({
        ...rightParts.gate(tool, ANYTHING, ...rest),
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

function isPending(error: unknown): boolean {
  return GatewrightError.isInstance(error) && error.code === 'ERR_APPROVAL_PENDING'
}
