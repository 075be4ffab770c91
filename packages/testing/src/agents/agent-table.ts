import { AGENT_CAPABILITIES, type AgentCapability } from './agent-capabilities'
import type { AgentHarness } from './agent-harness'
import type { AgentCase } from './agent-scene'

/** What an adapter showed to do: plain JSON, to be kept between the tests of adapters and the docs. */
export interface AgentResult {
  readonly adapter: string
  /** Capabilities all of whose cases passed, in the order of the table. */
  readonly can: readonly AgentCapability[]
  /** Why the framework cannot do the others. */
  readonly cannot: { readonly [Capability in AgentCapability]?: string }
  /** Of the cases that every adapter must pass. */
  readonly common: { readonly passed: number; readonly of: number }
}

const CAPABILITIES = Object.keys(AGENT_CAPABILITIES) as AgentCapability[]

/** Sums up which cases passed. */
export function agentResult(
  adapter: string,
  { cannot = {} }: AgentHarness,
  cases: readonly AgentCase[],
  passed: ReadonlySet<AgentCase>,
): AgentResult {
  const common = cases.filter(({ needs = [] }) => needs.length === 0)
  const shown = (capability: AgentCapability): boolean =>
    cases
      .filter(({ needs = [] }) => needs.includes(capability))
      .every((one) => passed.has(one) || one.needs?.some((other) => cannot[other] !== undefined))
  return {
    adapter,
    can: CAPABILITIES.filter((capability) => cannot[capability] === undefined && shown(capability)),
    cannot: Object.fromEntries(
      CAPABILITIES.filter((capability) => cannot[capability] !== undefined).map((one) => [one, cannot[one]]),
    ),
    common: { passed: common.filter((one) => passed.has(one)).length, of: common.length },
  }
}

/**
 * The table of what each framework allows, as Markdown: a row for each capability, a column for each adapter, and below it
 * the reasons for what is not there, numbered. `✓` stands only where every case passed; `✗` where one failed.
 */
export function agentTable(results: readonly AgentResult[]): string {
  const reasons: string[] = []
  const cell = (result: AgentResult, capability: AgentCapability): string => {
    const reason = result.cannot[capability]
    if (reason === undefined) return result.can.includes(capability) ? '✓' : '✗'
    if (!reasons.includes(reason)) reasons.push(reason)
    return `no (${reasons.indexOf(reason) + 1})`
  }
  const row = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |`
  const rows = CAPABILITIES.map((capability) =>
    row([AGENT_CAPABILITIES[capability], ...results.map((result) => cell(result, capability))]),
  )
  return [
    row(['', ...results.map(({ adapter }) => adapter)]),
    row(['---', ...results.map(() => '---')]),
    row(['cases that all must pass', ...results.map(({ common }) => `${common.passed} of ${common.of}`)]),
    ...rows,
    ...(reasons.length === 0 ? [] : ['', ...reasons.map((reason, index) => `${index + 1}. ${reason}`)]),
    '',
  ].join('\n')
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
