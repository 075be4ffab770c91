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

/** The ways to use one framework. */
export interface AgentFamily {
  readonly name: string
  readonly results: readonly AgentResult[]
}

/**
 * The table of what each way to use a framework allows, as Markdown: a row for each capability, a column for each adapter, and
 * below it the reasons for what is not there, numbered. `✓` stands only where every case passed; `✗` where one failed.
 */
export function agentTable(results: readonly AgentResult[]): string {
  const reasons = numbered()
  return tableOf(
    results.map(({ adapter }) => adapter),
    [
      ['cases that all must pass', ...results.map(({ common }) => `${common.passed} of ${common.of}`)],
      ...CAPABILITIES.map((one) => [
        AGENT_CAPABILITIES[one],
        ...results.map((result) => cellOf([result], one, reasons)),
      ]),
    ],
    reasons,
  )
}

/**
 * The table of what each framework allows: a column for each. `in part` stands where some of its ways can, and others cannot; the
 * reason then says which.
 */
export function agentFamilyTable(families: readonly AgentFamily[]): string {
  const reasons = numbered()
  const sum = (results: readonly AgentResult[], what: 'passed' | 'of'): number =>
    results.reduce((all, { common }) => all + common[what], 0)
  return tableOf(
    families.map(({ name }) => name),
    [
      [
        'cases that all must pass',
        ...families.map(({ results }) => `${sum(results, 'passed')} of ${sum(results, 'of')}`),
      ],
      ...CAPABILITIES.map((one) => [
        AGENT_CAPABILITIES[one],
        ...families.map(({ results }) => cellOf(results, one, reasons)),
      ]),
    ],
    reasons,
  )
}

/** Reasons by their numbers, in the order in which they come up. */
interface Numbered {
  numberOf(reason: string): number
  readonly all: readonly string[]
}

function numbered(): Numbered {
  const all: string[] = []
  return {
    all,
    numberOf(reason) {
      if (!all.includes(reason)) all.push(reason)
      return all.indexOf(reason) + 1
    },
  }
}

function cellOf(results: readonly AgentResult[], capability: AgentCapability, reasons: Numbered): string {
  const lacking = results.filter(({ cannot }) => cannot[capability] !== undefined)
  const others = results.filter((result) => !lacking.includes(result))
  if (!others.every(({ can }) => can.includes(capability))) return '✗'
  if (lacking.length === 0) return '✓'
  const why = new Map<string, string[]>()
  for (const { adapter, cannot } of lacking) {
    const reason = cannot[capability] ?? ''
    why.set(reason, [...(why.get(reason) ?? []), adapter])
  }
  const isWhole = others.length === 0 && why.size === 1
  const numbers = [...why].map(([reason, adapters]) =>
    reasons.numberOf(isWhole ? reason : `${adapters.join(', ')}: ${reason}`),
  )
  return `${others.length === 0 ? 'no' : 'in part'} (${numbers.join(', ')})`
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[], reasons: Numbered): string {
  const row = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |`
  return [
    row(['', ...head]),
    row(['---', ...head.map(() => '---')]),
    ...rows.map(row),
    ...(reasons.all.length === 0
      ? []
      : ['', ...reasons.all.map((reason, index) => `${index + 1}. ${reason}`)]),
    '',
  ].join('\n')
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
