import type {
  Decision,
  DecisionKind,
  DecisionPlace,
  DecisionVote,
  Execution,
  NamedPerson,
  Resolution,
} from './decision'
import type { DecisionException } from './exceptions'

/** A vote whose weight is known only when the request has ended. */
export type CastVote = Omit<DecisionVote, 'counts'>

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

/** A credential of the session that is told of. */
export type DraftCredential = Mutable<Decision['credentials'][number]>

/** What events have told so far of one action. */
export interface Draft {
  readonly id: string
  kind: DecisionKind
  source: string
  firstAt: number
  lastAt: number
  lastEventId: string
  place: DecisionPlace
  action: string
  agent: { id: string; name: string | null; owner: NamedPerson | null }
  model: string | null
  onBehalfOf: NamedPerson | null
  intent: string | null
  arguments: Decision['arguments']
  proposedDigest: string | null
  argumentsDigest: string | null
  edits: (readonly [string, string, string])[]
  risk: string | null
  rules: Decision['rules']
  policyHash: string | null
  basis: string | null
  grantId: string | null
  expiresAt: number | null
  required: number
  stages: readonly string[]
  votes: CastVote[]
  /** How many of them were cast before the last edit, which begins anew: they count for nothing, also on equal arguments. */
  votesBefore: number
  /** People whose votes on an earlier attempt this one rests on. */
  carried: readonly NamedPerson[]
  retryOf: string | null
  resolution: Mutable<Resolution>
  execution: Mutable<Execution> | null
  readonly credentials: Map<string, DraftCredential>
  recordedSteps: number
  readonly exceptions: DecisionException[]
}

/** A draft of an action that nothing is known of yet. */
export function newDraft(id: string, place: DecisionPlace): Draft {
  return {
    id,
    kind: 'request',
    source: '',
    firstAt: 0,
    lastAt: 0,
    lastEventId: '',
    place,
    action: '',
    agent: { id: '', name: null, owner: null },
    model: null,
    onBehalfOf: null,
    intent: null,
    arguments: [],
    proposedDigest: null,
    argumentsDigest: null,
    edits: [],
    risk: null,
    rules: [],
    policyHash: null,
    basis: null,
    grantId: null,
    expiresAt: null,
    required: 0,
    stages: [],
    votes: [],
    votesBefore: 0,
    carried: [],
    retryOf: null,
    resolution: { status: 'pending', at: 0, by: null, reason: null },
    execution: null,
    credentials: new Map(),
    recordedSteps: 0,
    exceptions: [],
  }
}
