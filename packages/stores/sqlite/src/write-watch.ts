import { realpathSync, watch } from 'node:fs'

/** Who hears of a {@link WriteWatch}. */
export interface WriteSigns {
  /** The file was written to, or went. Others may see it only later. */
  written(): void
  /** It is watched no longer. */
  failed(): void
}

/**
 * Watches a file, without keeping the process alive. A hint: signs may be missing, or mean nothing.
 *
 * @throws what the system throws when it cannot be watched
 */
export type WriteWatch = (signs: WriteSigns) => { close(): void }

/** Watches what every commit to a database in WAL mode writes to first. */
export function watchCommits(database: string): WriteWatch {
  return ({ written, failed }) => {
    // SQLite keeps the log beside the file itself, not beside a link to it.
    const watcher = watch(`${realpathSync(database)}-wal`, { persistent: false }, written)
    watcher.on('error', failed)
    return watcher
  }
}
