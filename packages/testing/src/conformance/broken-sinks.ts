import type { AuditEvent, AuditSink } from '@gatewright/core'
import { durableSink, readMedium, type SinkMedium } from './sink-durable'
import type { SinkHarness } from './sink-harness'

/** A sink that is wrong in one way. */
export interface BrokenSink {
  /** What is wrong with it. */
  readonly flaw: string
  /** Matches the names of cases, each of which must notice. */
  readonly caughtBy: RegExp
  harness(): SinkHarness
}

/** The harness of a right sink, which can do all that a harness may. */
export function rightSinkHarness(
  change: (sink: AuditSink, medium: SinkMedium) => Partial<AuditSink> = () => ({}),
): SinkHarness {
  let medium: SinkMedium = { lines: [], broken: false }
  const open = (): AuditSink => {
    const sink = durableSink(medium)
    // With its getters, if it has any.
    return Object.defineProperties({ ...sink }, Object.getOwnPropertyDescriptors(change(sink, medium)))
  }
  return {
    create() {
      medium = { lines: [], broken: false }
      return open()
    },
    read: () => readMedium(medium),
    reopen: open,
    lose() {
      medium.broken = true
    },
  }
}

/** The ways in which sinks go wrong; the suite must notice each. */
export const brokenSinks: readonly BrokenSink[] = [
  changed(
    'it acknowledges and drops',
    /can be read|kind of text|kept, in order|appends made at once/,
    () => ({ async append() {} }),
  ),
  changed(
    'it writes repetitions',
    /appended again|twice in one batch|20 times at once|a restart finds/,
    (_, { lines }) => ({
      append: async (events) => void lines.push(...events.map((event) => JSON.stringify(event))),
    }),
  ),
  changed(
    'it compares a batch with what was written, not with itself',
    /twice in one batch/,
    (_, medium) => ({
      async append(events) {
        const known = new Set(readMedium(medium).map(({ id }) => id))
        medium.lines.push(...events.filter(({ id }) => !known.has(id)).map((event) => JSON.stringify(event)))
      },
    }),
  ),
  changed('it compares, then waits, then writes', /20 times at once/, (_, medium) => ({
    async append(events) {
      const known = new Set(readMedium(medium).map(({ id }) => id))
      await Promise.resolve()
      medium.lines.push(...events.filter(({ id }) => !known.has(id)).map((event) => JSON.stringify(event)))
    },
  })),
  changed('it takes a lower number of a subject for a repetition', /after a later one/, (sink) => {
    const heads = new Map<string, number>()
    return {
      async append(events) {
        const fresh = events.filter(({ subject, seq }) => seq > (heads.get(subject) ?? 0))
        for (const { subject, seq } of fresh) heads.set(subject, seq)
        await sink.append(fresh)
      },
    }
  }),
  changed('it tells events apart by their numbers alone', /two subjects with one number/, (sink) => {
    const seen = new Set<number>()
    return {
      async append(events) {
        await sink.append(events.filter(({ seq }) => !seen.has(seq) && seen.add(seq)))
      },
    }
  }),
  changed('it knows repetitions only until it is restarted', /a restart finds/, (_, { lines }) => {
    const known = new Set<string>()
    return {
      async append(events) {
        for (const event of events)
          if (!known.has(event.id) && known.add(event.id)) lines.push(JSON.stringify(event))
      },
    }
  }),
  changed('a restart empties the log', /a restart finds/, (_, { lines }) => {
    lines.length = 0
    return {}
  }),
  changed('a restart gives the log another name', /a restart finds/, () => ({
    logId: String(Math.random()),
  })),
  changed(
    'it writes the newest first',
    /in its order|kept, in order|appends made at once/,
    (_, { lines }) => ({
      append: async (events) => void lines.unshift(...events.map((event) => JSON.stringify(event))),
    }),
  ),
  changed('what is appended at once is written in any order', /appends made at once/, (sink) => {
    let calls = 0
    return {
      async append(events) {
        calls += 1
        for (let turn = calls; turn < 100; turn += 1) await Promise.resolve()
        await sink.append(events)
      },
    }
  }),
  changed('it loses what comes while it writes', /appends made at once/, (sink) => {
    let writing = false
    return {
      async append(events) {
        if (writing) return
        writing = true
        await Promise.resolve()
        await sink.append(events)
        writing = false
      },
    }
  }),
  changed('it looks at the batch after waiting', /changing the batch/, (sink) => ({
    async append(events) {
      await Promise.resolve()
      await sink.append(events)
    },
  })),
  changed('it adds to what it is given', /frozen events/, (sink) => ({
    async append(events) {
      for (const event of events as AuditEvent[]) Object.assign(event, { received: true })
      await sink.append(events)
    },
  })),
  changed('it wants at least one event', /appending nothing/, (sink) => ({
    async append(events) {
      if (events.length === 0) throw new Error('nothing to append')
      await sink.append(events)
    },
  })),
  changed('its lines are ASCII', /every kind of text/, (_, { lines }) => ({
    append: async (events) =>
      void lines.push(...events.map((event) => JSON.stringify(event).replace(/[^\x20-\x7e]/g, '?'))),
  })),
  changed('it acknowledges after it was closed', /a closed sink takes/, (sink) => {
    let closed = false
    return {
      append: async (events) => (closed ? undefined : sink.append(events)),
      async close() {
        closed = true
      },
    }
  }),
  changed('it acknowledges repetitions after it was closed', /a closed sink takes/, (sink) => {
    const known = new Set<string>()
    return {
      async append(events) {
        if (events.every(({ id }) => known.has(id))) return
        await sink.append(events)
        for (const { id } of events) known.add(id)
      },
    }
  }),
  changed('closing drops what it has not written yet, and acknowledges it', /closing finishes/, (sink) => {
    let closed = false
    return {
      async append(events) {
        await Promise.resolve()
        if (!closed) await sink.append(events)
      },
      async close() {
        closed = true
      },
    }
  }),
  changed('it can be closed once', /closing is idempotent/, (sink) => {
    let closed = false
    return {
      async close() {
        if (closed) throw new Error('closed already')
        closed = true
        await sink.close()
      },
    }
  }),
  changed('it forgets its name when it is closed', /has a name, and keeps it/, (sink) => {
    let closed = false
    return {
      get logId() {
        return closed ? '' : sink.logId
      },
      async close() {
        closed = true
        await sink.close()
      },
    }
  }),
  changed('it tries again after it failed to write', /goes on rejecting/, (sink, medium) => ({
    async append(events) {
      if (!medium.broken) return sink.append(events)
      medium.broken = false
      throw new Error('cannot write')
    },
  })),
]

function changed(
  flaw: string,
  caughtBy: RegExp,
  change: (sink: AuditSink, medium: SinkMedium) => Partial<AuditSink>,
): BrokenSink {
  return { flaw, caughtBy, harness: () => rightSinkHarness(change) }
}
