import { createSample, sampleEvent, sampleMove, sampleRequest } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { keyOf, openStore, scratchFile } from './scratch'
import { rows, sql } from './sql'

const CONTEXT = { status: 'available', value: '{"rows":7}', digest: 'd'.repeat(64) } as const

test.each([
  ['context', { context: CONTEXT }],
  ['intent and action', { intent: 'another', action: 'data.erase' }],
  ['arguments', { arguments: '[{"rows":11}]', argumentsDigest: 'e'.repeat(64) }],
] as const)('a move that changes %s of what a request is changes that in the file', async (_, changed) => {
  const file = scratchFile()
  const store = openStore(file)
  await store.opened
  const request = await createSample(store, 'r-1')
  const move = sampleMove(request, changed)
  await store.transition(move)
  expect(await store.get('r-1')).toEqual(move.next)
  expect((await store.list({ action: move.next.action })).requests).toEqual([move.next])
  const next = sampleMove(move.next, { reminders: 1 })
  await store.transition(next)
  expect(await openStore(file).get('r-1')).toEqual(next.next)
})

test('what a request is is written again only where it changed', async () => {
  const file = scratchFile()
  // Sealed anew it would be other bytes.
  const store = openStore(file, { encryption: { keys: () => [keyOf('k1', 1)] } })
  await store.opened
  const request = await createSample(store, 'r-1')
  const contents = () => rows(file, 'SELECT hex(content) FROM requests')
  const before = contents()
  const move = sampleMove(request, { reminders: 1 })
  await store.transition(move)
  expect(contents()).toEqual(before)
  expect(await store.get('r-1')).toEqual(move.next)
  await store.transition(sampleMove(move.next, { intent: 'another' }))
  expect(contents()).not.toEqual(before)
})

test('what this process knows of an older version says nothing of a newer one', async () => {
  const file = scratchFile()
  const [here, there] = [openStore(file), openStore(file)]
  await Promise.all([here.opened, there.opened])
  const request = await createSample(here, 'r-1')
  const read = await there.get('r-1')
  const edited = sampleMove(read ?? request, { context: CONTEXT })
  await there.transition(edited)
  // Made of what was known here before the other process moved it, and meant for what that made of it.
  const { next } = sampleMove(edited.next, { reminders: 1 })
  const move = sampleMove(edited.next, { ...request, version: 3, lastEvent: next.lastEvent })
  expect((await here.transition(move)).applied).toBe(true)
  expect((await there.get('r-1'))?.context).toBe(null)
})

test('events that another log has a part of stay until it has the rest', async () => {
  const store = openStore(scratchFile())
  const request = sampleRequest('r-1')
  await store.create(request, [sampleEvent('r-1', 1)])
  await store.transition(sampleMove(request, { status: 'succeeded', dueAt: null }))
  await store.outbox.published('one', ['r-1/1'])
  await store.outbox.published('other', ['r-1/1'])
  await store.outbox.published('one', ['r-1/2'])
  const left = await store.outbox.unpublished({ logId: 'other', subject: 'r-1', limit: 9 })
  expect(left.map(({ seq }) => seq)).toEqual([2])
})

test('a move that leaves the status as it is sets it where somebody else changed it', async () => {
  const file = scratchFile()
  const store = openStore(file)
  await store.opened
  const request = await createSample(store, 'r-1')
  sql(file, "UPDATE requests SET status = 'approved', due_at = 7")
  const move = sampleMove(request, { reminders: 1 })
  expect((await store.transition(move)).applied).toBe(true)
  expect(rows(file, 'SELECT version, status, due_at, last_seq FROM requests')).toEqual([
    [2, 'pending', request.dueAt, 2],
  ])
  expect((await store.list({ status: 'pending' })).requests).toEqual([move.next])
})

test('a move that leaves the status as it is changes neither status nor time, and one that does changes both', async () => {
  const file = scratchFile()
  const store = openStore(file)
  await store.opened
  const request = await createSample(store, 'r-1')
  const move = sampleMove(request, { reminders: 1 })
  await store.transition(move)
  const next = sampleMove(move.next, { dueAt: 9 })
  await store.transition(next)
  const last = sampleMove(next.next, { status: 'approved', dueAt: 9 })
  await store.transition(last)
  expect(rows(file, 'SELECT version, status, due_at FROM requests')).toEqual([[4, 'approved', 9]])
  expect(await store.get('r-1')).toEqual(last.next)
})

test('the events of many requests that come together are all kept, each chain in its order', async () => {
  const file = scratchFile()
  const store = openStore(file)
  await store.opened
  const ids = Array.from({ length: 45 }, (_, number) => `r-${number}`)
  await Promise.all(ids.map((id) => store.create(sampleRequest(id), [sampleEvent(id, 1)])))
  await Promise.all(ids.map((id) => store.transition(sampleMove(sampleRequest(id), { reminders: 1 }))))
  const found = await store.outbox.unpublished({ logId: 'log', limit: 100 })
  expect(found.map(({ id }) => id).sort()).toEqual(ids.flatMap((id) => [`${id}/1`, `${id}/2`]).sort())
  expect(found.slice(0, 45).every(({ seq }) => seq === 1)).toBe(true)
})

test('of requests that come together, one whose events are there already is refused, and leaves the others', async () => {
  const file = scratchFile()
  const store = openStore(file)
  await store.opened
  sql(file, "INSERT INTO events (subject, seq, doc) VALUES ('r-2', 1, '{}')")
  const ids = ['r-1', 'r-2', 'r-3']
  const results = await Promise.allSettled(
    ids.map((id) => store.create(sampleRequest(id), [sampleEvent(id, 1)])),
  )
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(rows(file, 'SELECT id FROM requests ORDER BY id')).toEqual([['r-1'], ['r-3']])
  expect(rows(file, 'SELECT subject FROM events ORDER BY subject')).toEqual([['r-1'], ['r-2'], ['r-3']])
})

test('a chain that goes on while its beginning is noted is dropped only when the log has its end', async () => {
  const file = scratchFile()
  const store = openStore(file)
  await store.opened
  const request = await createSample(store, 'r-1')
  await Promise.all([
    store.transition(sampleMove(request, { status: 'succeeded', dueAt: null })),
    store.outbox.published('log', ['r-1/1']),
  ])
  const events = () => rows(file, 'SELECT seq, log FROM events ORDER BY seq')
  expect(events()).toEqual([
    [1, 'log'],
    [2, null],
  ])
  await store.outbox.published('log', ['r-1/2'])
  expect(events()).toEqual([])
})

test('what is recorded together with a request that is forgotten keeps it', async () => {
  const file = scratchFile()
  const store = openStore(file)
  await store.opened
  const request = await createSample(store, 'r-1')
  await store.outbox.published('log', ['r-1/1'])
  const [, forgotten] = await Promise.all([
    store.transition(sampleMove(request, { status: 'succeeded', dueAt: null })),
    store.forget('r-1'),
  ])
  // I7: no log holds its end yet.
  expect(forgotten).toBe(false)
})

test('of requests that come together, one whose id is taken is refused, and the others have their events once', async () => {
  const file = scratchFile()
  const store = openStore(file)
  await store.opened
  await createSample(store, 'r-2')
  const ids = ['r-1', 'r-2', 'r-3']
  const results = await Promise.allSettled(
    ids.map((id) => store.create(sampleRequest(id), [sampleEvent(id, 1)])),
  )
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(rows(file, 'SELECT subject FROM events ORDER BY subject')).toEqual([['r-1'], ['r-2'], ['r-3']])
})
