import { GatewrightError, type Json, type Principal, type VoteInput } from '@gatewright/core'
import type { Message } from './channel'
import { canonicalDigest } from './check/canonical'
import type { Answer, Operation } from './evidence'
import { type CallInput, courses, type Machine, PerformError, type Process } from './process'
import { ACTIONS } from './rules'
import type { Stage } from './stage'

/** A call that somebody made: enough to make it again. */
interface MadeCall {
  readonly action: string
  readonly args: readonly [CallInput, ...unknown[]]
  readonly key: string | null
}

/** What programs and people do in a world, one thing at a time. */
export interface Moves {
  /** A program calls a gated function; perhaps under a key that was used before. */
  call(): void
  /** Somebody votes on a message, new or old. */
  vote(): void
  /** A caller gives up. */
  abort(): void
  resume(): void
  cancel(): void
  reconcile(): void
  /** Retention deletes a finished request. */
  forget(): void
  /** Calls that were not answered yet. */
  readonly waiting: number
}

/** Makes the moves of a world. */
export function createMoves(stage: Stage): Moves {
  const { rng, scheduler, evidence, story, people, platform } = stage
  const made: MadeCall[] = []
  const aborts = new Map<Operation, AbortController>()
  let calls = 0

  function running(): Process | null {
    const up = stage.machines.flatMap(({ process }) => (process?.life.alive ? [process] : []))
    return up.length === 0 ? null : rng.pick(up)
  }

  function begin(operation: Omit<Operation, 'id' | 'answer' | 'step' | 'time'>, work: () => Promise<unknown>): Operation {
    const begun: Operation = { ...operation, id: evidence.operations.length, step: scheduler.step, time: scheduler.now, answer: null }
    evidence.operations.push(begun)
    const told = (answer: Answer) => {
      begun.answer = { ...answer, step: scheduler.step }
      aborts.delete(begun)
      story.tell(begun.life, `tells ${begun.kind} ${begun.id}: ${describe(answer)}`)
    }
    courses.run(begun.id, () => work().then((value) => told(resultOf(value)), (error) => told(errorOf(error))))
    return begun
  }

  function newCall(): MadeCall {
    calls += 1
    const action = rng.pick(Object.keys(ACTIONS))
    const key = rng.chance(0.45) ? `k${calls}` : null
    const input: CallInput = { tag: `c${calls}`, key, amount: 1 + rng.below(90) }
    return { action, key, args: action === 'ops.pair' ? [input, { more: [calls, null], deep: { at: 'é' } }] : [input] }
  }

  /** The same key with other arguments: must conflict. */
  function altered(call: MadeCall): MadeCall {
    const [input, ...more] = call.args
    return { ...call, args: [{ ...input, amount: input.amount + 100 }, ...more] }
  }

  function chooseCall(): MadeCall {
    const again = made.length > 0 && rng.chance(0.35) ? rng.pick(made.slice(-8)) : null
    if (again !== null) return again.key !== null && rng.chance(0.1) ? altered(again) : again
    const fresh = newCall()
    made.push(fresh)
    return fresh
  }

  function call(): void {
    const process = running()
    if (process === null) return
    const { action, args, key } = chooseCall()
    const gated = process.functions[action]
    if (gated === undefined) return
    const controller = new AbortController()
    const wait = rng.weighted({ inline: 70, suspend: action === 'ops.orphan' ? 90 : 15, inlineFor: 15 })
    const context = {
      ...(key === null ? {} : key.endsWith('7') ? { runId: 'run', callId: key } : { key }),
      ...(rng.chance(0.3) ? { onBehalfOf: people.behalf } : {}),
      ...(rng.chance(0.5) ? { retry: true } : {}),
      signal: controller.signal,
      wait: wait === 'inlineFor' ? { inlineFor: 500 } : wait,
    } as const
    story.tell(process.life.name, `calls ${action} ${args[0].tag}${key === null ? '' : ` key ${key}`} (operation ${evidence.operations.length})`)
    const operation = begin(
      { kind: 'call', life: process.life.name, action, key, digest: canonicalDigest(args), requestId: null },
      () => process.gate.as(context, () => gated(...args)),
    )
    if (operation.answer === null) aborts.set(operation, controller)
  }

  function abort(): void {
    const waiting = [...aborts.keys()]
    if (waiting.length === 0) return
    const operation = rng.pick(waiting)
    story.tell(operation.life, `aborts operation ${operation.id}`)
    aborts.get(operation)?.abort(new Error('the caller gave up'))
  }

  function someRequest(): string | null {
    const known = evidence.shown.map(({ requestId }) => requestId)
    return known.length === 0 ? null : rng.pick(known.slice(-30))
  }

  function onRequest(kind: 'resume' | 'cancel', work: (process: Process, requestId: string) => Promise<unknown>): void {
    const process = running()
    const requestId = someRequest()
    if (process === null || requestId === null) return
    story.tell(process.life.name, `${kind}s ${requestId} (operation ${evidence.operations.length})`)
    begin({ kind, life: process.life.name, action: null, key: null, digest: null, requestId }, () => work(process, requestId))
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

  function vote(): void {
    if (platform.messages.length === 0) return
    const message = chooseMessage(stage)
    const actor = chooseVoter(stage, message)
    const decision = rng.chance(0.93) ? 'approve' : 'reject'
    const edits = decision === 'approve' && rng.chance(0.1) ? editOf(made, message, rng.below(50)) : undefined
    const input: VoteInput = {
      requestId: message.requestId,
      decision,
      digest: rng.chance(0.02) ? 'f'.repeat(64) : message.review.digest,
      actor,
      ...(edits === undefined ? {} : { edits }),
      ...(rng.chance(0.2) ? { note: 'as discussed' } : {}),
    }
    const times = rng.chance(0.12) ? 2 : 1
    for (let time = 0; time < times; time += 1) send(input)
  }

  function send(input: VoteInput): void {
    const up = [...platform.hosts.keys()].filter(({ alive }) => alive)
    if (up.length === 0) return
    const life = rng.pick(up)
    const { requestId, decision, digest, actor } = input
    const cast = {
      requestId, decision, digest,
      actor: { type: actor.type, issuer: actor.issuer, subject: actor.subject },
      edits: input.edits !== undefined,
      life: life.name,
      step: scheduler.step,
      time: scheduler.now,
      receipt: null as null | Awaited<ReturnType<NonNullable<ReturnType<typeof platform.hosts.get>>['vote']>>,
    }
    evidence.casts.push(cast)
    story.tell(life.name, `${actor.type} ${actor.subject} votes to ${decision}${cast.edits ? ' with edits' : ''} ${requestId}`)
    platform.hosts.get(life)?.vote(input).then(
      (receipt) => {
        cast.receipt = receipt
        story.tell(life.name, `tells ${actor.subject}: ${receipt.status}${receipt.status === 'refused' ? ` (${receipt.reason})` : ''} on ${requestId}`)
      },
      (error) => story.tell(life.name, `tells ${actor.subject}: ${describe(errorOf(error))}`),
    )
  }

  return {
    call,
    vote,
    abort,
    resume: () => onRequest('resume', (process, id) => process.gate.resume(id, rng.chance(0.5) ? { wait: 'suspend' } : {})),
    cancel: () => onRequest('cancel', (process, id) => process.gate.cancel(id)),
    reconcile: () => quietly('reconcile', (process, id) => process.gate.reconcile(id, { by: people.human('ann', 'sso'), note: 'looked into it' })),
    forget: () => quietly('forget', (process, id) => process.store.forget(id)),
    get waiting() {
      return aborts.size
    },
  }
}

/** Mostly one that still waits, in the channel that shows all of it. */
function chooseMessage({ rng, platform }: Stage): Message {
  if (rng.chance(0.12)) return rng.pick(platform.messages)
  const ended = new Set(
    platform.messages.filter(({ review }) => review.progress.status !== 'pending').map(({ requestId }) => requestId),
  )
  const open = platform.messages.filter(({ review, requestId }) => review.complete && !ended.has(requestId))
  return rng.pick(open.length === 0 ? platform.messages : open.slice(-8))
}

function chooseVoter({ rng, people }: Stage, { review }: Message): Principal {
  const via = rng.chance(0.5) ? 'sso' : 'chat'
  const kind = rng.weighted({ reviewer: 80, anybody: 10, owner: 4, behalf: 4, impostor: 2 })
  if (kind === 'owner') return people.human('otto', via)
  if (kind === 'behalf') return people.human('bea', via)
  if (kind === 'impostor') return people.impostor(rng.pick(people.names), rng.chance(0.5) ? 'agent' : 'service')
  if (kind === 'anybody') return people.human(rng.pick(people.names), via)
  const wanted = review.progress.open.map(({ reviewers }) => reviewers).join(' ')
  const able = people.names.filter((name) => name !== 'otto' && name !== 'bea' && people.groupsOf(name).some((group) => wanted.includes(group)))
  return people.human(rng.pick(able.length === 0 ? people.names : able), via)
}

/** The call's named arguments with another amount, as a person would change them. */
function editOf(made: readonly MadeCall[], { review }: Message, more: number): Json | undefined {
  const shown = review.content.arguments.map(({ text }) => text)
  const call = made.find(({ args }) => shown.some((text) => text.replaceAll('"', '') === args[0].tag))
  if (call === undefined) return undefined
  const [input, extra] = call.args
  const changed = { ...input, amount: input.amount + more }
  return (extra === undefined ? changed : { input: changed, extra }) as unknown as Json
}

function resultOf(value: unknown): Answer {
  const effect = typeof value === 'object' && value !== null && 'effect' in value ? Number(value.effect) : null
  return { type: 'result', effect }
}

function errorOf(error: unknown): Answer {
  if (error instanceof PerformError) return { type: 'thrown', effect: error.effect }
  if (GatewrightError.isInstance(error)) return { type: 'error', code: error.code, requestId: error.requestId ?? null }
  return { type: 'foreign', name: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}

function describe(answer: Answer): string {
  switch (answer.type) {
    case 'result':
      return answer.effect === null ? 'done' : `the result of effect ${answer.effect}`
    case 'thrown':
      return `the error of effect ${answer.effect}`
    case 'error':
      return `${answer.code}${answer.requestId === null ? '' : ` (request ${answer.requestId})`}`
    case 'foreign':
      return answer.name
  }
}

export type { Machine }
