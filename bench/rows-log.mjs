// The rows of the audit log.
import { count } from './count.mjs'
import { median } from './measure/quantile.mjs'

/** @typedef {import('./rows.mjs').Row} Row */

/** @type {(name: string, what: 'one' | 'many', beside: string, told: object, needsPeers: boolean) => Row} */
const auditRow = (name, what, beside, told, needsPeers) => ({
  name,
  group: 'gatewright',
  kind: 'times',
  script: 'ours/audit.mjs',
  told: { what, ...told },
  quick: { turns: 3 },
  needsPeers,
  // 0.8 of the other's speed.
  bound: 1.25,
  read: ({ pairs, events }) => {
    const own = median(pairs.map((pair) => pair.ours))
    const limit = median(pairs.map((pair) => pair.limit))
    return {
      value: median(pairs.map((pair) => pair.ours / pair.limit)),
      note: `${own.toFixed(0)} µs an event, ${beside} ${limit.toFixed(0)} µs; ${count(events)} events in each of ${pairs.length} turns`,
      more: { ours: own, limit },
    }
  },
})

/** @type {readonly Row[]} */
export const auditRows = [
  auditRow(
    'durable append, one awaited',
    'one',
    'bare append and fdatasync',
    { turns: 15, events: 300 },
    false,
  ),
  auditRow(
    'durable append, 256 awaiting',
    'many',
    'pino, which syncs nothing,',
    { turns: 9, events: 25_600 },
    true,
  ),
]

/** Rows over one log of a million events: they share the run that writes it. */
const log = {
  group: 'gatewright',
  script: 'ours/verification.mjs',
  told: { events: 1_000_000, turns: 3 },
  quick: { events: 20_000, turns: 1 },
}

const perEvent = (reading) => (reading.cpu * 1_000_000) / reading.entries
const perSecond = (micros) => `${count(Math.round(1_000_000 / micros / 1_000) * 1_000)} a second`

const readVerified = ({ entries, rounds }) => {
  const value = median(rounds.map(({ verified }) => perEvent(verified)))
  const times = median(rounds.map(({ verified, hashed }) => perEvent(verified) / perEvent(hashed)))
  const bytes = rounds[0].hashed.entryBytes / entries
  return {
    value,
    note: `${perSecond(value)} of processor time, ${times.toFixed(1)} times the hash-only pass; ${count(entries)} events of ${bytes.toFixed(0)} B`,
    more: { timesHashed: times },
  }
}

const readHashed = ({ rounds }) => {
  const value = median(rounds.map(({ hashed }) => perEvent(hashed)))
  return { value, note: `${perSecond(value)}: leaf hashes and the tree over them, of the same journal` }
}

const readOpened = ({ rounds }) => {
  const value = median(rounds.map(({ opened }) => perEvent(opened)))
  const seconds = median(rounds.map(({ opened }) => opened.seconds))
  return { value, note: `${perSecond(value)}; by the clock ${seconds.toFixed(1)} s` }
}

/** What a reading holds at the most, beyond a bare Node and 16 bytes a request. */
const readPeak = (name) => (found) => {
  const beyond = (round) => round[name].peakBytes - round.bare.peakBytes - 16 * round[name].subjects
  const { subjects } = found.rounds[0][name]
  return {
    value: median(found.rounds.map(beyond)),
    note: `beyond a bare Node and 16 B for each of ${count(subjects)} requests and calls`,
  }
}

/** @type {readonly Row[]} */
export const logRows = [
  {
    ...log,
    name: 'full verification, 1,000,000 events',
    kind: 'event',
    bound: 1_000_000 / 60_000,
    read: readVerified,
  },
  { ...log, name: 'hash-only pass', kind: 'event', bound: 1_000_000 / 250_000, read: readHashed },
  { ...log, name: 'verification, memory', kind: 'peak', bound: 64 * 2 ** 20, read: readPeak('verified') },
  {
    ...log,
    name: 'verification, memory, as the command line runs it',
    kind: 'peak',
    bound: 64 * 2 ** 20,
    read: readPeak('small'),
  },
  { ...log, name: 'open a log', kind: 'event', bound: 10, read: readOpened },
  {
    name: 'encode an entry',
    group: 'gatewright',
    kind: 'times',
    script: 'ours/encode.mjs',
    told: { events: 20_000, turns: 21 },
    quick: { events: 5_000, turns: 5 },
    // 0.8 of the other's speed.
    bound: 1.25,
    read: ({ pairs, events }) => {
      const own = median(pairs.map((pair) => pair.ours))
      const text = median(pairs.map((pair) => pair.text))
      return {
        value: median(pairs.map((pair) => pair.ours / pair.limit)),
        note: `${own.toFixed(2)} µs; JSON.stringify and its bytes ${median(pairs.map((pair) => pair.limit)).toFixed(2)} µs, without the bytes ${text.toFixed(2)} µs; ${count(events)} events`,
        more: { ours: own, text },
      }
    },
  },
]
