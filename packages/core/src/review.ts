import type { Action } from './define-action'
import { OptionError } from './errors'
import type { Gate } from './gate'
import { type Ballots, createBallots } from './review/ballot'
import { createFollowing, type Following } from './review/following'
import { createLinkedIdentities, type LinkedIdentities } from './review/linked-identities'
import { type MalformedVote, recordMalformedVote } from './review/refused-votes'
import { createRemoteRuns, type RemoteRuns } from './review/remote-runs'
import { createStandings, type Standings } from './review/standing'
import { createStandingGrants, type StandingGrants } from './review/standing-grants'
import { type RequestStatistics, requestStatistics, type StatisticsOptions } from './review/statistics'
import { entryOf } from './wrap'

export type { GrantOptions } from './policy/grant-options'
export {
  decidedBy,
  leafMarks,
  leafName,
  leafValue,
  needsType,
  statusWords,
  visiblePieces,
} from './present/review-words'
export type { Ballot, Ballots } from './review/ballot'
export type { Following } from './review/following'
export type { Invitation, LinkedIdentities } from './review/linked-identities'
export type { MalformedVote } from './review/refused-votes'
export type { RemoteAgent, RemoteClaim, RemoteRuns, ToldOutcome } from './review/remote-runs'
export type { Standing, Standings } from './review/standing'
export type { StandingGrants } from './review/standing-grants'
export type { RequestStatistics, StatisticsOptions } from './review/statistics'
export { REQUEST_STATUSES } from './values/request-statuses'

/** What those who review need of a gate, beyond what every program does with it. */
export interface ReviewAccess {
  /** Who may see which requests. */
  readonly standings: Standings
  /** What votes would come to. */
  readonly ballots: Ballots
  /** Requests as they move. */
  readonly following: Following
  /** The ceremony that links chat identities to people. */
  readonly identities: LinkedIdentities
  /** Bounded pre-approvals. */
  readonly grants: StandingGrants
  /** What became of the newest requests of a kind: how often they were approved, and how long people took. */
  statistics(options?: StatisticsOptions): Promise<RequestStatistics>
  /** Gating for programs in other processes and languages. */
  readonly remote: RemoteRuns
  /**
   * Puts a vote into the audit log that its transport refused by its form, as `vote.refused`. Give only what somebody sent whom
   * the transport verified, and so many of each that a log is not filled.
   *
   * @throws whatever keeps the gate from starting, and GatewrightError `ERR_STORE_UNAVAILABLE`
   */
  recordMalformedVote(vote: MalformedVote): Promise<void>
  /** The id of the gate's own agent: no program elsewhere may go by it. */
  readonly agentId: string
  /** Names of the approvers that take inbound requests. */
  readonly inbound: readonly string[]
  /**
   * Hands an HTTP request to the approver of this name, once the gate has started. `null`: there is none, or it takes none.
   *
   * @throws whatever keeps the gate from starting, and what the approver throws
   */
  handle(approver: string, request: Request): Promise<Response | null>
}

/**
 * The entry of reviewing into a gate: for review servers, and for standing grants. Programs that only gate calls do not
 * load it.
 *
 * @param actions - of remote agents: their schemas, lookups and pins count in this program, which claims for them
 * @throws OptionError for what is no gate, or a gate of another copy of `@gatewright/core`
 */
export function reviewAccess(gate: Gate, actions: readonly Action[] = []): ReviewAccess {
  const entry = entryOf(gate)
  if (entry === undefined) {
    throw new OptionError(
      'reviewAccess.gate',
      'is no gate made by this copy of @gatewright/core. Make the gate and the server with the same copy, and load both with import, or both with require',
    )
  }
  const { engine, ready } = entry
  const { approvers } = engine.settings
  return {
    standings: createStandings(engine),
    ballots: createBallots(engine),
    following: createFollowing(engine, ready),
    identities: createLinkedIdentities(engine),
    grants: createStandingGrants(engine, ready),
    statistics: async (of = {}) => requestStatistics(engine.store, of),
    remote: createRemoteRuns(engine, new Map(actions.map((action) => [action.name, action])), ready),
    async recordMalformedVote(vote) {
      await ready()
      await recordMalformedVote(engine, vote)
    },
    agentId: engine.settings.requester.id,
    inbound: approvers.filter(({ handle }) => handle !== undefined).map(({ name }) => name),
    async handle(name, request) {
      const approver = approvers.find((one) => one.name === name)
      if (approver?.handle === undefined) return null
      await ready()
      return approver.handle(request)
    },
  }
}
