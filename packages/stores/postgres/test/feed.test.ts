import { createSample } from '@gatewright/testing'
import { Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresPool, postgresStore } from '../src'
import { startProxy } from './proxy'
import { startServer, type TestServer } from './server'

let server: TestServer
const schema = `feed_${process.pid}`
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  await server.stop()
})

test('a store whose connection was lost hears afterwards of what it missed, without waiting for the next look', async () => {
  const proxy = await startProxy(server.port)
  const through = new URL(server.connectionString)
  through.hostname = '127.0.0.1'
  through.port = String(proxy.port)
  const writer = postgresStore({ connectionString: server.connectionString, schema })
  const reader = postgresStore({ connectionString: through.href, schema, pollEvery: '1h' })
  const heard = new Set<string>()
  reader.changes((ids) => {
    for (const id of ids) heard.add(id)
  }, new AbortController().signal)
  const long = 'x'.repeat(9_000)
  await createSample(writer, 'before')
  await expect.poll(() => heard).toContain('before')
  proxy.refuse(true)
  proxy.cut()
  await createSample(writer, 'missed')
  await createSample(writer, long)
  expect(heard).not.toContain('missed')
  proxy.refuse(false)
  await expect.poll(() => [...heard].sort()).toEqual(['before', 'missed', long].sort())
  await createSample(writer, 'after')
  await expect.poll(() => heard).toContain('after')
  await Promise.all([reader.close(), writer.close()])
  await proxy.close()
})

test('without LISTEN changes are found by looking', async () => {
  const options = {
    connectionString: server.connectionString,
    schema,
    listen: false,
    pollEvery: '20ms',
  } as const
  const writer = postgresStore(options)
  const reader = postgresStore(options)
  const heard = new Set<string>()
  const controller = new AbortController()
  reader.changes((ids) => {
    for (const id of ids) heard.add(id)
  }, controller.signal)
  for (const id of ['looked-1', 'looked-2']) {
    await createSample(writer, id)
    await expect.poll(() => heard).toContain(id)
  }
  controller.abort()
  await Promise.all([reader.close(), writer.close()])
})

test('a notification that is nonsense harms nobody', async () => {
  const store = postgresStore({ connectionString: server.connectionString, schema })
  const other = postgresStore({ connectionString: server.connectionString, schema })
  const heard = new Set<string>()
  store.changes((ids) => {
    for (const id of ids) heard.add(id)
  }, new AbortController().signal)
  await createSample(other, 'sense-1')
  await expect.poll(() => heard).toContain('sense-1')
  const { rows } = await server.admin.query('SELECT query FROM pg_stat_activity WHERE query LIKE $1', [
    'LISTEN "gatewright_%',
  ])
  const channel = /"(.*)"/.exec(String(rows[0]?.query))?.[1]
  for (const payload of ['', '{', '{"a":1}', '[1,2]', 'null', '[]'])
    await server.admin.query('SELECT pg_notify($1, $2)', [channel, payload])
  await createSample(other, 'sense-2')
  await expect.poll(() => heard).toContain('sense-2')
  await Promise.all([store.close(), other.close()])
})

test('a connection that comes about after nobody listens any more is given back', async () => {
  const pool = new Pool({ connectionString: server.connectionString, max: 3 })
  let [out, taken] = [0, 0]
  pool.on('acquire', () => {
    out += 1
    taken += 1
  })
  pool.on('release', () => {
    out -= 1
  })
  pool.on('error', () => undefined)
  let letGo = (): void => undefined
  let held: Promise<void> | null = null
  const slow: PostgresPool = {
    async connect() {
      await held
      return pool.connect()
    },
  }
  const store = postgresStore({ pool: slow, schema })
  await store.ready()
  held = new Promise((resolve) => {
    letGo = resolve
  })
  store.changes(() => undefined, new AbortController().signal)
  await new Promise(setImmediate)
  await store.close()
  const before = taken
  letGo()
  await expect.poll(() => [taken > before, out]).toEqual([true, 0])
  await pool.end()
})
