import {
  type Decision,
  type DecisionException,
  EXCEPTIONS,
  type ExceptionCode,
  type NamedPerson,
} from '../decisions'
import { FigureCount, type ReportFigures } from './figures'
import { belongsTo, type Control } from './framework'

/** A period, in milliseconds since the epoch: `from` is in it, `to` is not. */
export interface Period {
  readonly from: number
  readonly to: number
}

/** Exceptions of one kind: how many, and the first of them. */
export interface ExceptionGroup {
  readonly code: ExceptionCode
  readonly count: number
  readonly listed: readonly DecisionException[]
}

/** A control's share of the evidence. */
export interface ControlEvidence {
  readonly control: Control
  readonly actions: number
  readonly exceptions: number
  /** Ids of some of the actions. */
  readonly examples: readonly string[]
}

/** What one person decided. */
export interface ReviewerCount {
  readonly person: NamedPerson
  readonly approvals: number
  readonly rejections: number
}

/** What one agent asked for. */
export interface AgentCount {
  readonly id: string
  readonly owner: NamedPerson | null
  readonly actions: number
  readonly ran: number
}

/** What a report shows, gathered in bounded memory. */
export interface Collected {
  readonly figures: ReportFigures
  readonly controls: readonly ControlEvidence[]
  readonly exceptions: readonly ExceptionGroup[]
  /** The actions that are shown in full, oldest first. */
  readonly shown: readonly Decision[]
  readonly reviewers: readonly ReviewerCount[]
  readonly agents: readonly AgentCount[]
  readonly firstAt: number | null
  readonly lastAt: number | null
}

const LISTED_OF_A_KIND = 200
const EXAMPLES = 12
const MOST_NAMES = 10_000

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

/** Gathers what a report shows of a period, as decisions come. */
export class Collector {
  readonly #period: Period
  readonly #mostShown: number
  readonly #figures = new FigureCount()
  readonly #controls: (Mutable<ControlEvidence> & { readonly examples: string[] })[]
  readonly #exceptions = new Map<ExceptionCode, { count: number; readonly listed: DecisionException[] }>()
  /** Actions with exceptions are shown before others. */
  readonly #flagged: Decision[] = []
  readonly #plain: Decision[] = []
  readonly #reviewers = new Map<string, Mutable<ReviewerCount>>()
  readonly #agents = new Map<string, Mutable<AgentCount>>()
  #exceptionCount = 0
  #firstAt: number | null = null
  #lastAt: number | null = null

  constructor(controls: readonly Control[], period: Period, mostShown: number) {
    this.#period = period
    this.#mostShown = mostShown
    this.#controls = controls.map((control) => ({ control, actions: 0, exceptions: 0, examples: [] }))
  }

  /** Takes a decision. Answers whether it belongs to the period: it reaches into it. */
  add(decision: Decision): boolean {
    for (const exception of decision.exceptions) this.except(exception)
    const { from, to } = this.#period
    if (decision.firstAt >= to || decision.lastAt < from) return false
    this.#firstAt = Math.min(this.#firstAt ?? decision.firstAt, decision.firstAt)
    this.#lastAt = Math.max(this.#lastAt ?? decision.lastAt, decision.lastAt)
    this.#figures.add(decision)
    this.#countNames(decision)
    for (const evidence of this.#controls) {
      if (!belongsTo(evidence.control.population, decision)) continue
      evidence.actions += 1
      if (evidence.examples.length < EXAMPLES) evidence.examples.push(decision.id)
    }
    const list = decision.exceptions.length > 0 ? this.#flagged : this.#plain
    if (list.length < this.#mostShown) list.push(decision)
    return true
  }

  /** Takes something to look at, if it is of the period. */
  except(exception: DecisionException): void {
    const { at, code } = exception
    if (at < this.#period.from || at >= this.#period.to) return
    this.#exceptionCount += 1
    const group = this.#exceptions.get(code) ?? { count: 0, listed: [] }
    this.#exceptions.set(code, group)
    group.count += 1
    if (group.listed.length < LISTED_OF_A_KIND) group.listed.push(exception)
    for (const evidence of this.#controls)
      if (evidence.control.exceptions.includes(code)) evidence.exceptions += 1
  }

  result(): Collected {
    const plain = this.#plain.slice(0, Math.max(0, this.#mostShown - this.#flagged.length))
    return {
      figures: this.#figures.result(this.#exceptionCount),
      controls: this.#controls,
      exceptions: (Object.keys(EXCEPTIONS) as ExceptionCode[]).flatMap((code) => {
        const group = this.#exceptions.get(code)
        if (group === undefined) return []
        return [{ code, count: group.count, listed: group.listed.sort((one, other) => one.at - other.at) }]
      }),
      shown: [...this.#flagged, ...plain].sort(
        (one, other) => one.firstAt - other.firstAt || (one.id < other.id ? -1 : 1),
      ),
      reviewers: [...this.#reviewers.values()].sort(
        (one, other) => other.approvals + other.rejections - (one.approvals + one.rejections),
      ),
      agents: [...this.#agents.values()].sort((one, other) => other.actions - one.actions),
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
    }
  }

  #countNames({ agent, execution, votes }: Decision): void {
    const known = this.#agents.get(agent.id)
    if (known !== undefined || this.#agents.size < MOST_NAMES) {
      const counted = known ?? { id: agent.id, owner: agent.owner, actions: 0, ran: 0 }
      this.#agents.set(agent.id, counted)
      counted.owner ??= agent.owner
      counted.actions += 1
      if (execution !== null) counted.ran += 1
    }
    for (const { actor, decision } of votes) {
      const key = actor.key ?? JSON.stringify(actor)
      const reviewer = this.#reviewers.get(key)
      if (reviewer === undefined && this.#reviewers.size >= MOST_NAMES) continue
      const counted = reviewer ?? { person: actor, approvals: 0, rejections: 0 }
      this.#reviewers.set(key, counted)
      if (decision === 'approve') counted.approvals += 1
      else counted.rejections += 1
    }
  }
}
