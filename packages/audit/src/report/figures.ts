import type { Decision } from '../decisions'
import { belongsTo } from './framework'

/** Counts of a report's period. */
export interface ReportFigures {
  /** Privileged actions on record: attempted, whether or not they ran. */
  readonly actions: number
  /** Those that people were asked about. */
  readonly asked: number
  /** Where those stand, and how calls were turned away: `approved`, `rejected`, `expired`, `denied`, … */
  readonly resolutions: Readonly<Record<string, number>>
  /** What started, by its basis: `votes`, `policy`, `grant`, `observe`. */
  readonly ran: Readonly<Record<string, number>>
  /** How what started came out: `succeeded`, `failed`, `blocked`, `unknown`, and `open` where no log says. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Ran on the approval of two people or more. */
  readonly dual: number
  readonly separation: {
    /** Runs on people's word: all who gave it are others than the owner and whom the agent acts for. */
    readonly held: number
    readonly broken: number
    /** Identities are committed, and cannot be compared. */
    readonly undeterminable: number
    /** Runs on people's word, of agents that have no owner and act for nobody: nobody was excluded. */
    readonly nobodyExcluded: number
  }
  readonly credentialsIssued: number
  readonly credentialsRevoked: number
  /** All exceptions, of every severity. */
  readonly exceptions: number
}

/** Counts as decisions come. */
export class FigureCount {
  #actions = 0
  #asked = 0
  #dual = 0
  #issued = 0
  #revoked = 0
  readonly #resolutions = new Map<string, number>()
  readonly #ran = new Map<string, number>()
  readonly #outcomes = new Map<string, number>()
  readonly #separation = { held: 0, broken: 0, undeterminable: 0, nobodyExcluded: 0 }

  add(decision: Decision): void {
    const { basis, credentials, execution, kind, quorum, resolution } = decision
    this.#actions += 1
    const asked = belongsTo('asked', decision)
    if (asked) this.#asked += 1
    if (asked || kind === 'denied' || kind === 'refused') more(this.#resolutions, resolution.status)
    for (const { issuedAt, revokedAt } of credentials) {
      if (issuedAt !== null) this.#issued += 1
      if (issuedAt !== null && revokedAt !== null) this.#revoked += 1
    }
    if (execution === null) return
    more(this.#ran, basis ?? 'nothing')
    more(this.#outcomes, execution.outcome ?? 'open')
    if (basis === 'votes' && (quorum?.approved ?? 0) >= 2) this.#dual += 1
    if (basis === 'votes' || basis === 'grant') this.#separate(decision)
  }

  result(exceptions: number): ReportFigures {
    return {
      actions: this.#actions,
      asked: this.#asked,
      resolutions: Object.fromEntries(this.#resolutions),
      ran: Object.fromEntries(this.#ran),
      outcomes: Object.fromEntries(this.#outcomes),
      dual: this.#dual,
      separation: { ...this.#separation },
      credentialsIssued: this.#issued,
      credentialsRevoked: this.#revoked,
      exceptions,
    }
  }

  #separate({ agent, onBehalfOf, separated }: Decision): void {
    if (separated === null) this.#separation.undeterminable += 1
    else if (!separated) this.#separation.broken += 1
    else if (agent.owner === null && onBehalfOf === null) this.#separation.nobodyExcluded += 1
    else this.#separation.held += 1
  }
}

function more(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
