import type { Timer } from '@gatewright/core'
import type { Rng } from './rng'

/** One life of something that can die: a process between its start and its crash. What waits for a dead one never goes on. */
export interface Life {
  readonly name: string
  alive: boolean
}

/** What becomes of a point when its turn has come: it goes on, its call rejects, or it never settles. */
export type Fate = 'pass' | 'fail' | 'hang'

/** What a point rejects with when its fate is to fail. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
}

/** What the scheduler did in one step. */
export interface Step {
  readonly life: Life
  /** The point's name, or `timer`. */
  readonly name: string
  readonly fate: Fate
}

/**
 * Decides what happens next. Everything that waits, waits at a point or for a timer; each step lets one of those that
 * could go on go on, chosen by the seed, and then lets all that follows from it run until it waits again. Time moves by a
 * millisecond a step, and by jumps.
 */
export interface Scheduler {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** How many steps were made. Orders everything that happens. */
  readonly step: number
  /** How many could go on now. */
  readonly ready: number
  /** When the next timer is due; `null` when none is set. */
  readonly nextTimerAt: number | null
  /** Waits for its turn. Never settles once the life has ended. @throws FaultError when its fate is to fail */
  point(life: Life, name: string): Promise<void>
  /** Calls back when the time has come and its turn with it; perhaps late. */
  timer(life: Life, ms: number, fire: () => void): Timer
  /** Lets one go on, and drains what follows; `null` when nothing could. */
  runOne(): Promise<Step | null>
  /** Runs all that follows from what was just called. */
  drain(): Promise<void>
  /** Moves time on. Nothing fires by itself. */
  advance(ms: number): void
  /** Ends a life in the middle of whatever it did. */
  kill(life: Life): void
}

interface Waiting {
  readonly life: Life
  readonly name: string
  go(): void
  fail(): void
}

interface Alarm {
  readonly life: Life
  readonly at: number
  fire(): void
}

/** What a {@link Scheduler} is made of. */
export interface SchedulerParts {
  readonly rng: Rng
  /** When the world begins: milliseconds since the epoch. */
  readonly from: number
  /** Called when a point's turn has come. */
  readonly fate: (life: Life, name: string) => Fate
}

/** Makes a scheduler. */
export function createScheduler({ rng, from, fate }: SchedulerParts): Scheduler {
  let now = from
  let step = 0
  let points: Waiting[] = []
  let alarms: Alarm[] = []

  function takePoint(index: number): Waiting {
    const chosen = points[index] as Waiting
    points.splice(index, 1)
    return chosen
  }

  function dueAlarms(): Alarm[] {
    return alarms.filter(({ at }) => at <= now)
  }

  function goOn(waiting: Waiting): Step {
    const decided = fate(waiting.life, waiting.name)
    if (decided === 'pass') waiting.go()
    if (decided === 'fail') waiting.fail()
    return { life: waiting.life, name: waiting.name, fate: decided }
  }

  function ring(alarm: Alarm): Step {
    alarms = alarms.filter((other) => other !== alarm)
    alarm.fire()
    return { life: alarm.life, name: 'timer', fate: 'pass' }
  }

  // Every microtask runs before the next macrotask, and nothing in this world waits for anything else.
  const drain = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  return {
    get now() {
      return now
    },
    get step() {
      return step
    },
    get ready() {
      return points.length + dueAlarms().length
    },
    get nextTimerAt() {
      return alarms.length === 0 ? null : Math.min(...alarms.map(({ at }) => at))
    },
    point(life, name) {
      return new Promise((resolve, reject) => {
        if (!life.alive) return
        points.push({ life, name, go: resolve, fail: () => reject(new FaultError(`${name} failed`)) })
      })
    },
    timer(life, ms, fire) {
      if (!life.alive) return { cancel() {} }
      const alarm: Alarm = { life, at: now + Math.max(0, ms), fire }
      alarms.push(alarm)
      return {
        cancel() {
          alarms = alarms.filter((other) => other !== alarm)
        },
        keepAlive() {},
      }
    },
    async runOne() {
      const due = dueAlarms()
      if (points.length + due.length === 0) return null
      // Ids are ordered by time: one step a millisecond makes their order that of the steps.
      now += 1
      step += 1
      const index = rng.below(points.length + due.length)
      const done = index < points.length ? goOn(takePoint(index)) : ring(due[index - points.length] as Alarm)
      await drain()
      return done
    },
    drain,
    advance(ms) {
      now += ms
    },
    kill(life) {
      life.alive = false
      points = points.filter((waiting) => waiting.life !== life)
      alarms = alarms.filter((alarm) => alarm.life !== life)
    },
  }
}
