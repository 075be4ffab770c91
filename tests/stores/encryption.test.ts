import type { ApprovalStore } from '@gatewright/core'
import type { EncryptionKey } from '@gatewright/core/encryption'
import {
  createSample,
  sampleDelivery,
  sampleEvent,
  sampleGrant,
  sampleLease,
  sampleMove,
  sampleRequest,
  sampleReviewer,
} from '@gatewright/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ENCRYPTING_STORES, type EncryptedDatabase, OLD_KEY } from './encrypted-databases'

const SECRET = 'the merger with Umbrella'
const keyOf = (id: string, byte: number): EncryptionKey => ({ id, key: new Uint8Array(32).fill(byte) })
const [K1, K2] = [keyOf('k.1', 1), keyOf('k-2', 2)]

describe.each(ENCRYPTING_STORES)('encryption at rest in $name', ({ begin }) => {
  let server: Awaited<ReturnType<typeof begin>>
  let database: EncryptedDatabase
  beforeAll(async () => {
    server = await begin()
  })
  afterAll(() => server.stop?.())
  beforeEach(() => {
    database = server.make()
  })
  afterEach(() => database.dispose())

  const open = (...keys: readonly EncryptionKey[]) => database.open(() => keys)

  /** Uses a store with these keys, and closes it. */
  async function using<T>(keys: readonly EncryptionKey[], work: (store: ApprovalStore) => Promise<T>) {
    const store = open(...keys)
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }

  const intentOf = async (store: ApprovalStore, id: string) => (await store.get(id))?.intent

  test('nothing of arguments, intent, events, results, marks, messages, grants, handles or people stands in clear, and all comes back', async () => {
    const store = open(K1)
    const request = sampleRequest('r-1', {
      createdAt: store.now(),
      intent: SECRET,
      arguments: JSON.stringify([SECRET]),
      key: 'k'.repeat(64),
    })
    const event = sampleEvent('r-1', 1, {
      data: { note: SECRET },
      openings: [{ pointer: '/a', salt: 'c2FsdA==', value: SECRET }],
    })
    await store.create(request, [event])
    const mark = { key: 'm', until: store.now() + 60_000, value: SECRET }
    const move = sampleMove(request, { result: SECRET, status: 'rejected' }, { mark })
    await store.transition(move)
    const delivery = sampleDelivery('d-1', 'r-1', { reference: SECRET, error: SECRET })
    const lease = sampleLease('c-1', { handle: SECRET })
    const grant = sampleGrant('g-1', { note: SECRET })
    const person = { ...sampleReviewer(), name: SECRET }
    await store.deliveries.put(delivery)
    await store.credentials.put(lease)
    await store.grants.put(grant, 0, [])
    await store.links.put({ issuer: 'i', subject: 's' }, person, person)
    const held = await database.held()
    expect(held).toContain('k.1')
    expect(held).not.toContain('Umbrella')
    expect(await store.get('r-1')).toEqual(move.next)
    expect(await store.outbox.unpublished({ logId: 'log', limit: 1 })).toEqual([event])
    expect(await store.counters.mark('m')).toEqual(mark)
    expect(await store.deliveries.of('r-1')).toEqual([delivery])
    expect(await store.credentials.list(1)).toEqual([lease])
    expect(await store.grants.get('g-1')).toEqual(grant)
    expect(await store.links.get({ issuer: 'i', subject: 's' })).toMatchObject({ subject: person.subject })
  })

  test('another key first: it seals, the old one still opens, and without it nothing does that it sealed', async () => {
    await using([K1], (store) => createSample(store, 'r-1', { intent: 'old' }))
    await using([K2, K1], async (store) => {
      await createSample(store, 'r-2', { intent: 'new' })
      expect(await intentOf(store, 'r-1')).toBe('old')
    })
    await using([K2], async (store) => {
      expect(await intentOf(store, 'r-2')).toBe('new')
      await expect(intentOf(store, 'r-1')).rejects.toThrow(
        /encrypted with the key "k\.1", which "encryption\.keys" does not list.*Nothing was executed or changed/,
      )
    })
    await using([keyOf('k-2', 9), K1], (store) =>
      expect(intentOf(store, 'r-2')).rejects.toThrow(/"k-2", and does not open with it.*the key is another/),
    )
    await using([], (store) =>
      expect(intentOf(store, 'r-2')).rejects.toThrow(/"k-2", and the store was opened without "encryption"/),
    )
  })

  test('a key that comes while the store is open counts at once', async () => {
    let keys = [K1]
    const store = database.open(() => keys)
    await createSample(store, 'r-1')
    keys = [K2, K1]
    await createSample(store, 'r-2')
    await store.close()
    await using([K1], (other) => expect(intentOf(other, 'r-2')).rejects.toThrow('the key "k-2"'))
  })

  test('a row that is cut, or put in the place of another, does not open', async () => {
    const store = open(K1)
    await createSample(store, 'r-1', { intent: 'first' })
    await createSample(store, 'r-2')
    await database.putInPlace('r-2', 'r-1')
    await expect(intentOf(store, 'r-2')).rejects.toThrow(
      /"k\.1", and does not open with it.*changed or moved/,
    )
    for (const length of [40, 20, 12]) {
      await database.cut('r-2', length)
      await expect(intentOf(store, 'r-2'), `${length}`).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
      })
    }
    expect(await intentOf(store, 'r-1')).toBe('first')
  })

  test('what was stored before encryption was switched on is read, and sealed when it next changes', async () => {
    const request = await using([], (store) => createSample(store, 'r-1', { intent: 'in clear' }))
    const store = open(K1)
    expect(await intentOf(store, 'r-1')).toBe('in clear')
    await store.transition(sampleMove(request))
    await store.close()
    await using([], (other) => expect(intentOf(other, 'r-1')).rejects.toThrow('the key "k.1"'))
  })

  test('what the first release sealed opens', async () => {
    const store = open(K1, OLD_KEY)
    await createSample(store, 'r-1')
    await database.putOldDelivery()
    expect(await store.deliveries.of('r-1')).toEqual([{ reference: 'der Zoll sagt äh—nein' }])
  })
})
