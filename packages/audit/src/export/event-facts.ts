import type { Json } from '@gatewright/core'
import type { LogEvent } from '../event'
import { EventMemory } from './event-memory'
import { type FactPerson, objectOf, personOf, textOf } from './fact-person'

/**
 * What people ask of an event first, as flat texts. `null` is what the event does not say. A member that the log holds as
 * something else than text, such as the commitment of an erased name, is given as its JSON.
 */
export interface EventFacts {
  /** The request or direct call that the event is of, or speaks of. */
  readonly requestId: string | null
  /** The action of that request, where the event or an earlier one says it. */
  readonly action: string | null
  /** Id of the agent that asked. */
  readonly requester: string | null
  readonly onBehalfOf: FactPerson | null
  /** The person who took this step; `null` for the steps of a program. */
  readonly actor: FactPerson | null
  /** What was decided, or what came of it: `approve`, `rejected`, `denied`, `succeeded`… */
  readonly decision: string | null
  /** What an execution rests on: `votes`, `policy`, `grant`, `observe`. */
  readonly basis: string | null
  /** Why: a reviewer's note, or the reason of a rule or of the program. */
  readonly reason: string | null
  /** In a few words, what a run came to. */
  readonly summary: string | null
}

/** Reads facts of the events of one story, which must come in their order. Call it for every event. */
export type FactReader = (event: LogEvent) => EventFacts

/**
 * Makes a reader of facts. It remembers what requests said when they began, so that a vote's or an outcome's action is
 * known; of requests that have not ended it keeps the newest 50,000, and forgets what ended long ago.
 */
export function factReader(): FactReader {
  const memory = new EventMemory()
  return (event) => {
    const { data, type } = event
    const requestId = requestOf(event)
    const said = {
      action: textOf(data.action),
      requester: requesterOf(data.requester),
      onBehalfOf: personOf(data.onBehalfOf),
    }
    const known = requestId === null ? null : memory.know(requestId, type, said)
    return {
      requestId,
      action: said.action ?? known?.action ?? null,
      requester: said.requester ?? known?.requester ?? null,
      onBehalfOf: said.onBehalfOf ?? known?.onBehalfOf ?? null,
      actor: personOf(data.actor) ?? personOf(data.by),
      decision: decisionOf(event),
      basis: textOf(data.basis),
      reason: textOf(data.note) ?? textOf(data.reason),
      summary: textOf(data.summary),
    }
  }
}

const OF_A_CALL = /^(?:request|execution|call)\./

function requestOf({ data, subject, type }: LogEvent): string | null {
  return textOf(data.requestId) ?? (OF_A_CALL.test(type) ? subject : null)
}

function requesterOf(value: Json | undefined): string | null {
  return textOf(objectOf(value)?.id) ?? textOf(value)
}

/** Steps whose name is what was decided. */
const DECIDED =
  /^(?:request\.(?:approved|rejected|expired|cancelled|undeliverable|lapsed|invalidated)|execution\.(?:succeeded|failed|blocked|unknown|reconciled)|call\.(?:denied|refused)|vote\.refused)$/

function decisionOf({ data, type }: LogEvent): string | null {
  if (type === 'request.vote-cast') return textOf(data.decision)
  if (type === 'execution.late-outcome') return textOf(data.status)
  return DECIDED.test(type) ? type.slice(type.indexOf('.') + 1) : null
}
