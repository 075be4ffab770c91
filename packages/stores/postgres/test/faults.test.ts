import { inspect } from 'node:util'
import { type ApprovalStore, GatewrightError } from '@gatewright/core'
import { createSample, sampleDelivery, sampleMove } from '@gatewright/testing'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type PostgresStoreOptions, postgresSchema, postgresStore } from '../src'
import { startProxy } from './proxy'
import { startServer, type TestServer } from './server'
import { troubled } from './troubled-pool'

let server: TestServer
const schema = `faults_${process.pid}`
beforeAll(async () => {
  server = await startServer()
  const store = postgresStore({ connectionString: server.connectionString, schema })
  await store.ready()
  await store.close()
})
afterAll(async () => {
  await server.admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  await server.stop()
})

/** The server's address with something else in it. */
function address(change: (url: URL) => void): string {
  const url = new URL(server.connectionString)
  change(url)
  return url.href
}

/** For what a store tries again until its time is over, at an address that answers at once or never. */
const soon = { connectTimeout: '300ms' } as const

/** What a store says that cannot work. It has time: a server of a busy machine takes some until it says what is wrong. */
async function failure(
  options: PostgresStoreOptions,
  ask: (store: ApprovalStore) => PromiseLike<unknown> | unknown = (store) => store.get('r-1'),
): Promise<GatewrightError> {
  const store = postgresStore({ connectTimeout: '30s', schema, ...options })
  try {
    await ask(store)
  } catch (error) {
    if (GatewrightError.isInstance(error)) return error
    throw error
  } finally {
    await store.close()
  }
  throw new Error('it worked')
}

/** Runs as a user of its own, which may do what is granted. */
async function withRole(
  grants: (role: string) => readonly string[],
  work: (connectionString: string) => Promise<void>,
): Promise<void> {
  const role = `gw_role_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
  await server.admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'hidden-word'`)
  try {
    for (const text of grants(role)) await server.admin.query(text)
    await work(
      address((url) => {
        url.username = role
        url.password = 'hidden-word'
      }),
    )
  } finally {
    await server.admin.query(`DROP OWNED BY ${role}`)
    await server.admin.query(`DROP ROLE ${role}`)
  }
}

const full = (role: string) => [
  `GRANT USAGE ON SCHEMA "${schema}" TO ${role}`,
  `GRANT ALL ON ALL TABLES IN SCHEMA "${schema}" TO ${role}`,
]

describe('a server that is of no use is said to be, with what to do, and never with a password', () => {
  test('a wrong password', async () => {
    const connectionString = address((url) => {
      url.password = 'hidden-word'
    })
    const error = await failure({ connectionString })
    expect(error.code).toBe('ERR_STORE_UNAVAILABLE')
    expect(error.message).toMatch(/refused the user or the password.*Nothing was executed/)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hidden-word')
  })

  test('a missing database', async () => {
    const connectionString = address((url) => {
      url.pathname = '/nowhere'
    })
    expect((await failure({ connectionString })).message).toMatch(
      /database does not exist.*Nothing was executed/,
    )
  })

  test('no server at the address, and a name that means nothing', async () => {
    const connectionString = 'postgres://user:hidden-word@127.0.0.1:1/database'
    const error = await failure({ connectionString, ...soon })
    expect(error.message).toMatch(/no PostgreSQL server answers.*Nothing was executed/)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hidden-word')
    const nameless = await failure({
      connectionString: 'postgres://user:hidden-word@no.such.invalid/database',
      ...soon,
    })
    expect(nameless.code).toBe('ERR_STORE_UNAVAILABLE')
    expect(inspect(nameless, { depth: 9, showHidden: true })).not.toContain('hidden-word')
  })

  test('something at the address that never answers', async () => {
    const proxy = await startProxy(1)
    const connectionString = `postgres://user:hidden-word@127.0.0.1:${proxy.port}/database`
    const error = await failure({ connectionString, ...soon })
    await proxy.close()
    expect(error.code).toBe('ERR_STORE_UNAVAILABLE')
    expect(error.message).toContain('Nothing was executed')
  })

  test('no permission to make the tables', () =>
    withRole(
      () => [],
      async (connectionString) => {
        const error = await failure({ connectionString, schema: 'elsewhere' })
        expect(error.message).toMatch(/does not permit.*postgresSchema.*Nothing was executed/)
      },
    ))

  test('a server that only reads', () =>
    withRole(
      (role) => [...full(role), `ALTER ROLE ${role} SET default_transaction_read_only = on`],
      async (connectionString) => {
        const error = await failure({ connectionString }, (store) => createSample(store, 'read-only'))
        expect(error.message).toMatch(/only reads.*Connect to the primary.*Nothing was executed/)
      },
    ))

  test('too many connections', () =>
    withRole(
      (role) => [...full(role), `ALTER ROLE ${role} CONNECTION LIMIT 0`],
      async (connectionString) => {
        // It is tried again so long, and each time has so long to be refused.
        const error = await failure({ connectionString, connectTimeout: '2s' })
        expect(error.message).toMatch(/too many connections.*maxConnections/)
      },
    ))

  test('a full disk', async () => {
    const pool = troubled(server.admin, ({ text }) =>
      /INSERT INTO "faults_\d+"\."requests"/.test(text)
        ? Object.assign(new Error('could not extend file "base/1/2": No space left on device'), {
            code: '53100',
          })
        : null,
    )
    const error = await failure({ pool }, (store) => createSample(store, 'full'))
    expect(error.message).toMatch(/disk of the PostgreSQL server is full.*Nothing was executed/)
  })

  test('a statement that takes too long', async () => {
    const { connectionString } = server
    const patient = postgresStore({ connectionString, schema })
    const move = sampleMove(await createSample(patient, 'slow'))
    const store = postgresStore({ connectionString, schema, statementTimeout: '300ms' })
    const holder = await server.admin.connect()
    await holder.query('BEGIN')
    await holder.query(`SELECT 1 FROM "${schema}".requests WHERE id = 'slow' FOR UPDATE`)
    await expect(store.transition(move)).rejects.toThrow(/did not answer in time/)
    await holder.query('ROLLBACK')
    holder.release()
    // It was not made then, nor later.
    expect(await patient.transition(move)).toMatchObject({ applied: true })
    await Promise.all([patient.close(), store.close()])
  })
})

describe('versions of the schema', () => {
  const options = () => ({ connectionString: server.connectionString, schema: `versions_${process.pid}` })
  const tables = `versions_${process.pid}`

  test('eight processes that start together make it once', async () => {
    const stores = Array.from({ length: 8 }, () => postgresStore(options()))
    await Promise.all(stores.map((store) => store.ready()))
    const { rows } = await server.admin.query(`SELECT version FROM ${tables}.migrations`)
    expect(rows.map(({ version }) => version).sort()).toEqual([1, 2])
    await Promise.all(stores.map((store) => store.close()))
  })

  test('T34: messages of version 1 are looked at once each, whatever their status, and others when they are due', async () => {
    const store = postgresStore(options())
    const request = await createSample(store, 'r-1')
    const rows = [
      sampleDelivery('d-2', request.id, { status: 'delivered' }),
      sampleDelivery('d-1', request.id, { status: 'failed' }),
      sampleDelivery('d-3', request.id, { status: 'sending', nextAttemptAt: 5 }),
      sampleDelivery('d-4', request.id, { status: 'sending', nextAttemptAt: store.now() + 60_000 }),
    ]
    for (const row of rows) await store.deliveries.put(row)
    await store.close()
    // As version 1 left it.
    await server.admin.query(`DELETE FROM ${tables}.migrations WHERE version = 2;
      DROP INDEX ${tables}.deliveries_due; CREATE INDEX deliveries_next ON ${tables}.deliveries (next_at)`)
    const again = postgresStore(options())
    const found: string[] = []
    let [row] = await again.deliveries.due(1)
    while (row !== undefined) {
      found.push(row.id)
      ;[row] = await again.deliveries.due(1, row)
    }
    expect(found).toEqual(['d-1', 'd-2', 'd-3'])
    for (const one of rows) await again.deliveries.put({ ...one, nextAttemptAt: null })
    expect(await again.deliveries.due(9)).toEqual([])
    await again.close()
    const { rows: indexes } = await server.admin.query(
      `SELECT indexname FROM pg_indexes WHERE schemaname = $1 AND tablename = 'deliveries' ORDER BY 1`,
      [tables],
    )
    expect(indexes.map(({ indexname }) => indexname)).toEqual([
      'deliveries_due',
      'deliveries_pkey',
      'deliveries_request',
    ])
  })

  test('a newer one is refused, and stays as it is', async () => {
    await server.admin.query(`INSERT INTO ${tables}.migrations VALUES (99, now())`)
    const error = await failure(options())
    expect(error.code).toBe('ERR_STORE_UNAVAILABLE')
    expect(error.message).toMatch(/version 99.*knows up to 2.*Update @gatewright\/store-postgres/)
    await server.admin.query(`DELETE FROM ${tables}.migrations WHERE version = 99`)
    const store = postgresStore(options())
    expect((await store.get('r-1'))?.id).toBe('r-1')
    await store.close()
  })

  test('without migrate, a missing or older one is refused, and what postgresSchema lists makes it', async () => {
    await server.admin.query(`DROP SCHEMA ${tables} CASCADE`)
    expect((await failure({ ...options(), migrate: false })).message).toMatch(
      /migrate is false.*postgresSchema/,
    )
    for (const text of postgresSchema({ schema: tables })) await server.admin.query(text)
    for (const text of postgresSchema({ schema: tables })) await server.admin.query(text)
    const store = postgresStore({ ...options(), migrate: false })
    expect(await store.get('r-1')).toBeNull()
    await store.close()
    await server.admin.query(`DROP SCHEMA ${tables} CASCADE`)
  })
})

describe('what a server does that is well', () => {
  test('it goes away and comes back, and the store with it', async () => {
    const proxy = await startProxy(server.port)
    const connectionString = address((url) => {
      url.hostname = '127.0.0.1'
      url.port = String(proxy.port)
    })
    // Time enough to come back in on a busy machine; so long it is away, too.
    const store = postgresStore({ connectionString, schema, connectTimeout: '2s' })
    const request = await createSample(store, 'away')
    proxy.refuse(true)
    proxy.cut()
    // What is read would be asked again, each time for as long.
    await expect(store.leases.renew('p-1', 60_000)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    proxy.refuse(false)
    expect(await store.get('away')).toEqual(request)
    proxy.cut()
    expect(await store.get('away'), 'a read is asked again').toEqual(request)
    await store.close()
    await proxy.close()
  })

  test('what it refuses for the sake of other transactions is tried again', async () => {
    let refused = 0
    const pool = troubled(server.admin, ({ text }) => {
      if (!/UPDATE "faults_\d+"\."requests"/.test(text) || refused === 3) return null
      refused += 1
      return Object.assign(new Error('could not serialize access'), {
        code: refused % 2 === 0 ? '40P01' : '40001',
      })
    })
    const store = postgresStore({ pool, schema })
    const move = sampleMove(await createSample(store, 'again'))
    expect(await store.transition(move)).toMatchObject({ applied: true })
    expect(refused).toBe(3)
    await store.close()
  })

  test('a pool that the host has is given back whole, and never ended', async () => {
    const pool = new Pool({ connectionString: server.connectionString, max: 3 })
    const store = postgresStore({ pool, schema })
    store.changes(() => undefined, new AbortController().signal)
    await Promise.all(Array.from({ length: 20 }, () => store.due(5)))
    await store.close()
    await expect.poll(() => pool.idleCount === pool.totalCount).toBe(true)
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await pool.end()
  })

  test('T49: time is the server’s, whatever this computer’s clock says', async () => {
    const store = postgresStore({ connectionString: server.connectionString, schema })
    await store.ready()
    const really = Date.now()
    const wrong = vi.spyOn(Date, 'now').mockReturnValue(really + 3_600_000)
    try {
      expect(Math.abs(store.now() - really)).toBeLessThan(5_000)
      const move = sampleMove(await createSample(store, 'skewed'))
      expect(await store.transition({ ...move, notAfter: really - 1_000 })).toMatchObject({ reason: 'late' })
      expect(await store.transition({ ...move, notAfter: really + 60_000 })).toMatchObject({ applied: true })
    } finally {
      wrong.mockRestore()
      await store.close()
    }
  })
})
