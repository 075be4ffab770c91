import { OutputClosedError } from './exit'
import { logChanged } from './log-changed'

/** Where a command writes, and what it knows of who reads it. */
export interface CommandIo {
  /** What was asked for: one string per call, without a newline at its end. */
  out(text: string): void
  /** What goes beside it: progress, hints, errors. */
  err(text: string): void
  /** Shows how far a long command is; `null` clears it. Does nothing where nobody looks on. */
  progress(text: string | null): void
  /**
   * Writes much of what was asked for, with its newlines; resolves when more may come.
   *
   * @default `out`, at once
   * @throws OutputClosedError when nobody reads on
   */
  write?(text: string): Promise<void>
  /** Whether colours are seen. @default false */
  readonly colour?: boolean
  /** How wide the lines are that are seen; `null` where nobody looks on. @default null */
  readonly columns?: number | null
  /** Aborts when the person at the terminal wants the command to end. @default never */
  interrupted?(): AbortSignal
  /** Resolves when a log may have more, or soon; at once when the signal aborts. @default looks at the directory */
  changed?(directory: string, signal: AbortSignal): Promise<void>
}

/** The process's own streams. Progress and colours are shown on a terminal alone. */
export function processIo(): CommandIo {
  const { stderr, stdout } = process
  // A pipe that was closed is told of twice: to the write, where it is dealt with, and here.
  if (stdout.listenerCount('error') === 0) stdout.on('error', () => undefined)
  const live = stderr.isTTY === true
  const seen = stdout.isTTY === true
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    progress: (text) => void (live && stderr.write(`\r\u001b[K${text ?? ''}`)),
    write: (text) =>
      new Promise((resolve, reject) => {
        // Its callback comes when the text has gone: a slow reader is waited for.
        stdout.write(text, (error) => (error == null ? resolve() : reject(closedOr(error))))
      }),
    // https://no-color.org
    colour: seen && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    get columns() {
      if (seen) return stdout.columns
      return live ? stderr.columns : null
    },
    interrupted() {
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
      return stop.signal
    },
    changed: logChanged,
  }
}

function closedOr(error: NodeJS.ErrnoException): Error {
  const gone = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'
  return gone ? new OutputClosedError('nobody reads the output any more', { cause: error }) : error
}
