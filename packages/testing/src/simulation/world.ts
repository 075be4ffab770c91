import { createPlatform } from './channel'
import type { Evidence } from './evidence'
import { createMoves } from './moves'
import { createPeople } from './people'
import { launch, type Machine, type Tamper } from './process'
import { createRng } from './rng'
import { EXPECTED, TIMES } from './rules'
import { createScheduler, type Fate } from './scheduler'
import { type SharedStore, type StoreKind, shareStore } from './shared-store'
import type { Faults, Gathered, Habits, Stage } from './stage'
import { createStory } from './story'
import { createVault } from './vault'

/** What a world is made from. */
export interface WorldOptions {
  readonly seed: number
  /** Machines, each with one process and one log. */
  readonly processes: number
  /** Turns before the world comes to rest. */
  readonly turns: number
  readonly store: StoreKind
  readonly faults: Faults
  readonly habits: Habits
  readonly fullStory: boolean
  readonly tamper: Tamper
}

/** What remains of a world. */
export interface World {
  readonly evidence: Evidence
  readonly story: readonly string[]
  readonly steps: number
  /** Equal for equal runs: a digest of every step that was made. */
  readonly trace: string
}

/** No faults at all: how a world ends, so that everything can come to rest. */
const CALM: Faults = {
  store: 0,
  sink: 0,
  silence: 0,
  directory: 0,
  channel: 0,
  crash: 0,
  lostHints: 0,
  sloppiness: 0,
  jumps: 0,
  stuckFunctions: 0,
}

/** Whatever takes more turns than this to come to rest never will. */
const MOST_TURNS = 20_000
const LEASE_MS = 4_000
const BEGIN = Date.UTC(2026, 0, 1)
const MACHINES = ['p1', 'p2', 'p3'] as const

/** Runs one world from its seed to its rest. */
export async function runWorld(options: WorldOptions): Promise<World> {
  const stage = setUp(options)
  const { scheduler, story, machines } = stage
  const moves = createMoves(stage)
  for (const machine of machines) begin(stage, machine)
  for (let turn = 0; turn < options.turns; turn += 1) {
    await takeTurn(stage, moves)
  }
  story.tell('world', 'comes to rest')
  stage.faults = CALM
  let atRest = await rest(stage, TIMES.within + TIMES.useWithin + 2_000)
  // What will never settle ends with its process; then everything must have an end.
  for (const machine of machines) if ((machine.process?.stuck ?? 0) > 0) crash(stage, machine)
  atRest = (await rest(stage, 3 * LEASE_MS + 3_000)) && atRest
  const unpublished = atRest ? await unpublishedOf(stage) : []
  const evidence: Evidence = {
    ...stage.evidence,
    messages: [...stage.platform.taken.values()],
    logs: Object.fromEntries(machines.map(({ log }) => [log.id, log.bytes])),
    atRest,
    unpublished,
    policies: EXPECTED,
    keptMs: options.habits.retention ? TIMES.keptFor : null,
    personal: options.habits.personal ? [...moves.tags(), 'as discussed', 'looked into it'] : [],
    canonical: stage.people.canonical,
    owner: stage.people.canonical[`${stage.people.owner.issuer} ${stage.people.owner.subject}`] ?? '',
  }
  return { evidence, story: story.lines, steps: scheduler.step, trace: story.trace }
}

function setUp({ seed, processes, store, faults, habits, fullStory, tamper }: WorldOptions): Stage {
  const rng = createRng(seed)
  // Choices of their own, so that what happens next does not depend on how much was told.
  const scheduler = createScheduler({
    rng: createRng(seed ^ 0x5eed),
    from: BEGIN,
    fate: (_life, name) => fateOf(stage, name),
  })
  const evidence: Gathered = {
    effects: [],
    operations: [],
    shown: [],
    casts: [],
    directory: [],
    lives: [],
    grantWords: [],
    credentials: [],
    archived: [],
    forgotten: [],
    emitted: [],
  }
  // The store's clock is nobody's own: it is neither fast nor slow (T49).
  const shared: SharedStore = shareStore(store, {
    now: () => scheduler.now,
    setTimer: () => ({ cancel() {} }),
  })
  const stage: Stage = {
    rng,
    scheduler,
    story: createStory({ now: () => scheduler.now - BEGIN, full: fullStory }),
    people: createPeople(scheduler, evidence.directory, !habits.linkedLate),
    platform: createPlatform(),
    vault: createVault(scheduler, evidence.credentials),
    habits,
    shared,
    machines: MACHINES.slice(0, processes).map(
      (name, index): Machine => ({
        name,
        log: { id: `log-${name}`, bytes: new Uint8Array() },
        skewMs: index === 0 ? 0 : rng.below(20_000) - 10_000,
        lives: 0,
        process: null,
      }),
    ),
    evidence,
    tamper,
    fateOfWrite: () => (rng.chance(stage.faults.sink) ? (rng.chance(0.5) ? 'nothing' : 'part') : 'whole'),
    faults,
  }
  return stage
}

function fateOf(stage: Stage, name: string): Fate {
  const { rng, faults } = stage
  const chance = rng.next()
  if (name.startsWith('store.')) return chance < faults.store ? 'fail' : 'pass'
  if (name.startsWith('sink.'))
    return chance < faults.silence ? 'hang' : chance < faults.silence + faults.sink ? 'fail' : 'pass'
  if (name === 'feed') return 'pass'
  // Nobody puts an end to the wait for an approver that never starts: no gate, and no call.
  if (name.endsWith('.start')) return chance < faults.channel / 10 ? 'fail' : 'pass'
  const failing = /^(directory|vault|archive)/.test(name) ? faults.directory : faults.channel
  return chance < faults.silence ? 'hang' : chance < faults.silence + failing ? 'fail' : 'pass'
}

/** Starts a process and its gate; a start that fails is tried again, as a supervisor would. */
function begin(stage: Stage, machine: Machine): void {
  // Two processes never write one log: the one that closed is gone before the next one starts.
  if (machine.process !== null) {
    machine.process.record.crashedStep = stage.scheduler.step
    stage.scheduler.kill(machine.process.life)
  }
  const process = launch(stage, machine)
  const { life, gate } = process
  stage.story.tell(life.name, 'starts')
  const attempt = (): void => {
    gate.start().then(
      () => stage.story.tell(life.name, 'has started'),
      () => {
        stage.story.tell(life.name, 'could not start')
        stage.scheduler.timer(life, 100, attempt)
      },
    )
  }
  attempt()
}

function crash(stage: Stage, machine: Machine): void {
  const { process } = machine
  if (process === null || !process.life.alive) return
  stage.story.tell(process.life.name, 'CRASHES')
  process.record.crashedStep = stage.scheduler.step
  stage.scheduler.kill(process.life)
  stage.platform.hosts.delete(process.life)
  machine.process = null
}

function shutDown(stage: Stage, machine: Machine): void {
  const { process } = machine
  if (process === null) return
  stage.story.tell(process.life.name, 'is being closed')
  process.gate.close().then(
    () => {
      process.record.closedStep = stage.scheduler.step
      stage.story.tell(process.life.name, 'has closed')
    },
    () => stage.story.tell(process.life.name, 'did not close cleanly'),
  )
}

async function takeTurn(stage: Stage, moves: ReturnType<typeof createMoves>): Promise<void> {
  const { rng, scheduler, faults, machines, people, story } = stage
  // Whoever has nothing to wait for acts.
  if (rng.chance(scheduler.ready === 0 ? 0.6 : 0.1)) {
    const move = rng.weighted({
      call: 26,
      vote: 60,
      abort: 3,
      resume: 4,
      cancel: 1,
      reconcile: 2,
      forget: 2,
      groups: 5,
      grant: 6,
      link: 1,
      restart: 8,
      close: 0.4,
    })
    if (move === 'groups') story.tell('world', people.change(rng, activeOf(stage)))
    else if (move === 'link') {
      if (people.link()) story.tell('world', 'the directory learns who bea is in the chat')
    } else if (move === 'restart') revive(stage)
    else if (move === 'close') shutDown(stage, rng.pick(machines))
    else moves[move]()
    await scheduler.drain()
    return
  }
  if (rng.chance(faults.crash)) crash(stage, rng.pick(machines))
  if (rng.chance(faults.jumps)) jump(stage, rng.pick([60, 300, 700, 1_200, 2_500, 5_000]))
  const step = await scheduler.runOne()
  if (step === null) jump(stage, Math.max(1, (scheduler.nextTimerAt ?? scheduler.now + 50) - scheduler.now))
  else story.detail(step.life.name, `${step.name}${step.fate === 'pass' ? '' : ` ${step.fate}s`}`)
}

/** Whose word counted lately. */
function activeOf({ evidence }: Stage) {
  const voted = evidence.casts.slice(-6).filter(({ receipt }) => receipt?.status === 'counted')
  const gave = evidence.grantWords.slice(-4).filter(({ doneAt }) => doneAt !== null)
  return [...voted, ...gave].map(({ actor }) => actor)
}

function jump({ scheduler, story }: Stage, ms: number): void {
  story.detail('world', `${ms} ms pass`)
  scheduler.advance(ms)
}

/** Starts a process on a machine whose last one has ended. */
function revive(stage: Stage): void {
  for (const machine of stage.machines) {
    const { process } = machine
    if (process === null || process.record.closedStep !== null) begin(stage, machine)
  }
}

/** Lets everything go on until nothing waits and the time has passed. `false`: something goes on for ever. */
async function rest(stage: Stage, ms: number): Promise<boolean> {
  const { scheduler, story } = stage
  revive(stage)
  const until = scheduler.now + ms
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const step = await scheduler.runOne()
    if (step !== null) {
      story.detail(step.life.name, step.name)
      continue
    }
    if (scheduler.now >= until) return true
    // In strides: whatever time moves comes late, and processes keep their leases.
    const stride = Math.max(LEASE_MS / 2, (scheduler.nextTimerAt ?? until) - scheduler.now)
    scheduler.advance(Math.max(1, Math.min(stride, until - scheduler.now)))
  }
  return false
}

async function unpublishedOf(stage: Stage) {
  const process = stage.machines.find(({ process }) => process !== null)?.process
  if (!process) return []
  const reading = process.store.outbox.unpublished({ logId: 'nobody', limit: 10_000 })
  for (;;) {
    const step = await stage.scheduler.runOne()
    if (step === null) return reading
  }
}
