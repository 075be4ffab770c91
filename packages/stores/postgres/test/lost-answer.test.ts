import { Pool } from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { postgresStore } from '../src'
import { approve, effectFile, effectIn, gateOver } from './effects'
import { startProxy } from './proxy'
import { startServer, type TestServer } from './server'

let server: TestServer
const schema = `lost_${process.pid}`
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  await server.stop()
})

/**
 * On a pool of the host's, the store cannot end what the server still does for a connection that was lost: the claim is
 * applied after everybody was told that it is not known.
 */
test('I3, I8: a claim on a host’s pool that is applied after its connection was lost is found and closed', async () => {
  const proxy = await startProxy(server.port)
  const url = new URL(server.connectionString)
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  const pool = new Pool({ connectionString: url.href, max: 5 })
  pool.on('error', () => undefined)
  const store = postgresStore({ pool, schema, connectTimeout: '10s' })
  const { path, lines } = effectFile()
  const gate = gateOver(store, { sweepEvery: '100ms', lease: '10s' })
  const tool = gate.requireApproval(effectIn(path), { action: 'data.export', key: (name: string) => name })
  await expect(tool('row')).rejects.toMatchObject({ code: 'ERR_APPROVAL_PENDING' })
  const [request] = (await gate.requests.list({ status: 'pending' })).requests
  const id = request?.id ?? ''
  await approve(gate, id)

  const holder = await server.admin.connect()
  await holder.query('BEGIN')
  await holder.query(`SELECT 1 FROM "${schema}".requests WHERE id = $1 FOR UPDATE`, [id])
  const call = tool('row').then(
    () => 'ran',
    (error: { code?: string }) => error.code,
  )
  const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`
  await vi.waitFor(async () => expect((await server.admin.query(waiting)).rows).toHaveLength(1), 30_000)
  proxy.cut()
  expect(await call).toBe('ERR_STORE_UNAVAILABLE')

  // Sweeps go by that find an approval, and must not be content with it.
  const renewals = vi.spyOn(store.leases, 'renew')
  await vi.waitFor(() => expect(renewals.mock.calls.length).toBeGreaterThan(5), 30_000)
  expect((await server.admin.query(waiting)).rows, 'the server still means to claim').toHaveLength(1)
  expect((await store.get(id))?.status).toBe('approved')
  await holder.query('ROLLBACK')
  holder.release()

  await vi.waitFor(async () => expect((await store.get(id))?.status).toBe('blocked'), 30_000)
  expect((await store.get(id))?.outcome?.summary).toContain('nothing ran')
  await expect(tool('row')).rejects.toMatchObject({ code: 'ERR_EXECUTION_BLOCKED' })
  expect(lines()).toEqual([])
  await gate.close()
  await store.close()
  await pool.end()
  await proxy.close()
})
