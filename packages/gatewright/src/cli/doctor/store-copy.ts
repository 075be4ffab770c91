import { constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How often a copy is begun anew, while another process folds its newest writes into the file. */
const TRIES = 5

/** A copy of an SQLite file that may be opened, and written to, without touching the original. */
export interface StoreCopy {
  readonly file: string
  /** Beside the copy, for whatever else is needed. */
  readonly directory: string
  remove(): void
}

/**
 * Copies an SQLite file with what lies beside it, also while others write to it. Opening the original, even to read, would
 * make files beside it, and closing it might fold them in: a doctor writes nothing.
 *
 * It lies in a directory for this user alone, since it holds what requests hold, and goes with the process at the latest.
 *
 * @throws Error when it changes faster than it can be copied, or there is no room for it
 */
export function copyStore(file: string): StoreCopy {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-doctor-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  const ended = (): never => {
    remove()
    process.exit(130)
  }
  process.once('exit', remove)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, ended)
  const copy: StoreCopy = {
    file: join(directory, 'copy.db'),
    directory,
    remove() {
      process.off('exit', remove)
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, ended)
      remove()
    },
  }
  try {
    for (let tries = 1; ; tries += 1) {
      const before = stampOf(file)
      copyFileSync(file, copy.file, constants.COPYFILE_FICLONE)
      // Later than the file: what is in it twice does no harm, what is in neither would.
      if (existsSync(`${file}-wal`))
        copyFileSync(`${file}-wal`, `${copy.file}-wal`, constants.COPYFILE_FICLONE)
      if (stampOf(file) === before) return copy
      if (tries === TRIES) throw new Error(`${file} changes faster than it can be copied`)
    }
  } catch (error) {
    copy.remove()
    throw error
  }
}

/** Changes when the file does: its newest writes lie beside it until they are folded in. */
function stampOf(file: string): string {
  const { ino, mtimeNs, size } = statSync(file, { bigint: true })
  return `${ino} ${mtimeNs} ${size}`
}
