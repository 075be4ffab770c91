import type { ApprovalRequest, KeyTombstone, RequestStatus } from '@gatewright/core'
import { fromColumn, shapeColumn, toColumn } from '../database/column-text'
import type { Row, Value } from '../database/connection'
import type { Vault } from '../documents/vault'

/** The columns a request is read from: `requestOf` knows their order. */
export const REQUEST_COLUMNS = 'id, version, doc'

/** The request that a row of {@link REQUEST_COLUMNS} holds. */
export function requestOf(vault: Vault, [id, version, doc]: Row): ApprovalRequest {
  return vault.open('requests', [String(id), Number(version)], doc)
}

/** Columns that no move changes: what a request is, and not how it stands. */
export const FIXED_NAMES = ['action', 'shape', 'requester', 'run', 'key', 'created_at', 'digest'] as const

/** The values of {@link FIXED_NAMES}. */
export function fixedColumns(request: ApprovalRequest): readonly Value[] {
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

/** Columns that a move changes. */
export const MOVING_NAMES = ['version', 'status', 'due_at', 'last_seq'] as const

/** The values of {@link MOVING_NAMES}. */
export function movingColumns({ version, status, dueAt, lastEvent }: ApprovalRequest): readonly Value[] {
  return [version, status, dueAt, lastEvent.seq]
}

/** The sealed document of a request. */
export function sealRequest(vault: Vault, request: ApprovalRequest) {
  return vault.seal('requests', [toColumn(request.id), request.version], request)
}

/** A row of `request, digest, status`. */
export function tombstoneOf(key: string, [request, digest, status]: Row): KeyTombstone {
  return {
    key,
    requestId: fromColumn(String(request)),
    argumentsDigest: fromColumn(String(digest)),
    status: status as RequestStatus,
  }
}
