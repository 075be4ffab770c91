import { type ApprovalRequest, type ApprovalStore, OptionError } from '@gatewright/core'
import { shapeColumn, toColumn } from '../database/column-text'
import type { Row } from '../database/connection'
import { REQUEST_COLUMNS, TOMBSTONE_COLUMNS } from '../writes/request-columns'
import { listingOf, readCursor, writeCursor } from './listing'
import type { Parts } from './parts'
import { tombstoneOf } from './request-rows'
import type { Queries } from './statements'

type RequestReads = Pick<ApprovalStore, 'get' | 'getMany' | 'getByKey' | 'list' | 'similar' | 'due'>

const DEFAULT_PAGE = 100
const MOST_ANSWERS = 100
const SIMILAR = `SELECT ${REQUEST_COLUMNS} FROM requests WHERE action = ? AND shape = ? AND decided IS NOT NULL
  ORDER BY decided DESC, place DESC LIMIT ?`
const ONE = `SELECT ${REQUEST_COLUMNS} FROM requests WHERE`

/** Makes the ways to find requests. Each reads the rows that it answers, and next to no others. */
export function createRequestReads({
  rows: { requestOf },
  read,
}: Pick<Parts, 'rows' | 'read'>): RequestReads {
  const requests = (rows: readonly Row[]) => rows.map(requestOf)
  const sinceLastCommit = createAnswers<readonly ApprovalRequest[]>()

  return {
    get(id) {
      const column = toColumn(id)
      return read((queries) => {
        const row = queries.get(`${ONE} id = ?`, [column])
        return row === undefined ? null : requestOf(row)
      })
    },

    getMany(ids) {
      const columns = JSON.stringify(ids.map(toColumn))
      return read((queries) =>
        requests(queries.all(`${ONE} id IN (SELECT value FROM json_each(?))`, [columns])),
      )
    },

    getByKey(key) {
      const column = toColumn(key)
      return read((queries) => {
        const holder = queries.get(`${ONE} key = ?`, [column])
        if (holder !== undefined) return requestOf(holder)
        const buried = queries.get(`SELECT ${TOMBSTONE_COLUMNS} FROM tombstones WHERE key = ?`, [column])
        return buried === undefined ? null : tombstoneOf(key, buried)
      })
    },

    list(filter, page = {}) {
      const limit = checkLimit(page.limit ?? DEFAULT_PAGE)
      const after = page.cursor == null ? null : readCursor(page.cursor)
      return read((queries) => {
        const newest = after?.newest ?? Number(queries.get('SELECT max(place) FROM requests', [])?.[0] ?? 0)
        const listing = listingOf(filter, { after, newest, limit: limit + 1 })
        const found = listing === null ? [] : queries.all(listing.sql, listing.parameters)
        const shown = found.slice(0, limit)
        const last = shown.at(-1)
        const places = JSON.stringify(shown.map(([, place]) => place))
        const rows = queries.all(
          `${ONE} place IN (SELECT value FROM json_each(?)) ORDER BY created_at DESC, place DESC`,
          [places],
        )
        const cursor =
          found.length > limit && last !== undefined
            ? writeCursor({ createdAt: Number(last[0]), place: Number(last[1]), newest })
            : null
        return { requests: requests(rows), cursor }
      })
    },

    similar(action, argumentShape, limit) {
      const parameters = [toColumn(action), shapeColumn(argumentShape), limit]
      return read((queries) =>
        sinceLastCommit(queries, JSON.stringify(parameters), () =>
          requests(queries.all(SIMILAR, parameters)),
        ),
      )
    },

    due(limit) {
      return read((queries, now) => {
        const rows = queries.all(
          `SELECT due_at, ${REQUEST_COLUMNS} FROM requests WHERE due_at IS NOT NULL ORDER BY due_at, place LIMIT ?`,
          [limit + 1],
        )
        const due = rows.filter((row) => Number(row[0]) <= now).slice(0, limit)
        const next = rows[due.length]
        return {
          requests: requests(due.map((row) => row.slice(1))),
          nextAt: next === undefined ? null : Number(next[0]),
        }
      })
    },
  }
}

/**
 * Answers that hold until somebody commits. Of many calls that come together all ask for what was similar, and nearly all for
 * the same; whoever gets an answer shares it with others.
 */
function createAnswers<T>() {
  const answers = new Map<string, T>()
  let version: unknown

  return (queries: Queries, question: string, ask: () => T): T => {
    const current = queries.get('PRAGMA data_version', [])?.[0]
    if (current !== version || answers.size >= MOST_ANSWERS) answers.clear()
    version = current
    const known = answers.get(question)
    if (known !== undefined) return known
    const answer = freeze(ask())
    answers.set(question, answer)
    return answer
  }
}

/** JSON has no cycles, and nothing in it was frozen before. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}

function checkLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new OptionError('list.limit', 'must be a whole number, 1 or more')
  return limit
}
