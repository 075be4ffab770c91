// The thread that writes: it has a connection of its own and answers one question after the other.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { openWriter, prepareWriting } from '../database/connection'
import { createExecutor } from '../database/executor'
import { type Answer, failureOf, type Question, sendable, type ThreadSettings } from './messages'

async function serve(port: MessagePort, { path, busyMs, ...care }: ThreadSettings): Promise<void> {
  const database = openWriter(path, busyMs, 'own')
  await prepareWriting(database, care)
  let given: number | null = null
  const executor = await createExecutor(database, () => given ?? Date.now())

  async function answer(question: Exclude<Question, { kind: 'close' }>): Promise<Answer> {
    if (!database.inTransaction) await executor.begin()
    if (question.kind === 'begin') return { kind: 'done' }
    given = question.now
    return { kind: 'executed', executed: sendable(await executor.run(question.jobs)) }
  }

  port.on('message', (question: Question) => {
    if (question.kind === 'close') {
      database.close()
      port.close()
      return
    }
    answer(question).then(
      (answered) => port.postMessage(answered),
      (error: unknown) => port.postMessage({ kind: 'failed', failure: failureOf(error) } satisfies Answer),
    )
  })
  port.postMessage({ kind: 'done' } satisfies Answer)
}

// A rejection ends the thread, and whoever started it hears why.
if (parentPort !== null) void serve(parentPort, workerData as ThreadSettings)
