import type { ApprovalRequest, AuditEvent } from '@gatewright/core'
import type { RowCipher } from '@gatewright/core/encryption'
import { readSealed, writeSealed } from './sealed-column'
import type { Row } from './sql'

/** Turns what is stored into values, and back. Every row's place is part of what encrypts it. */
export interface Rows {
  /** @param id - as it stands in the table, like every id here */
  readonly sealRequest: (request: ApprovalRequest, id: string) => string
  readonly openRequest: (row: Row) => ApprovalRequest
  readonly sealEvent: (event: AuditEvent, subject: string) => string
  readonly openEvent: (row: Row) => AuditEvent
  /** Any other row. */
  readonly seal: (table: string, id: string, value: unknown) => string
  readonly open: <T>(table: string, row: Row) => T
}

/** @param cipher - what encrypts, or does not */
export function createRows(cipher: RowCipher): Rows {
  const placeOf = (table: string, id: unknown) => ({ table, binding: `${table}/${id}/body` })

  function seal(table: string, id: string, value: unknown): string {
    const text = JSON.stringify(value)
    const sealed = cipher.seal(text, placeOf(table, id))
    return sealed === null ? text : writeSealed(sealed)
  }

  function open<T>(table: string, id: unknown, body: unknown): T {
    const column = String(body)
    const sealed = readSealed(column)
    // What was stored before encryption was switched on is read as it is.
    return JSON.parse(sealed === null ? column : cipher.open(sealed, placeOf(table, id))) as T
  }

  return {
    sealRequest: (request, id) => seal('requests', id, request),
    openRequest: ({ id, body }) => open('requests', id, body),
    sealEvent: (event, subject) => seal('events', `${subject}/${event.seq}`, event),
    openEvent: ({ subject, seq, body }) => open('events', `${subject}/${seq}`, body),
    seal,
    open: (table, { id, body }) => open(table, id, body),
  }
}
