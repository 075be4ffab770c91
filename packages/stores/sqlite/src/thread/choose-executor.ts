import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Executor } from '../database/executor'
import type { WriterThread } from './start-thread'

/** From how many waiting writes on a thread pays for itself: it takes some 50 ms to start and about 10 MB. */
const MANY = 32

/** Which executor writes, and when another one takes over. */
export interface Executors {
  /** The one for the next transaction. @param waiting - how many writes wait for it */
  choose(waiting: number): Executor
  close(): Promise<void>
}

/**
 * Writes in the program's own thread until many writes wait at once, then in a thread that is started meanwhile. Where none can
 * be started all goes on as it was.
 *
 * @param when - `always`: the thread is there from the beginning; `never`: there is none
 * @throws what `start` throws, for `always`
 */
export async function chooseExecutor(
  own: Executor,
  start: () => Promise<WriterThread>,
  when: 'auto' | 'always' | 'never',
): Promise<Executors> {
  let thread: WriterThread | null = when === 'always' ? await start() : null
  let starting: Promise<void> | null = null

  async function tryToStart(): Promise<void> {
    try {
      thread = await start()
    } catch {
      // A policy forbids threads, say, or the program was bundled into one file. The program's own thread does as well.
    }
  }

  return {
    choose(waiting) {
      if (waiting >= MANY && when === 'auto') starting ??= tryToStart()
      // I8: another connection to a file that cannot be trusted is no way out.
      return own.broken ? own : (thread?.executor ?? own)
    },
    async close() {
      await starting
      await thread?.close()
    },
  }
}

/** The built file of the thread. @throws Error where it does not lie beside this one */
export function threadEntry(): URL {
  const entry = new URL('./sqlite-writer-thread.js', import.meta.url)
  if (existsSync(fileURLToPath(entry))) return entry
  throw new Error(
    `${entry.pathname} is missing. Was the program bundled? Leave @gatewright/store-sqlite out of the bundle.`,
  )
}
