import {
  type ApprovalStore,
  type CredentialBroker,
  currentSession,
  memoryStore,
  when,
} from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { attempt, fakeBroker, type Scene, scene, settle, wired } from '../../test/scene'
import type { CredentialLease } from '../contracts/store'

/** Longer than anything can be under way that a lease was saved for. */
const LONG_AGO = 600_000

async function run(
  s: Scene,
  credentials: Record<string, CredentialBroker>,
  work: () => Promise<unknown> = async () => s.effect(),
) {
  const call = attempt(s.gate.requireApproval(work, { action: 'a.run', credentials })())
  for (const { id } of await s.pending()) await s.approve(id)
  await settle()
  return call
}

/** A broker that cannot tell what it issued, and how many leases stood in the store when it was asked. */
function tracing(store: ApprovalStore) {
  const db = fakeBroker('vault', false)
  let found = 0
  const genuine = db.issue.bind(db)
  db.issue = async (session, leaseId) => {
    found = (await store.credentials.list(9)).length
    return genuine(session, leaseId)
  }
  return { db, traces: () => found }
}

describe('credentials of a session', () => {
  test('reach the function by name, and end with it', async () => {
    const s = scene()
    const db = fakeBroker('db')
    const aws = fakeBroker('aws')
    let given: unknown
    const call = await run(s, { database: db, cloud: aws }, async () => {
      given = { ...currentSession()?.credentials }
      expect([db.alive.size, aws.alive.size]).toEqual([1, 1])
    })
    expect(call.state).toBe('resolved')
    expect(given).toEqual({ database: `secret ${db.issued[0]}`, cloud: `secret ${aws.issued[0]}` })
    expect([db.alive.size, aws.alive.size]).toEqual([0, 0])
    expect(JSON.stringify([s.audit.events, s.logger.entries])).not.toContain('secret ')
  })

  test('one that cannot be issued keeps the function from running, and ends those issued before', async () => {
    for (const options of [{}, { policy: [when('*').allow()] }]) {
      const s = scene(options)
      const db = fakeBroker('db')
      const aws = fakeBroker('aws')
      aws.failing = 'issue'
      const call = await run(s, { database: db, cloud: aws })
      expect(call.code).toBe('ERR_EXECUTION_BLOCKED')
      expect(s.runs).toEqual([])
      expect(db.issued).toHaveLength(1)
      expect(db.alive.size).toBe(0)
      expect(await s.types()).toContain('execution.blocked')
      // Nothing was issued under the other lease; the sweep finds that out once nothing can be under way any more.
      await s.clock.advance('7m')
      expect(await s.store.credentials.list(10)).toEqual([])
    }
  })

  test('the lease stands in the store before anything is issued, and the request is published', async () => {
    const s = scene()
    const seen: unknown[] = []
    const db = fakeBroker()
    const genuine = db.issue.bind(db)
    db.issue = async (session, leaseId) => {
      seen.push((await s.store.credentials.list(10)).map(({ id, handle }) => [id === leaseId, handle]))
      seen.push(
        s.audit.events
          .filter(({ subject }) => subject === session.requestId)
          .map(({ type }) => type)
          .at(-1),
      )
      return genuine(session, leaseId)
    }
    await run(s, { db })
    expect(seen).toEqual([[[true, null]], 'execution.started'])
  })

  test('what was issued and could not be noted is revoked all the same', async () => {
    const clock = fakeClock()
    const store = wired(memoryStore({ clock }), {
      async before(method, [lease]) {
        if (method === 'credentials.put' && (lease as CredentialLease).handle !== null)
          throw new Error('down')
      },
    })
    const s = scene({ clock, store })
    const db = fakeBroker('vault', false)
    const call = await run(s, { db })
    expect(call.code).toBe('ERR_EXECUTION_BLOCKED')
    expect(s.runs).toEqual([])
    expect(db.issued).toHaveLength(1)
    expect(db.alive.size).toBe(0)
  })

  test('T35: a process that was taken for dead just before it issues leaves a trace, should it die right after', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let slept = false
    const store = wired(shared, {
      // The other process ends the lease while this one sleeps.
      async before(method) {
        if (method !== 'outbox.record' || slept) return
        const [lease] = await shared.credentials.list(9)
        if (lease === undefined) return
        slept = true
        await shared.credentials.remove(lease.id)
      },
    })
    const s = scene({ clock, store })
    const { db, traces } = tracing(shared)
    await run(s, { db })
    expect([slept, traces(), db.alive.size]).toEqual([true, 1, 0])
  })

  test('T35: a lease that took long to save is saved once more, since it may have been ended meanwhile', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let puts = 0
    const store = Object.assign(Object.create(shared), {
      credentials: {
        ...shared.credentials,
        async put(lease: CredentialLease) {
          puts += 1
          await shared.credentials.put(lease)
          if (puts !== 2) return
          // The answer comes late, after somebody who saw the lease before it was saved anew has ended it.
          await shared.credentials.remove(lease.id)
          await clock.advance('6m')
        },
      },
    })
    const s = scene({ clock, store })
    const { db, traces } = tracing(shared)
    await run(s, { db })
    await clock.advance('1m')
    expect([traces(), db.issued.length, db.alive.size]).toEqual([1, 1, 0])
  })

  test('a gate whose store never saves a lease in time asks no broker, and can be closed', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let puts = 0
    const store = Object.assign(Object.create(shared), {
      credentials: {
        ...shared.credentials,
        async put(lease: CredentialLease) {
          puts += 1
          await shared.credentials.put(lease)
          await new Promise<void>((resolve) => void clock.setTimer(360_000, resolve))
        },
      },
    })
    const s = scene({ clock, store })
    const { db } = tracing(shared)
    const call = await run(s, { db })
    await clock.advance('1h')
    expect([puts > 5, call.state, db.issued]).toEqual([true, 'waiting', []])
    let closed = false
    void s.gate.close().then(() => {
      closed = true
    })
    await clock.advance('10m')
    expect(closed).toBe(true)
    expect([call.code, db.issued, s.runs]).toEqual(['ERR_EXECUTION_BLOCKED', [], []])
  })

  test('T35: a lease under which nothing is found yet stays while its process may only be late, whoever dies meanwhile', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const lease = { id: 'lease-1', requestId: 'r-1', processId: 'late', broker: 'vault', handle: null }
    await shared.credentials.put({ ...lease, createdAt: clock.now() })
    const db = fakeBroker('vault')
    const s = scene({ clock, store: shared })
    s.gate.requireApproval(s.effect, { action: 'a.run', credentials: { db } })
    await s.gate.start()
    await clock.advance('5m')
    expect(await shared.credentials.list(9)).toEqual([expect.objectContaining(lease)])
    expect(await s.events('credential.revoked')).toEqual([])
    await db.issue({} as never, 'lease-1')
    await clock.advance('2m')
    expect([db.alive.size, await shared.credentials.list(9)]).toEqual([0, []])
    expect(await s.events('credential.revoked')).toHaveLength(1)
  })

  test('one that comes too late to be used is revoked when it comes', async () => {
    const s = scene({ timeouts: { lookup: '1s' } })
    const db = fakeBroker('vault', false)
    const genuine = db.issue.bind(db)
    let come = () => {}
    db.issue = async (session, leaseId) => {
      await new Promise<void>((resolve) => (come = resolve))
      return genuine(session, leaseId)
    }
    const call = await run(s, { db })
    await s.clock.advance('2s')
    expect(call.code).toBe('ERR_EXECUTION_BLOCKED')
    come()
    await settle()
    expect(db.issued).toHaveLength(1)
    expect(db.alive.size).toBe(0)
    expect(s.runs).toEqual([])
  })

  test('a process that dies leaves a lease, and the next one revokes what was issued under it', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let alive = true
    const first = scene({
      clock,
      store: wired(shared, { before: async () => (alive ? undefined : new Promise(() => {})) }),
    })
    const db = fakeBroker()
    await run(first, { db }, async () => {
      alive = false
      return new Promise(() => {})
    })
    expect(db.alive.size).toBe(1)
    const second = first.neighbour({ store: shared })
    second.gate.requireApproval(second.effect, { action: 'a.run', credentials: { db } })
    await second.gate.start()
    await clock.advance('10m')
    expect(db.alive.size).toBe(0)
    expect(await shared.credentials.list(10)).toEqual([])
    expect((await second.types()).filter((type) => type.startsWith('credential.')).at(-1)).toBe(
      'credential.revoked',
    )
  })

  test('T35: the lease of a process that was only late is left to it, since it may have issued meanwhile', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    await shared.credentials.put({
      id: 'lease-1',
      requestId: 'r-1',
      processId: 'late',
      broker: 'vault',
      handle: null,
      createdAt: clock.now() - LONG_AGO,
    })
    const db = fakeBroker('vault')
    const find = db.find?.bind(db)
    db.find = async (leaseId) => {
      const found = await find?.(leaseId)
      await shared.leases.renew('late', 60_000)
      return found ?? null
    }
    const s = scene({ clock, store: shared })
    s.gate.requireApproval(s.effect, { action: 'a.run', credentials: { db } })
    await s.gate.start()
    await settle()
    expect((await shared.credentials.list(9)).map(({ id }) => id)).toEqual(['lease-1'])
    await shared.leases.release('late')
    db.find = async () => null
    await clock.advance('2m')
    expect(await shared.credentials.list(9)).toEqual([])
  })

  test('T35: what a process issues while it is swept, as one taken for dead, ends although it dies right after', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const lease = { id: 'lease-1', requestId: 'r-1', processId: 'late', broker: 'vault', handle: null }
    await shared.credentials.put({ ...lease, createdAt: clock.now() - LONG_AGO })
    const db = fakeBroker('vault')
    const store = wired(shared, {
      async before(method) {
        if (method === 'credentials.remove' && db.issued.length === 0) await db.issue({} as never, 'lease-1')
      },
    })
    const s = scene({ clock, store })
    s.gate.requireApproval(s.effect, { action: 'a.run', credentials: { db } })
    await s.gate.start()
    await settle()
    expect(db.alive.size).toBe(1)
    await clock.advance('2m')
    expect([db.issued.length, db.alive.size]).toEqual([1, 0])
    expect(await shared.credentials.list(9)).toEqual([])
  })

  test('T35: the same, where the broker cannot tell of it just then', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const lease = { id: 'lease-1', requestId: 'r-1', processId: 'late', broker: 'vault', handle: null }
    await shared.credentials.put({ ...lease, createdAt: clock.now() - LONG_AGO })
    const db = fakeBroker('vault')
    const find = db.find?.bind(db)
    const store = wired(shared, {
      async before(method) {
        if (method !== 'credentials.remove' || db.issued.length > 0) return
        await db.issue({} as never, 'lease-1')
        db.find = async () => {
          throw new Error('vault is away')
        }
      },
    })
    const s = scene({ clock, store })
    s.gate.requireApproval(s.effect, { action: 'a.run', credentials: { db } })
    await s.gate.start()
    await settle()
    expect(await shared.credentials.list(9)).toEqual([expect.objectContaining(lease)])
    if (find !== undefined) db.find = find
    await clock.advance('2m')
    expect([db.issued.length, db.alive.size]).toEqual([1, 0])
    expect(await shared.credentials.list(9)).toEqual([])
  })

  test('T35: what was issued although it failed ends, even where the lease was ended meanwhile', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const s = scene({ clock, store: shared })
    const db = fakeBroker('vault')
    const genuine = db.issue.bind(db)
    db.issue = async (session, leaseId) => {
      await genuine(session, leaseId)
      await shared.credentials.remove(leaseId)
      throw new Error('the answer was lost')
    }
    const call = await run(s, { db })
    expect([call.code, db.alive.size]).toEqual(['ERR_EXECUTION_BLOCKED', 1])
    await clock.advance('2m')
    expect([db.issued.length, db.alive.size]).toEqual([1, 0])
  })

  test('a lease whose credential nobody can find is not said to be revoked', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    await shared.credentials.put({
      id: 'lease',
      requestId: 'r',
      processId: 'dead',
      broker: 'vault',
      handle: null,
      createdAt: 0,
    })
    const s = scene({ clock, store: shared })
    s.gate.requireApproval(s.effect, { action: 'a.run', credentials: { db: fakeBroker('vault', false) } })
    await s.gate.start()
    await clock.advance('2m')
    const types = await s.types()
    expect(types).not.toContain('credential.revoked')
    expect(types).toContain('credential.revocation-failed')
  })

  test('one broker that fails does not keep others from being swept', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const bad = fakeBroker('bad')
    const good = fakeBroker('good')
    bad.failing = 'revoke'
    bad.alive.add('b')
    good.alive.add('g')
    await shared.credentials.put({
      id: '1',
      requestId: 'r',
      processId: 'dead',
      broker: 'bad',
      handle: 'b',
      createdAt: 0,
    })
    await shared.credentials.put({
      id: '2',
      requestId: 'r',
      processId: 'dead',
      broker: 'good',
      handle: 'g',
      createdAt: 0,
    })
    const s = scene({ clock, store: shared })
    s.gate.requireApproval(s.effect, { action: 'a.run', credentials: { bad, good } })
    await s.gate.start()
    await clock.advance('2m')
    expect(good.alive.size).toBe(0)
    expect(bad.alive.size).toBe(1)
    bad.failing = null
    await clock.advance('2m')
    expect(bad.alive.size).toBe(0)
  })
})
