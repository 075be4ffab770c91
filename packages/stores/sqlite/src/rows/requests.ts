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
import { tombstoneOf } from './request-rows'

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
  function answerTo(transition: Transition, { anew }: MoveRow, moved: Moved): TransitionResult {
    if (moved.applied) {
      rows.saved(transition.next, anew)
      return { applied: true, request: transition.next }
    }
    const { reason } = moved
    if (reason === 'missing') return { applied: false, reason, request: null }
    if (reason === 'illegal') return refuse(transition, moved.seq)
    return { applied: false, reason, request: rows.requestOf(moved.row) }
  }

  return {
    async create(request, events) {
      checkCreation(request, events)
      const { key } = request
      const row = {
        ...rows.rowOf(request),
        ...rows.contentOf(request),
        key: key === null ? null : toColumn(key),
      }
      const holder = await write('create', { ...row, events: documentsOf(vault, events) })
      if (holder === null) {
        rows.saved(request, row)
        return { created: true, request }
      }
      if ('request' in holder) return { created: false, request: rows.requestOf(holder.request) }
      return { created: false, request: null, tombstone: tombstoneOf(String(key), holder.tombstone) }
    },
    async transition(transition) {
      const row = moveRow(transition)
      return answerTo(transition, row, await write('transition', row))
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
