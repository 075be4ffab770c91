import { describe, errorOf, resultOf } from './answers'
import { castBallot } from './ballots'
import { createCalls } from './calls'
import { canonicalDigest } from './check/canonical'
import type { Answer, Operation } from './evidence'
import { createGrantMoves } from './grant-moves'
import { courses, type Process } from './process'
import type { Stage } from './stage'

/** What programs and people do in a world, one thing at a time. */
export interface Moves {
  /** The tags of all calls so far. */
  tags(): readonly string[]
  /** A program calls a gated function; perhaps under a key that was used before. */
  call(): void
  /** Somebody votes on a message, new or old. */
  vote(): void
  /** A caller gives up. */
  abort(): void
  resume(): void
  cancel(): void
  reconcile(): void
  /** Somebody deletes a finished request. */
  forget(): void
  /** Somebody gives, endorses or revokes a standing grant. */
  grant(): void
}

/** Makes the moves of a world. */
export function createMoves(stage: Stage): Moves {
  const { rng, scheduler, evidence, story, people } = stage
  const calls = createCalls(rng, () =>
    evidence.grantWords.slice(-5).flatMap(({ action, doneAt }) => (doneAt === null ? [] : action)),
  )
  const aborts = new Map<Operation, AbortController>()

  function running(): Process | null {
    const up = stage.machines.flatMap(({ process }) => (process?.life.alive ? [process] : []))
    return up.length === 0 ? null : rng.pick(up)
  }

  function begin(
    operation: Omit<Operation, 'id' | 'answer' | 'abortedStep' | 'step' | 'time'>,
    work: () => Promise<unknown>,
    onAnswer?: (answer: Answer) => void,
  ): Operation {
    const begun: Operation = {
      ...operation,
      id: evidence.operations.length,
      step: scheduler.step,
      time: scheduler.now,
      abortedStep: null,
      answer: null,
    }
    evidence.operations.push(begun)
    const told = (answer: Answer) => {
      begun.answer = { ...answer, step: scheduler.step }
      aborts.delete(begun)
      onAnswer?.(answer)
      story.tell(begun.life, `tells ${begun.kind} ${begun.id}: ${describe(answer)}`)
    }
    courses.run(begun.id, () =>
      work().then(
        (value) => told(resultOf(value)),
        (error) => told(errorOf(error)),
      ),
    )
    return begun
  }

  function call(): void {
    const process = running()
    if (process === null) return
    const chosen = calls.choose()
    const { action, args, key } = chosen
    const gated = process.functions[action]
    if (gated === undefined) return
    const controller = new AbortController()
    const wait = rng.weighted({ inline: 70, suspend: action === 'ops.orphan' ? 90 : 15, inlineFor: 15 })
    const context = {
      ...(key === null ? {} : key.endsWith('7') ? { runId: 'run', callId: key } : { key }),
      ...(rng.chance(0.3) ? { onBehalfOf: people.behalf } : {}),
      ...(calls.isRetry(chosen) || rng.chance(0.4) ? { retry: true } : {}),
      signal: controller.signal,
      wait: wait === 'inlineFor' ? { inlineFor: 500 } : wait,
    } as const
    story.tell(
      process.life.name,
      `calls ${action} ${args[0].tag}${key === null ? '' : ` key ${key}`} (operation ${evidence.operations.length})`,
    )
    const operation = begin(
      { kind: 'call', life: process.life.name, action, key, digest: canonicalDigest(args), requestId: null },
      () => process.gate.as(context, () => gated(...args)),
      (answer) => {
        const unknown = answer.type === 'error' && answer.code === 'ERR_EXECUTION_UNKNOWN'
        // What is unknown stays so: to insist once is enough.
        const triesAgain = answer.type === 'thrown' || (unknown && !calls.isRetry(chosen))
        if (triesAgain && key !== null) calls.wentWrong(chosen)
      },
    )
    if (operation.answer === null) aborts.set(operation, controller)
  }

  function abort(): void {
    const waiting = [...aborts.keys()]
    if (waiting.length === 0) return
    const operation = rng.pick(waiting)
    story.tell(operation.life, `aborts operation ${operation.id}`)
    operation.abortedStep = scheduler.step
    aborts.get(operation)?.abort(new Error('the caller gave up'))
  }

  function someRequest(): string | null {
    const known = evidence.shown.map(({ requestId }) => requestId)
    return known.length === 0 ? null : rng.pick(known.slice(-30))
  }

  function onRequest(
    kind: 'resume' | 'cancel',
    work: (process: Process, requestId: string) => Promise<unknown>,
  ): void {
    const process = running()
    const requestId = someRequest()
    if (process === null || requestId === null) return
    story.tell(process.life.name, `${kind}s ${requestId} (operation ${evidence.operations.length})`)
    begin({ kind, life: process.life.name, action: null, key: null, digest: null, requestId }, () =>
      work(process, requestId),
    )
  }

  function quietly(what: string, work: (process: Process, requestId: string) => Promise<unknown>): void {
    const process = running()
    const requestId = someRequest()
    if (process === null || requestId === null) return
    story.tell(process.life.name, `${what}s ${requestId}`)
    work(process, requestId).then(
      (done) => story.detail(process.life.name, `${what}: ${typeof done === 'boolean' ? done : 'done'}`),
      (error) => story.detail(process.life.name, `${what}: ${describe(errorOf(error))}`),
    )
  }

  return {
    tags: () => calls.made.map(({ args }) => args[0].tag),
    call,
    vote: () => castBallot(stage, calls.made),
    abort,
    resume: () =>
      onRequest('resume', (process, id) =>
        process.gate.resume(id, rng.chance(0.5) ? { wait: 'suspend' } : {}),
      ),
    cancel: () => onRequest('cancel', (process, id) => process.gate.cancel(id)),
    reconcile: () =>
      quietly('reconcile', (process, id) =>
        process.gate.reconcile(id, { by: people.human('ann', 'sso'), note: 'looked into it' }),
      ),
    forget: () =>
      quietly('forget', async (process, id) => {
        evidence.forgotten.push(id)
        return process.store.forget(id)
      }),
    grant: createGrantMoves(stage, running),
  }
}
