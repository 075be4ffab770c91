import { type ApprovalRequest, isDecided, type KeyTombstone, type RequestStatus } from '@gatewright/core'
import { fromColumn, shapeColumn, toColumn } from '../database/column-text'
import type { Row, Value } from '../database/connection'
import { contentOf, createKnownContents, joinParts, stateOf } from '../documents/request-parts'
import type { Vault } from '../documents/vault'
import type { ContentRow, RequestRow } from '../writes/request-writes'

/** Turns requests into rows, and back. */
export interface RequestRows {
  /** The request that a row of `REQUEST_COLUMNS` holds. */
  requestOf(row: Row): ApprovalRequest
  /** The row of a request, without its events. */
  rowOf(request: ApprovalRequest): Omit<RequestRow, 'events'>
  /** What stays of the row. */
  contentOf(request: ApprovalRequest): ContentRow
  /** What no longer stays of a row at this version; `null`: nothing. */
  anew(next: ApprovalRequest, version: number): ContentRow | null
  /** Whether a row at this version stands as `next` does, as far as is known: neither its status nor when it is due changes. */
  stays(next: ApprovalRequest, version: number): boolean
  /** The row holds this request now. @param written - what no longer stayed of it; `null`: nothing */
  saved(request: ApprovalRequest, written: WrittenContent | null): void
  /** What is to be told of a content once it is written. */
  writing(row: ContentRow): WrittenContent
}

/** A content that was written, without its text: which key sealed it. */
export interface WrittenContent {
  readonly keyId: string | null
}

/** Makes the rows of one file. */
export function createRequestRows(vault: Vault): RequestRows {
  const known = createKnownContents()

  const contentRow = (request: ApprovalRequest): ContentRow => ({
    fixed: fixedColumns(request),
    content: vault.seal('contents', [toColumn(request.id)], contentOf(request)),
  })

  return {
    requestOf([idColumn, version, content, column]) {
      const id = String(idColumn)
      const state = vault.text('requests', [id, Number(version)], column)
      // Saved before there were two documents: the one has all of it.
      if (content === null) return JSON.parse(state) as ApprovalRequest
      const request = JSON.parse(joinParts(vault.text('contents', [id], content), state)) as ApprovalRequest
      known.saw(request, vault.keyOf(content))
      return request
    },
    rowOf(request) {
      const id = toColumn(request.id)
      return {
        id,
        moving: movingColumns(request),
        decided: isDecided(request),
        state: vault.seal('requests', [id, request.version], stateOf(request)),
      }
    },
    contentOf: contentRow,
    anew: (next, version) => (known.has(next, version, vault.sealingKeyId) ? null : contentRow(next)),
    stays(next, version) {
      const before = known.at(next, version)
      return before?.status === next.status && before.dueAt === next.dueAt
    },
    saved(request, written) {
      if (written === null) known.moved(request)
      else known.saw(request, written.keyId)
    },
    writing: ({ content }) => ({ keyId: vault.keyOf(content) }),
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
