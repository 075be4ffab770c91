import { type ApprovalRequest, isDecided, type KeyTombstone, type RequestStatus } from '@gatewright/core'
import { fromColumn, shapeColumn, toColumn } from '../database/column-text'
import type { Row, Value } from '../database/connection'
import type { Vault } from '../documents/vault'
import type { RequestRow } from '../writes/request-writes'

/** The request that a row of `REQUEST_COLUMNS` holds. */
export function requestOf(vault: Vault, [id, version, doc]: Row): ApprovalRequest {
  return vault.open('requests', [String(id), Number(version)], doc)
}

/** The row of a request, without its events. */
export function rowOf(vault: Vault, request: ApprovalRequest): Omit<RequestRow, 'events'> {
  const id = toColumn(request.id)
  return {
    id,
    fixed: fixedColumns(request),
    moving: movingColumns(request),
    decided: isDecided(request),
    doc: vault.seal('requests', [id, request.version], request),
  }
}

/** The values of `FIXED_NAMES`. */
function fixedColumns(request: ApprovalRequest): readonly Value[] {
  const { action, argumentShape, requester, origin, key, createdAt, argumentsDigest } = request
  return [
    toColumn(action),
    shapeColumn(argumentShape),
    toColumn(requester.id),
    origin.runId === null ? null : toColumn(origin.runId),
    key === null ? null : toColumn(key),
    createdAt,
    toColumn(argumentsDigest),
  ]
}

/** The values of `MOVING_NAMES`. */
function movingColumns({ version, status, dueAt, lastEvent }: ApprovalRequest): readonly Value[] {
  return [version, status, dueAt, lastEvent.seq]
}

/** The tombstone that a row of `TOMBSTONE_COLUMNS` holds. */
export function tombstoneOf(key: string, [request, digest, status]: Row): KeyTombstone {
  return {
    key,
    requestId: fromColumn(String(request)),
    argumentsDigest: fromColumn(String(digest)),
    status: status as RequestStatus,
  }
}
