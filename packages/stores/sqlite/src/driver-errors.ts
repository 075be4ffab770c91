// What the driver's errors say. Apart from `errors.ts`, since the thread that writes knows the driver alone.

/** Whether nothing can be said of the file any more: a sync that failed is never tried again (I8). */
export function isFatal(error: unknown): boolean {
  return /^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(codeOf(error))
}

/** Whether somebody else holds the file, for now. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))
}

/** The code of the driver, or of the system; empty where there is none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  // The driver gives no code for a file that it cannot open, but ends its message with SQLite's number for it.
  if (/ConnectionFailed\(.*: 14"?\)/s.test(error.message)) return 'SQLITE_CANTOPEN'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** An error of the driver, made anew: its message and its code. */
export function driverError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code })
}
