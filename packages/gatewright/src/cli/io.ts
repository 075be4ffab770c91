/** Where a command writes, and what it knows of who reads it. */
export interface CommandIo {
  /** What was asked for: one string per call, without a newline at its end. */
  out(text: string): void
  /** What goes beside it: progress, hints, errors. */
  err(text: string): void
  /** Shows how far a long command is; `null` clears it. Does nothing where nobody looks on. */
  progress(text: string | null): void
}

/** The process's own streams. Progress is shown on a terminal alone. */
export function processIo(): CommandIo {
  const live = process.stderr.isTTY === true
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    progress: (text) => void (live && process.stderr.write(`\r\u001b[K${text ?? ''}`)),
  }
}
