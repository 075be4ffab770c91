import {
  type ApprovalRequest,
  type AuditEvent,
  type CreateResult,
  checkCreation,
  checkTransition,
  GatewrightError,
  type Transition,
  type TransitionResult,
} from '@gatewright/core'
import { toColumn } from '../database/column-text'
import type { Moved, MoveRow } from '../writes/request-writes'
import { documentsOf } from './outbox'
import type { Parts } from './parts'
import { tombstoneOf, type WrittenContent } from './request-rows'

/** The ways in which requests change. */
export interface RequestChanges {
  create(request: ApprovalRequest, events: readonly AuditEvent[]): Promise<CreateResult>
  transition(transition: Transition): Promise<TransitionResult>
  forget(id: string): Promise<boolean>
}

/** Makes them. */
export function createRequests({ vault, rows, write }: Parts): RequestChanges {
  function moveRow(transition: Transition): MoveRow {
    const { next, events, fromVersion, notAfter, notBefore, useGrant, mark } = transition
    return {
      ...rows.rowOf(next),
      anew: rows.anew(next, fromVersion),
      stays: rows.stays(next, fromVersion),
      events: documentsOf(vault, events),
      fromVersion,
      notAfter: notAfter ?? null,
      notBefore: notBefore ?? null,
      after: legalAfter(transition),
      useGrant: useGrant === undefined ? null : toColumn(useGrant),
      mark:
        mark === undefined
          ? null
          : [toColumn(mark.key), mark.until, vault.seal('marks', [toColumn(mark.key)], mark)],
    }
  }

  /** @throws GatewrightError `ERR_TRANSITION_ILLEGAL` */
  function answerTo(transition: Transition, anew: WrittenContent | null, moved: Moved): TransitionResult {
    if (moved.applied) {
      rows.saved(transition.next, anew)
      return { applied: true, request: transition.next }
    }
    const { reason } = moved
    if (reason === 'missing') return { applied: false, reason, request: null }
    if (reason === 'illegal') return refuse(transition, moved.seq)
    return { applied: false, reason, request: rows.requestOf(moved.row) }
  }

  /** Neither this nor `move` is an async function: it would hold on to the row until the answer comes (`writer.ts`). */
  function save(request: ApprovalRequest, events: readonly AuditEvent[]): Promise<CreateResult> {
    const { key } = request
    const content = rows.contentOf(request)
    const row = { ...rows.rowOf(request), ...content, key: key === null ? null : toColumn(key) }
    const written = rows.writing(content)
    return write('create', { ...row, events: documentsOf(vault, events) }).then((holder) => {
      if (holder === null) {
        rows.saved(request, written)
        return { created: true, request }
      }
      if ('request' in holder) return { created: false, request: rows.requestOf(holder.request) }
      return { created: false, request: null, tombstone: tombstoneOf(String(key), holder.tombstone) }
    })
  }

  function move(transition: Transition): Promise<TransitionResult> {
    const row = moveRow(transition)
    const anew = row.anew === null ? null : rows.writing(row.anew)
    return write('transition', row).then((moved) => answerTo(transition, anew, moved))
  }

  return {
    async create(request, events) {
      checkCreation(request, events)
      return save(request, events)
    },
    async transition(transition) {
      return move(transition)
    },
    async forget(requestId) {
      return write('forget', toColumn(requestId))
    },
  }
}

/** The number of the request's last event after which the move is legal; `null` where it is not after any. */
function legalAfter(transition: Transition): number | null {
  const after = transition.next.lastEvent.seq - transition.events.length
  try {
    checkTransition(transition, storedAt(transition, after))
    return after
  } catch (error) {
    if (GatewrightError.isInstance(error)) return null
    throw error
  }
}

function refuse(transition: Transition, seq: number): never {
  checkTransition(transition, storedAt(transition, seq))
  throw new Error('the store refused a move that can be')
}

/** What is known of the stored request when all conditions of the move hold. */
function storedAt({ next, fromVersion }: Transition, seq: number) {
  return { id: next.id, version: fromVersion, lastEvent: { seq, hash: '' } }
}
