// The rows of the PostgreSQL store.

/** @typedef {import('./rows.mjs').Row} Row */

const script = 'ours/postgres.mjs'

/** @type {readonly Row[]} */
export const postgresRows = [
  {
    name: 'PostgreSQL, a reviewed call of 256 at once',
    group: 'gatewright',
    kind: 'call',
    script,
    told: { what: 'cycles', calls: 12_000, callers: 256 },
    quick: { calls: 2_000 },
    // 1,500 a second.
    bound: 667,
    read: ({ calls, seconds, cpuMicros }) => ({
      value: (seconds * 1e6) / calls,
      note: `${(calls / seconds).toFixed(0)} a second, ${calls.toLocaleString('en-US')} calls, ${cpuMicros.toFixed(0)} µs of processor each beside the server's`,
      more: { cpuMicros },
    }),
  },
  {
    name: 'PostgreSQL, wake-up',
    group: 'gatewright',
    kind: 'call',
    script,
    told: { what: 'wake', moves: 1_000 },
    quick: { moves: 200 },
    bound: 10_000,
    read: ({ moves, median, p99 }) => ({
      value: median * 1_000,
      p99: p99 * 1_000,
      note: `${moves.toLocaleString('en-US')} requests, each saved by one store and heard of by another`,
    }),
  },
  {
    name: 'PostgreSQL, finding in 1,000,000',
    group: 'gatewright',
    kind: 'call',
    script,
    told: { what: 'growth', sizes: [10_000, 100_000, 1_000_000], samples: 200 },
    quick: { sizes: [10_000, 50_000], samples: 50 },
    bound: 5_000,
    read: ({ found }) => {
      const { size, costs } = found[found.length - 1]
      const [slowest, cost] = Object.entries(costs).sort(([, one], [, other]) => other.median - one.median)[0]
      const growth = found.map(
        (one) => `${one.costs[slowest].median.toFixed(2)} ms of ${one.size.toLocaleString('en-US')}`,
      )
      return {
        value: cost.median * 1_000,
        p99: cost.p99 * 1_000,
        note: `the slowest of ${Object.keys(costs).length} queries over ${size.toLocaleString('en-US')} requests: ${slowest}; ${growth.join(', ')}`,
        more: Object.fromEntries(
          found.flatMap((one) =>
            Object.entries(one.costs).map(([name, { median }]) => [`${name} of ${one.size}`, median]),
          ),
        ),
      }
    },
  },
]
