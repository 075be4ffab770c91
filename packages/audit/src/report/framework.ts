import type { Decision, ExceptionCode } from '../decisions'

/** A framework that a report can be arranged by. */
export type FrameworkId = 'soc2' | 'iso27001' | 'nist800-53'

/** Which actions a control's evidence is taken from. */
export type Population = 'all' | 'ran' | 'asked' | 'approved' | 'dual' | 'credentials' | 'stopped'

/** A control that the log has something to say about. */
export interface Control {
  readonly id: string
  /** In our own words where the text of the framework is not free. */
  readonly title: string
  /** What in this report is evidence for it. */
  readonly evidence: string
  /** What it takes besides, and cannot be seen here. */
  readonly beyond: string
  readonly population: Population
  readonly exceptions: readonly ExceptionCode[]
}

/** A framework, and its controls that the log has something to say about. */
export interface Framework {
  readonly id: FrameworkId
  readonly name: string
  /** How its items are called: `criterion`, `control`. */
  readonly item: string
  /** About the edition, and the wording of titles. */
  readonly note: string
  readonly controls: readonly Control[]
}

/** What a population is, in words. */
export const POPULATIONS: Readonly<Record<Population, string>> = {
  all: 'privileged actions on record',
  ran: 'actions that were let run',
  asked: 'actions that people were asked about',
  approved: 'actions that ran on people’s approval',
  dual: 'actions that ran on the approval of two or more people',
  credentials: 'actions that were given credentials',
  stopped: 'actions that were stopped before they ran',
}

/** Whether an action belongs to a population. */
export function belongsTo(population: Population, decision: Decision): boolean {
  const { basis, credentials, execution, quorum } = decision
  switch (population) {
    case 'all':
      return true
    case 'ran':
      return execution !== null
    case 'asked':
      return decision.kind === 'request' && quorum !== null && basis !== 'grant' && basis !== 'observe'
    case 'approved':
      return execution !== null && basis === 'votes'
    case 'dual':
      return execution !== null && basis === 'votes' && (quorum?.approved ?? 0) >= 2
    case 'credentials':
      return credentials.some(({ issuedAt }) => issuedAt !== null)
    case 'stopped':
      return isStopped(decision)
  }
}

const STOPPED: ReadonlySet<string> = new Set([
  'denied',
  'refused',
  'rejected',
  'expired',
  'cancelled',
  'undeliverable',
  'lapsed',
  'invalidated',
])

function isStopped({ execution, resolution }: Decision): boolean {
  return execution?.outcome === 'blocked' || (execution === null && STOPPED.has(resolution.status))
}
