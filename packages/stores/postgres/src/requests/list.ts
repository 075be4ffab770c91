import { OptionError, type RequestFilter, type RequestPage } from '@gatewright/core'
import { texts } from '../columns'
import type { Parts } from '../parts'
import type { Value } from '../sql'
import { tokenOf } from '../text'
import { kindOf } from './create'

const DEFAULT_PAGE = 100

/** Where a page ended. */
interface Place {
  readonly at: number
  readonly id: string
}

/** Makes `list`: pages by key, so that the last costs what the first does. */
export function createListing({ database, rows }: Parts) {
  const { requests } = database.names

  return async (
    filter: RequestFilter,
    page: { readonly cursor?: string | null; readonly limit?: number } = {},
  ): Promise<RequestPage> => {
    const limit = checkLimit(page.limit ?? DEFAULT_PAGE)
    const after = page.cursor === undefined || page.cursor === null ? null : placeOf(page.cursor)
    const values: Value[] = []
    const given = (value: Value): string => `$${values.push(value)}`
    const conditions = conditionsOf(filter, given)
    if (after !== null) conditions.push(`(created_at, id) < (${given(after.at)}::float8, ${given(after.id)})`)
    // Planned each time, with the values: which index serves depends on them.
    const found = await database.read({
      text: `SELECT id, created_at, body FROM ${requests}
        WHERE ${['true', ...conditions].join(' AND ')}
        ORDER BY created_at DESC, id DESC LIMIT ${given(limit + 1)}`,
      values,
    })
    const shown = found.slice(0, limit)
    const last = shown.at(-1)
    const cursor =
      found.length === shown.length || last === undefined
        ? null
        : cursorOf({ at: Number(last.created_at), id: String(last.id) })
    return { requests: shown.map(rows.openRequest), cursor }
  }
}

function conditionsOf(filter: RequestFilter, given: (value: Value) => string): string[] {
  const { status, action, argumentShape, requesterId, runId, createdAfter, createdBefore } = filter
  const conditions: string[] = []
  if (typeof status === 'string') conditions.push(`status = ${given(status)}`)
  else if (status?.length === 1) conditions.push(`status = ${given(status[0] ?? '')}`)
  else if (status !== undefined) conditions.push(`status = ANY(${given(texts(status))}::text[])`)
  if (action !== undefined && argumentShape !== undefined)
    conditions.push(`kind = ${given(kindOf(action, argumentShape))}`)
  else if (action !== undefined) conditions.push(`action = ${given(tokenOf(action))}`)
  else if (argumentShape !== undefined) conditions.push(`shape = ${given(tokenOf(argumentShape))}`)
  if (requesterId !== undefined) conditions.push(`requester = ${given(tokenOf(requesterId))}`)
  if (runId !== undefined) conditions.push(`run = ${given(tokenOf(runId))}`)
  if (createdAfter !== undefined) conditions.push(`created_at > ${given(createdAfter)}::float8`)
  if (createdBefore !== undefined) conditions.push(`created_at < ${given(createdBefore)}::float8`)
  return conditions
}

function cursorOf({ at, id }: Place): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url')
}

function placeOf(cursor: string): Place {
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[]
    if (typeof at === 'number' && typeof id === 'string') return { at, id }
  } catch {
    // Said below.
  }
  throw new OptionError('list.cursor', 'is none that this store gave')
}

function checkLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new OptionError('list.limit', 'must be a whole number, 1 or more')
  return limit
}
