// The rows of the adapters of agent frameworks.
import { count } from './count.mjs'

/** @typedef {import('./rows.mjs').Row} Row */

const LEAST = 100
const SHARE = 0.05

/** @type {(name: string, what: string, calls: number) => Row} */
const adapter = (name, what, calls) => ({
  name: `${name}, an allowed call`,
  group: 'gatewright',
  kind: 'call',
  script: 'ours/agents.mjs',
  // Frameworks are compiled late: the figures of the first thousand runs still fall.
  told: { what, calls, rounds: 30, warmUp: 25 * calls },
  quick: { calls: Math.ceil(calls / 5), rounds: 10, warmUp: calls },
  bound: LEAST,
  read: ({ figures: { ungated, allowed, approved, own }, calls: made }) => ({
    value: allowed.added,
    bound: Math.max(LEAST, SHARE * ungated.micros),
    note: [
      `added to the framework's own ${ungated.micros.toFixed(0)} µs (processor: ${allowed.addedCpu.toFixed(0)} to ${ungated.cpu.toFixed(0)} µs)`,
      `approved ${approved.added.toFixed(0)} (processor ${approved.addedCpu.toFixed(0)}) µs`,
      ...(own ? [`its own approval ${own.added.toFixed(0)} (processor ${own.addedCpu.toFixed(0)}) µs`] : []),
      `${count(made)} calls of each in turns`,
    ].join('; '),
    more: {
      ungated: ungated.micros,
      ungatedCpu: ungated.cpu,
      allowedCpu: allowed.addedCpu,
      approved: approved.added,
      approvedCpu: approved.addedCpu,
      ...(own && { own: own.added, ownCpu: own.addedCpu }),
    },
  }),
})

/** @type {readonly Row[]} */
export const agentRows = [
  adapter('a loop of your own', 'own-loop', 300),
  adapter('AI SDK 7', 'ai-sdk', 60),
  adapter('Anthropic tool runner', 'anthropic', 60),
  adapter('LangChain tool', 'langchain-tool', 200),
  adapter('LangChain agent', 'langchain-agent', 40),
  adapter('OpenAI functions', 'openai-functions', 300),
  adapter('OpenAI runTools', 'openai-run-tools', 60),
  adapter('OpenAI Agents SDK', 'openai-agents', 60),
]
