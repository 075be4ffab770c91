import { Worker } from 'node:worker_threads'
import type { Executed, Executor } from '../database/executor'
import { driverError } from '../driver-errors'
import { type Answer, errorFrom, type Question, received, type ThreadSettings } from './messages'

/** A thread that writes to a file. */
export interface WriterThread {
  readonly executor: Executor
  /** Closes its connection and ends it. */
  close(): Promise<void>
}

/**
 * Starts a thread that writes to the file, which is there and has the newest schema. It keeps the program alive only while it
 * is asked for something.
 *
 * @param clock - what time is read from, with the lock held; `null`: the system's clock
 * @throws when there cannot be such a thread here, or it cannot open the file
 */
export async function startThread(
  entry: URL,
  settings: ThreadSettings,
  clock: (() => number) | null,
): Promise<WriterThread> {
  // Without the arguments of the program: it may have been started with hooks that this thread has no need of.
  const worker = new Worker(entry, { workerData: settings, execArgv: [], name: 'gatewright-sqlite' })
  const asking = createAsking(worker)
  await asking.answered()

  async function begin(): Promise<void> {
    // Whoever reads the system's clock lets the thread read it: one question instead of two.
    if (clock !== null) await asking.ask({ kind: 'begin' })
  }

  return {
    executor: {
      get broken() {
        return asking.ended()
      },
      begin,
      // Not an async function: the jobs are in the thread once it was asked, and need not be held here.
      run: (jobs) => asking.ask({ kind: 'run', jobs, now: clock === null ? null : clock() }).then(executedOf),
    },
    async close() {
      const ended = new Promise<void>((resolve) => void worker.once('exit', () => resolve()))
      if (!asking.close()) return
      await ended
    },
  }
}

function executedOf(answer: Answer): Executed {
  if (answer.kind !== 'executed') throw driverError('the thread that writes answered something else', '')
  return received(answer.executed)
}

/** Asks the thread one question at a time. Once the thread has ended, each is answered with an error. */
function createAsking(worker: Worker) {
  let pending: { resolve(answer: Answer): void; reject(error: Error): void } | null = null
  let ended: Error | null = null

  function end(error: Error): void {
    ended ??= error
    pending?.reject(ended)
    pending = null
  }

  worker.on('message', (answer: Answer) => {
    worker.unref()
    const asked = pending
    pending = null
    if (answer.kind === 'failed') asked?.reject(errorFrom(answer.failure))
    else asked?.resolve(answer)
  })
  worker.on('error', (error) =>
    end(driverError(`the thread that writes ended: ${error.message}`, 'SQLITE_IOERR')),
  )
  worker.on('exit', () => end(driverError('the thread that writes has ended', 'SQLITE_IOERR')))

  function answered(): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (ended !== null) return reject(ended)
      pending = { resolve, reject }
      worker.ref()
    })
  }

  return {
    answered,
    ended: () => ended !== null,
    ask(question: Question): Promise<Answer> {
      const answer = answered()
      if (ended !== null) return answer
      try {
        worker.postMessage(question)
      } catch (error) {
        // A value that cannot cross. Nothing was asked, so nothing is waited for.
        pending?.reject(error as Error)
        pending = null
        worker.unref()
      }
      return answer
    },
    /** `false`: it had ended. */
    close(): boolean {
      if (ended !== null) return false
      worker.ref()
      worker.postMessage({ kind: 'close' } satisfies Question)
      return true
    },
  }
}
