import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type ApprovalStore,
  type AuditSink,
  type Clock,
  createGate,
  currentSession,
  type Directory,
  type Gate,
  type GateOptions,
  type Logger,
} from '@gatewright/core'
import { channel } from './channel'
import { canonicalDigest } from './check/canonical'
import { type LogDisk, openLog } from './durable-log'
import type { LifeRecord } from './evidence'
import { ACTIONS, DEFAULT_REQUIREMENT, rulesOf, TIMES, WITH_CREDENTIAL } from './rules'
import type { Life } from './scheduler'
import type { Stage } from './stage'

/** What a call hands to a gated function. */
export interface CallInput {
  /** Names the call; equal for calls under one key. */
  readonly tag: string
  readonly key: string | null
  readonly amount: number
}

/** A gated function of the world. */
export type Gated = (input: CallInput, ...more: readonly unknown[]) => Promise<unknown>

/** The operation in whose course code runs: tells whose effect an effect is. */
export const courses = new AsyncLocalStorage<number>()

/** A machine: its log outlives the processes that run on it. */
export interface Machine {
  readonly name: string
  readonly log: LogDisk
  /** Differs from the world's time by this much. */
  readonly skewMs: number
  lives: number
  process: Process | null
}

/** One life of a process: a gate over the shared store, and the functions it guards. */
export interface Process {
  readonly life: Life
  readonly record: LifeRecord
  readonly gate: Gate
  readonly store: ApprovalStore
  readonly functions: Readonly<Record<string, Gated>>
  /** Functions that will never settle by themselves. */
  stuck: number
}

/** What the function of an action fails with. */
export class PerformError extends Error {
  override readonly name = 'PerformError'
  constructor(readonly effect: number) {
    super(`effect ${effect} went wrong`)
  }
}

/** Starts a life on a machine. Its gate has yet to be started. */
export function launch(stage: Stage, machine: Machine): Process {
  const { scheduler, people, platform, evidence, rng, tamper } = stage
  machine.lives += 1
  const life: Life = { name: `${machine.name}.${machine.lives}`, alive: true }
  const record: LifeRecord = {
    name: life.name,
    logId: machine.log.id,
    sealedStep: null,
    closedStep: null,
    crashedStep: null,
  }
  evidence.lives.push(record)
  const store = storeOf(stage, life)
  const sink = openLog(machine.log, life, scheduler, stage.fateOfWrite)
  const directory = people.directory(life)
  const shared = {
    life,
    scheduler,
    platform,
    shown: evidence.shown,
    rng,
    sloppiness: () => stage.faults.sloppiness,
    isSaved: stage.shared.holdsDelivery,
  }
  const gate = createGate({
    agent: { id: 'ops-bot', owner: people.owner },
    approvers: [
      channel({ ...shared, name: 'chat' }),
      channel({ ...shared, name: 'pager', limits: { leafCharacters: 3, leaves: 2, totalCharacters: 6 } }),
    ],
    store,
    audit: tamper.sink?.(sink, life) ?? sink,
    policy: rulesOf(),
    requirement: DEFAULT_REQUIREMENT,
    directory: tamper.directory?.(directory, life) ?? directory,
    clock: clockOf(stage, life, machine.skewMs),
    logger: loggerOf(stage, life),
    coolDown: 3_000,
    rateLimit: false,
    timeouts: { policy: 500, lookup: 800, delivery: 900, audit: 600 },
    delivery: { attempts: 2, backoff: 100 },
    sweepEvery: 800,
    lease: 4_000,
    ...(stage.habits.personal ? { personal: { keys: ['tag'], people: true, words: true } } : {}),
    ...(stage.habits.retention ? { retention: retentionOf(stage, life) } : {}),
  })
  const credentials = { vault: stage.vault.broker(life) }
  const process: Process = { life, record, gate, store, functions: {}, stuck: 0 }
  gate.on<'event'>('event', ({ event }) => {
    evidence.emitted.push(event)
  })
  gate.on('sealed', ({ reason }) => {
    record.sealedStep ??= scheduler.step
    stage.story.tell(life.name, `is sealed: ${reason}`)
  })
  const functions = Object.fromEntries(
    Object.entries(ACTIONS).map(([action, options]) => [
      action,
      gate.requireApproval(guarded(stage, process, action), {
        action,
        ...options,
        ...(WITH_CREDENTIAL.includes(action) ? { credentials } : {}),
      }) as Gated,
    ]),
  )
  machine.process = Object.assign(process, { functions })
  return process
}

/** What ended a while ago is archived, late or not at all, and then deleted. */
function retentionOf({ scheduler, evidence }: Stage, life: Life): NonNullable<GateOptions['retention']> {
  return {
    after: TIMES.keptFor,
    every: 900,
    async archive({ id, status }) {
      await scheduler.point(life, 'archive')
      evidence.archived.push({ requestId: id, status, step: scheduler.step, time: scheduler.now })
    },
  }
}

function clockOf({ scheduler }: Stage, life: Life, skewMs: number): Clock {
  return {
    now: () => scheduler.now + skewMs,
    setTimer: (ms, fire) => scheduler.timer(life, ms, fire),
  }
}

const AFTER_READING = /\.(get|getMany|getByKey|list|similar|due|of|unpublished|live|active|mark)\.after$/

function storeOf(stage: Stage, life: Life): ApprovalStore {
  const { scheduler, shared, tamper, rng } = stage
  // Between a read and what it leads to lies another point anyway: that of the next call.
  const point = (name: string) => (AFTER_READING.test(name) ? Promise.resolve() : scheduler.point(life, name))
  const inner = shared.open({ point })
  const store: ApprovalStore = {
    ...inner,
    // The feed is a hint: it is late, and may lose and repeat.
    changes(listener, signal) {
      inner.changes((ids) => {
        const times = rng.chance(stage.faults.lostHints) ? 0 : rng.chance(stage.faults.lostHints) ? 2 : 1
        for (let time = 0; time < times; time += 1)
          void scheduler.point(life, 'feed').then(() => listener(ids))
      }, signal)
    },
  }
  return tamper.store?.(store, life) ?? store
}

function loggerOf({ story }: Stage, life: Life): Logger {
  const say = (message: string, fields?: Readonly<Record<string, unknown>>) => {
    const error = fields?.error
    story.detail(life.name, `(${message}${error instanceof Error ? `: ${error.name}` : ''})`)
  }
  return { info: say, warn: say, error: say }
}

function guarded(stage: Stage, process: Process, action: string): (...args: unknown[]) => Promise<unknown> {
  const { tamper } = stage
  return (...args) => {
    const call = () => perform(stage, process, action, args)
    return tamper.call?.(call) ?? call()
  }
}

/** The real function behind every action: its effect is one synchronous line, and then it goes on or goes wrong. */
async function perform(
  stage: Stage,
  process: Process,
  action: string,
  args: readonly unknown[],
): Promise<unknown> {
  const { scheduler, evidence, rng, story } = stage
  const { life } = process
  const session = currentSession()
  const input = args[0] as CallInput
  const index = evidence.effects.length
  evidence.effects.push({
    index,
    requestId: session?.requestId ?? null,
    action,
    digest: canonicalDigest(args),
    key: input.key,
    amount: input.amount,
    credential: typeof session?.credentials.vault === 'string' ? session.credentials.vault : null,
    life: life.name,
    operation: courses.getStore() ?? null,
    step: scheduler.step,
    time: scheduler.now,
  })
  story.tell(life.name, `RUNS ${action} ${input.tag} amount ${input.amount} (request ${session?.requestId})`)
  const course = rng.weighted({
    done: 50,
    sleep: 25,
    record: 10,
    wrong: action === 'ops.again' ? 90 : 15,
    stuck: 100 * stage.faults.stuckFunctions,
  })
  if (course === 'record') await session?.record('rows', index).catch(() => undefined)
  if (course === 'sleep')
    await sleep(stage, life, 20 + rng.below(1_500), rng.chance(0.5) ? session?.signal : undefined)
  if (course === 'stuck') {
    process.stuck += 1
    await new Promise(() => {})
  }
  if (course === 'wrong' || rng.chance(0.05)) throw new PerformError(index)
  return { effect: index }
}

/** Sleeps by the world's time; a function that heeds its signal wakes up early. */
function sleep({ scheduler }: Stage, life: Life, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = scheduler.timer(life, ms, resolve)
    signal?.addEventListener('abort', () => {
      timer.cancel()
      resolve()
    })
  })
}

/** Parts of a life, changed on purpose: what the checker must find. */
export interface Tamper {
  store?(store: ApprovalStore, life: Life): ApprovalStore
  sink?(sink: AuditSink, life: Life): AuditSink
  directory?(directory: Directory, life: Life): Directory
  /** Stands in for the way a function is called. */
  call?(call: () => Promise<unknown>): Promise<unknown>
}
