import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'

/** A watch may miss what happens: network file systems tell nothing. */
const POLL_MS = 1_000

/** Resolves when something happened in a log's journal, when a second has gone, or when the signal aborts. Never rejects. */
export function logChanged(directory: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    let watcher: FSWatcher | null = null
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      watcher?.close()
      resolve()
    }
    const timer = setTimeout(done, POLL_MS)
    signal.addEventListener('abort', done)
    try {
      watcher = watch(join(directory, 'journal'), done)
      watcher.on('error', () => watcher?.close())
    } catch {
      // Then the poll alone finds what comes.
    }
  })
}
