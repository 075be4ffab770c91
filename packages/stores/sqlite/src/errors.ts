import { GatewrightError, illegalMove } from '@gatewright/core'
import { fromColumn } from './database/column-text'
import { codeOf } from './driver-errors'
import { Refused } from './writes/transaction'

const NOTHING = 'Nothing was executed or changed.'

/** What to say of the driver's codes, the more special first. */
const EXPLAINED: readonly (readonly [RegExp, (path: string) => string])[] = [
  [
    /^SQLITE_FULL/,
    (path) =>
      `the disk that holds ${path} is full, or the file has reached its limit. Make room, then call again.`,
  ],
  [
    /^SQLITE_(BUSY|LOCKED)/,
    (path) =>
      `another process has held ${path} for longer than "busyTimeout". Call again; if it goes on, find who holds it (a backup, a shell with an open transaction).`,
  ],
  [
    /^SQLITE_NOTADB/,
    (path) =>
      `${path} is not an SQLite database. Name another file, or move this one away; it was left as it is.`,
  ],
  [
    /^SQLITE_CORRUPT/,
    (path) =>
      `${path} is damaged. Stop what uses it, keep a copy, and restore a backup or salvage it with the sqlite3 shell (.recover).`,
  ],
  [
    /^(SQLITE_(READONLY|PERM|AUTH)|EACCES|EPERM|EROFS)/,
    (path) =>
      `${path} cannot be written by this user. The store needs to write the file and to make files beside it: check the owner and mode of both, and that the file system is not read-only.`,
  ],
  [
    /^(SQLITE_CANTOPEN|ENOENT|ENOTDIR|EISDIR|ELOOP|ENAMETOOLONG|EEXIST)/,
    (path) => `${path} cannot be opened. Check that it is a path of a file, in a directory that can be made.`,
  ],
  [
    /^SQLITE_IOERR/,
    (path) =>
      `reading or writing ${path} failed. Check the disk; the store answers nothing more until it is opened anew.`,
  ],
]

/** The family's error for a store that cannot be used. */
export function unavailable(problem: string, cause?: unknown): GatewrightError {
  return new GatewrightError('ERR_STORE_UNAVAILABLE', `${problem} ${NOTHING}`, { cause })
}

/** What the driver or the system threw, as the family's error: what happened, what did not, what to do. */
export function storeError(error: unknown, path: string): GatewrightError {
  if (GatewrightError.isInstance(error)) return error
  if (error instanceof Refused) return illegalMove(fromColumn(error.subject), error.message)
  const code = codeOf(error)
  const [, explain] = EXPLAINED.find(([pattern]) => pattern.test(code)) ?? []
  const problem = explain?.(path) ?? `the store in ${path} did not answer${code === '' ? '' : ` (${code})`}.`
  return unavailable(problem, error)
}
