import {
  type ApprovalRequest,
  checkTransition,
  type Transition,
  type TransitionRefusal,
  type TransitionResult,
} from '@gatewright/core'
import { texts } from '../columns'
import { isOnesFault } from '../errors'
import { createLane, type Settled } from '../lane'
import type { Parts } from '../parts'
import { nowMs } from '../sql'
import { tokenOf } from '../text'
import { applyMoves, assumedBy, type Move, moveOf } from './move'

/** What is stored of a request, and the store's time when it was read. */
interface Stored {
  readonly request: ApprovalRequest
  readonly now: number
}

/** Makes `transition`. */
export function createTransitions({ database, rows, announce }: Parts) {
  const { requests, grants, mark } = database.names
  const time = () => database.clock.given()

  const plain = createLane<Move, TransitionResult>({
    about,
    weight: ({ row }) => row.body.length,

    isOnesFault,
    run: move,
  })
  const granted = createLane<Move, TransitionResult>({ about, inFlight: 4, most: 1, run: moveByGrant })

  /** All that are asked for in one turn, in one statement, each judged by itself. */
  async function move(moves: readonly Move[]): Promise<readonly Settled<TransitionResult>[]> {
    const possible = moves.filter(({ transition }) => isPossible(transition))
    const moved =
      possible.length === 0 ? new Set() : await applyMoves(database.names, database.write, time(), possible)
    announce(moves.flatMap(({ row, transition }) => (moved.has(row.id) ? transition.next.id : [])))
    const stored = await read(moves.flatMap(({ row }) => (moved.has(row.id) ? [] : row.id)))
    return moves.map(({ row, transition }) =>
      moved.has(row.id)
        ? { type: 'done', value: { applied: true, request: transition.next } }
        : judge(transition, stored.get(row.id)),
    )
  }

  /** Two rows have to change together: a transaction that holds both, for as long as two statements take. */
  async function moveByGrant(moves: readonly Move[]): Promise<readonly Settled<TransitionResult>[]> {
    return Promise.all(
      moves.map(async (one): Promise<Settled<TransitionResult>> => {
        const { row, transition } = one
        const settled = await database
          .transact(async (query): Promise<Settled<TransitionResult>> => {
            const [held] = await query({
              name: `gw_hold_${mark}`,
              text: `SELECT id, body FROM ${requests} WHERE id = $1 FOR UPDATE`,
              values: [row.id],
            })
            const [clock] = await query({ text: `SELECT ${nowMs(1)} AS now`, values: [time()] })
            const request = held === undefined ? undefined : rows.openRequest(held)
            const now = Number(clock?.now)
            const judged = judge(transition, request && { request, now })
            if (judged.type !== 'again' || request === undefined) return judged
            const [used] = await query({
              name: `gw_use_${mark}`,
              text: `UPDATE ${grants} SET uses_left = uses_left - 1, version = version + 1
              WHERE id = $2 AND NOT revoked AND uses_left > 0 AND expires_at > ${nowMs(1)} RETURNING id`,
              values: [time(), tokenOf(transition.useGrant ?? '')],
            })
            if (used === undefined)
              return { type: 'done', value: { applied: false, reason: 'grant', request } }
            const moved = await applyMoves(database.names, query, time(), [one])
            // Its time passed this very moment: the use is given back with all else.
            if (!moved.has(row.id)) throw TIME_PASSED
            return { type: 'done', value: { applied: true, request: transition.next } }
          })
          .catch((error: unknown): Settled<TransitionResult> => {
            if (error === TIME_PASSED) return { type: 'again' }
            throw error
          })
        if (settled.type === 'done' && settled.value.applied) announce([transition.next.id])
        return settled
      }),
    )
  }

  async function read(ids: readonly string[]): Promise<ReadonlyMap<unknown, Stored>> {
    if (ids.length === 0) return new Map()
    const found = await database.read({
      name: `gw_judge_${mark}`,
      text: `SELECT id, body, ${nowMs(1)} AS now FROM ${requests} WHERE id = ANY($2::text[])`,
      values: [time(), texts(ids)],
    })
    return new Map(found.map((row) => [row.id, { request: rows.openRequest(row), now: Number(row.now) }]))
  }

  return async (transition: Transition): Promise<TransitionResult> => {
    // Serialised now: the caller may do with it what it likes.
    const one = moveOf(transition, rows)
    return transition.useGrant === undefined ? plain(one) : granted(one)
  }
}

const TIME_PASSED = new Error('the move came late')

/** Two moves of one request, or with one mark or grant, go one after the other. */
function about({ row, mark, transition }: Move): readonly string[] {
  return [
    `request ${row.id}`,
    ...(mark === null ? [] : [`mark ${mark.key}`]),
    ...(transition.useGrant === undefined ? [] : [`grant ${transition.useGrant}`]),
  ]
}

/** Whether there can be a stored request that the move goes on from. */
function isPossible(transition: Transition): boolean {
  try {
    checkTransition(transition, assumedBy(transition))
    return true
  } catch {
    return false
  }
}

/** Why a move is not applied to what is stored; `again` when nothing stands against it but perhaps its grant. */
function judge(transition: Transition, stored: Stored | undefined): Settled<TransitionResult> {
  if (stored === undefined) return done({ applied: false, reason: 'missing', request: null })
  const { fromVersion, notAfter, notBefore } = transition
  const { request, now } = stored
  if (request.version !== fromVersion) return done({ applied: false, reason: 'conflict', request })
  if (notAfter !== undefined && now > notAfter) return done({ applied: false, reason: 'late', request })
  if (notBefore !== undefined && now < notBefore) return done({ applied: false, reason: 'early', request })
  try {
    checkTransition(transition, request)
    return { type: 'again' }
  } catch (error) {
    return { type: 'failed', error }
  }
}

function done(value: TransitionRefusal): Settled<TransitionResult> {
  return { type: 'done', value }
}
