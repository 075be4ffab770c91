import { createSample, sampleEvent, sampleMove, sampleRequest } from '@gatewright/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src'
import { startServer, type TestServer } from './server'

let server: TestServer
const schema = `forgetting_${process.pid}`
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  await server.stop()
})

function open() {
  return postgresStore({ connectionString: server.connectionString, schema })
}

test('I3: no creation slips in between a request that is being forgotten and the tombstone of its key', async () => {
  const [one, other] = [open(), open()]
  const numbers = Array.from({ length: 60 }, (_, number) => number)
  await Promise.all(
    numbers.map(async (number) => {
      const request = await createSample(one, `first-${number}`, { key: `key-${number}` })
      await one.transition(sampleMove(request, { status: 'rejected' }))
      await one.outbox.published('log', [`first-${number}/1`, `first-${number}/2`])
    }),
  )
  const created = await Promise.all(
    numbers.map(async (number) => {
      const again = sampleRequest(`second-${number}`, { key: `key-${number}` })
      const [forgotten, result] = await Promise.all([
        one.forget(`first-${number}`),
        other.create(again, [sampleEvent(again.id, 1)]),
      ])
      expect(forgotten).toBe(true)
      return result.created
    }),
  )
  expect(created.filter(Boolean)).toEqual([])
  expect(await other.getByKey('key-0')).toMatchObject({ requestId: 'first-0', status: 'rejected' })
  await Promise.all([one.close(), other.close()])
})

test('I7: a request that is told more while it is being forgotten keeps what it was told, or was gone before', async () => {
  const [one, other] = [open(), open()]
  for (let round = 0; round < 40; round += 1) {
    const id = `told-${round}`
    const ran = sampleMove(await createSample(one, id), { status: 'unknown' })
    await one.transition(ran)
    await one.outbox.published('log', [`${id}/1`, `${id}/2`])
    const [forgotten, told] = await Promise.all([one.forget(id), other.transition(sampleMove(ran.next))])
    const kept = await one.outbox.unpublished({ logId: 'log', subject: id, limit: 9 })
    if (forgotten) expect([told.applied, kept, await one.get(id)]).toEqual([false, [], null])
    else expect([told.applied, kept.map(({ seq }) => seq)]).toEqual([true, [3]])
  }
  await Promise.all([one.close(), other.close()])
})

test('forgetting leaves no row of the request behind but its key’s', async () => {
  const store = open()
  const request = await createSample(store, 'whole', { key: 'key-whole' })
  await store.transition(sampleMove(request, { status: 'expired' }))
  await store.outbox.published('log', ['whole/1', 'whole/2'])
  expect(await store.forget('whole')).toBe(true)
  for (const [table, column] of [
    ['requests', 'id'],
    ['events', 'subject'],
    ['deliveries', 'request_id'],
  ]) {
    const { rows } = await server.admin.query(`SELECT 1 FROM "${schema}".${table} WHERE ${column} = 'whole'`)
    expect(rows, table).toEqual([])
  }
  await store.close()
})
