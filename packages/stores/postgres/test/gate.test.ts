import { GatewrightError } from '@gatewright/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresStore } from '../src'
import { approve, effectFile, effectIn, gateOver } from './effects'
import { startServer, type TestServer } from './server'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

let schemas = 0
async function withSchema(work: (schema: string) => Promise<void>): Promise<void> {
  schemas += 1
  const schema = `gate_${process.pid}_${schemas}`
  try {
    await work(schema)
  } finally {
    await server.admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  }
}

/** The requests that suspended calls left. */
async function suspended(calls: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const ends = await Promise.allSettled(calls)
  return ends.map((end) => {
    const error: unknown = end.status === 'rejected' ? end.reason : null
    if (
      GatewrightError.isInstance(error) &&
      error.code === 'ERR_APPROVAL_PENDING' &&
      error.requestId !== undefined
    )
      return error.requestId
    throw error ?? new Error('a call did not suspend')
  })
}

describe('a gate over PostgreSQL', () => {
  test('I8: closed with requests pending and opened again, its callers re-attach by key, and the rest is resumed', () =>
    withSchema(async (schema) => {
      const { path, lines } = effectFile()
      const options = { connectionString: server.connectionString, schema }
      const keyed = { action: 'data.export', key: (name: string) => name }
      const names = Array.from({ length: 20 }, (_, number) => `row-${number}`)

      const before = postgresStore(options)
      const first = gateOver(before)
      const tool = first.requireApproval(effectIn(path), keyed)
      const ids = await suspended(names.map((name) => tool(name)))
      await first.close()
      await before.close()

      const after = postgresStore(options)
      const second = gateOver(after)
      const again = second.requireApproval(effectIn(path), keyed)
      expect(await suspended(names.map((name) => again(name)))).toEqual(ids)
      await Promise.all(ids.map((id) => approve(second, id)))
      const attached = await Promise.all(names.slice(0, 10).map((name) => again(name)))
      const resumed = await Promise.all(ids.slice(10).map((id) => second.resume(id)))
      expect([...attached, ...resumed]).toEqual(names)
      expect([...lines()].sort()).toEqual([...names].sort())
      await expect(again('row-0')).rejects.toMatchObject({ code: 'ERR_ALREADY_EXECUTED' })
      expect((await second.requests.list({ status: 'succeeded' })).requests).toHaveLength(20)
      await second.close()
      await after.close()
    }))
})
