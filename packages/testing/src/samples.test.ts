import { checkCreation, checkTransition, memoryStore } from '@gatewright/core'
import { expect, test } from 'vitest'
import { createSample, sampleEvent, sampleGrant, sampleMove, sampleRequest } from './samples'

test('a sample can be created, and its moves follow each other, whatever fields were given', () => {
  const request = sampleRequest('r-1', { createdAt: 5, action: 'a.run' })
  expect(() => checkCreation(request, [sampleEvent('r-1', 1)])).not.toThrow()
  const first = sampleMove(request, { reminders: 1 })
  expect(() => checkTransition(first, request)).not.toThrow()
  expect(() => checkTransition(sampleMove(first.next, { status: 'rejected' }), first.next)).not.toThrow()
  expect(() => checkTransition(sampleMove(request), first.next)).toThrow()
})

test('the times of a sample go with its creation, and stay where they were given', () => {
  expect(sampleRequest('r-1', { createdAt: 5, dueAt: 7 })).toMatchObject({
    createdAt: 5,
    stageOpenedAt: 5,
    expiresAt: 1_800_005,
    dueAt: 7,
  })
  expect(sampleGrant('g-1', { createdAt: 5 }).expiresAt).toBe(3_600_005)
})

test('creating a sample whose key is taken says so', async () => {
  const store = memoryStore()
  const request = await createSample(store, 'r-1', { key: 'k' })
  expect(await store.get('r-1')).toEqual(request)
  await expect(createSample(store, 'r-2', { key: 'k' })).rejects.toThrow('"r-2" was not created')
  expect(await store.get('r-2')).toBeNull()
})
