import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { sampleEvent, sampleRequest } from '@gatewright/testing'

const require = createRequire(import.meta.resolve('@gatewright/store-postgres/package.json'))
const BATCH = 20_000

/** A request as an engine makes it: about 1.6 KB. */
export function benchRequest(id, at) {
  return sampleRequest(id, {
    arguments: JSON.stringify([{ table: 'customers', rows: 120, note: 'x'.repeat(300) }]),
    argumentShape: 'shape-1',
    createdAt: at,
  })
}

/**
 * Fills the store's tables up to so many requests by statements of its own, since asking for a million would take an hour:
 * 1 % still wait, and have an event that no log has; 50 actions, 20 shapes, 100 requesters, runs of 8.
 */
export async function fillRequests(connectionString, from, to) {
  const { Client } = require('pg')
  const client = new Client({ connectionString })
  await client.connect()
  await client.query('SET search_path TO gatewright; SET synchronous_commit = off')
  const [before, after] = JSON.stringify(benchRequest('r-N', 1_700_000_000_000)).split('r-N')
  const eventParts = JSON.stringify(sampleEvent('r-N', 1, { data: {} })).split('r-N')
  const kinds = Array.from({ length: 1_000 }, (_, kind) =>
    createHash('sha256')
      .update(JSON.stringify([`data.action-${kind % 50}`, `shape-${Math.floor(kind / 50)}`]))
      .digest('hex'),
  )
  for (let start = from; start < to; start += BATCH) {
    const end = Math.min(to, start + BATCH) - 1
    await client.query(
      `INSERT INTO requests SELECT 'r-' || n, 1, CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'succeeded' END,
        'data.action-' || n % 50, ($5::text[])[n % 1000 + 1], 'shape-' || (n % 1000) / 50, 'bot-' || n % 100, 'run-' || n / 8,
        1700000000000 + n, CASE WHEN n % 100 = 0 THEN 1900000000000 + n END, CASE WHEN n % 100 <> 0 THEN 1700000000000000 + n END,
        1, 1700000000000000 + n, $3::text || 'r-' || n || $4::text
        FROM generate_series($1::int, $2::int) AS n`,
      [start, end, before, after, kinds],
    )
    await client.query(
      `INSERT INTO keys SELECT 'key-' || n, 'r-' || n FROM generate_series($1::int, $2::int) AS n`,
      [start, end],
    )
    await client.query(
      `INSERT INTO events SELECT 'r-' || n, 1, 1700000000000000 + n, 0, false, n % 100 = 0,
        CASE WHEN n % 100 = 0 THEN '' ELSE E'\\nlog\\n' END,
        $3::text || 'r-' || n || $4::text || 'r-' || n || $5::text FROM generate_series($1::int, $2::int) AS n`,
      [start, end, eventParts[0], eventParts[1], eventParts[2]],
    )
  }
  await client.query('VACUUM ANALYZE')
  await client.end()
}
