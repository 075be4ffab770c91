import { createSample, sampleEvent, sampleMove, sampleRequest } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { keyOf, openStore, scratchFile } from './scratch'
import { rows } from './sql'

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
