import { type ApprovalStore, memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { ada, attempt, desk, scene, settle, wired } from '../../test/scene'

/** A process that can be killed: nothing of it reaches the store any more. */
function mortal() {
  const clock = fakeClock()
  const shared = memoryStore({ clock })
  let alive = true
  const store = wired(shared, { before: async () => (alive ? undefined : new Promise(() => {})) })
  return {
    clock,
    shared,
    store,
    kill: () => {
      alive = false
    },
  }
}

/** A request whose process is gone, of an action that others run then. */
async function orphaned() {
  const { clock, shared, store, kill } = mortal()
  const first = scene({ clock, store })
  const options = { action: 'a.run', onOrphan: 'run' } as const
  void attempt(first.gate.requireApproval(first.effect, options)('users'))
  const { id } = await first.only()
  kill()
  return { clock, first, id, options, shared }
}

describe('requests whose process vanished', () => {
  test.each(['hold', 'run'] as const)('approved meanwhile, an orphan with onOrphan %s', async (onOrphan) => {
    const { clock, shared, store, kill } = mortal()
    const first = scene({ clock, store })
    void attempt(first.gate.requireApproval(first.effect, { action: 'a.run', onOrphan })('users'))
    const { id } = await first.only()
    kill()
    const second = first.neighbour({ store: shared })
    second.gate.requireApproval(second.effect, { action: 'a.run', onOrphan })
    await second.gate.start()
    await second.approve(id, ada)
    await clock.advance('3m')
    // The lease of the dead has not ended yet: it may still be alive, and run it itself.
    expect(second.runs).toEqual([])
    await clock.advance('4m')
    expect(second.runs).toEqual(onOrphan === 'run' ? [['users']] : [])
    expect((await shared.get(id))?.status).toBe(onOrphan === 'run' ? 'succeeded' : 'approved')
    if (onOrphan === 'run') return
    const resumed = attempt(second.gate.resume(id))
    await resumed.ended
    expect(resumed.value).toBe('done')
  })

  test('an orphan whose action no longer runs by itself here is held', async () => {
    const { clock, shared, store, kill } = mortal()
    const first = scene({ clock, store })
    void attempt(first.gate.requireApproval(first.effect, { action: 'a.run', onOrphan: 'run' })('users'))
    const { id } = await first.only()
    kill()
    const second = first.neighbour({ store: shared })
    second.gate.requireApproval(second.effect, { action: 'a.run' })
    await second.gate.start()
    await second.approve(id, ada)
    await clock.advance('7m')
    expect(second.runs).toEqual([])
    expect((await shared.get(id))?.status).toBe('approved')
  })

  test('what is held is not read at every sweep, however much it is', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let read = 0
    const store: ApprovalStore = Object.assign(Object.create(shared), {
      async list(...asked: Parameters<ApprovalStore['list']>) {
        const page = await shared.list(...asked)
        read += page.requests.length
        return page
      },
    })
    const s = scene({ clock, store })
    void attempt(s.gate.requireApproval(s.effect, { action: 'a.run', wait: 'suspend' })('users'))
    await s.approve((await s.only()).id, ada)
    await settle()
    expect(await shared.list({ status: 'approved' })).toMatchObject({ requests: [{ action: 'a.run' }] })
    read = 0
    await clock.advance('5m')
    expect(read).toBe(0)
  })

  test('an orphan that two processes would run runs once', async () => {
    const { clock, first, id, options, shared } = await orphaned()
    const others = [1, 2, 3].map(() => first.neighbour({ store: shared }))
    for (const other of others) {
      other.gate.requireApproval(other.effect, options)
      await other.gate.start()
    }
    await others[0]?.approve(id, ada)
    await clock.advance('10m')
    expect(first.runs).toEqual([['users']])
  })

  test.each([
    ['had the result', async (finish: () => void) => finish()],
    ['still runs it as this gate is closed', async (_: () => void, close: () => Promise<void>) => close()],
  ] as const)('an orphan that another process was faster to take and %s is no news', async (_what, end) => {
    const { clock, first, id, options, shared } = await orphaned()
    let finish = () => {}
    const runs: string[] = []
    const others = ['one', 'two'].map((name) => {
      const other = first.neighbour({ store: shared })
      const work = () => {
        runs.push(name)
        return new Promise<void>((resolve) => (finish = resolve))
      }
      other.gate.requireApproval(work, options)
      return { name, ...other }
    })
    await first.neighbour({ store: shared, audit: null }).approve(id, ada)
    await clock.advance('7m')
    // Both find it before either has claimed it.
    await Promise.all(others.map(({ gate }) => gate.start()))
    await clock.advance('3m')
    const loser = others.find(({ name }) => name !== runs[0])
    await end(finish, async () => loser?.gate.close())
    await clock.advance('10s')
    expect(runs).toHaveLength(1)
    expect(loser?.logger.entries.filter(({ level }) => level !== 'info')).toEqual([])
    finish()
    await settle()
  })

  test('pending, it waits for its people, and expires in its time', async () => {
    const { clock, shared, store, kill } = mortal()
    const first = scene({ clock, store })
    void attempt(first.gate.requireApproval(first.effect, { action: 'a.run' })('users'))
    const { id } = await first.only()
    kill()
    const second = first.neighbour({ store: shared })
    await second.gate.start()
    await clock.advance('30m')
    expect((await shared.get(id))?.status).toBe('pending')
    await clock.advance('31m')
    expect((await shared.get(id))?.status).toBe('expired')
  })

  test('a run that was cut off is unknown after the lease, not before, and never run again', async () => {
    const { clock, shared, store, kill } = mortal()
    const first = scene({ clock, store })
    const tool = first.gate.requireApproval(
      async (...args: unknown[]) => {
        await first.effect(...args)
        kill()
        await new Promise(() => {})
      },
      { action: 'a.run', onOrphan: 'run' },
    )
    void attempt(tool('users'))
    const { id } = await first.only()
    await first.approve(id)
    const second = first.neighbour({ store: shared })
    second.gate.requireApproval(second.effect, { action: 'a.run', onOrphan: 'run' })
    await second.gate.start()
    await clock.advance('3m')
    expect((await shared.get(id))?.status).toBe('executing')
    await clock.advance('4m')
    expect((await shared.get(id))?.status).toBe('unknown')
    await clock.advance('1h')
    expect(first.runs).toHaveLength(1)
  })

  test('a process that only lost its store for a while keeps what it runs', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let down = false
    const s = scene({
      clock,
      store: wired(shared, {
        async before() {
          if (down) throw new Error('down')
        },
      }),
    })
    let finish = () => {}
    const call = attempt(
      s.gate.requireApproval(() => new Promise<void>((resolve) => (finish = resolve)), { action: 'a.run' })(),
    )
    const { id } = await s.only()
    await s.approve(id)
    down = true
    await clock.advance('3m')
    down = false
    finish()
    await call.ended
    await clock.advance('2m')
    expect(call.state).toBe('resolved')
    expect((await shared.get(id))?.status).toBe('succeeded')
  })
})

describe('two gates on one store', () => {
  test('of two that see the approval at once, one claims; the other learns the result', async () => {
    const first = scene()
    const second = first.neighbour()
    const options = { action: 'a.run', key: () => 'k', keepResult: true } as const
    const calls = [first, second].map((s) => attempt(s.gate.requireApproval(s.effect, options)('users')))
    await settle()
    const { id } = await first.only()
    await first.approve(id)
    await first.clock.advance('2m')
    expect(calls.map(({ value }) => value)).toEqual(['done', 'done'])
    expect(first.runs).toHaveLength(1)
  })

  test('a decision elsewhere is shown by the process that sent the message', async () => {
    const first = scene({ approvers: [desk()] })
    void attempt(first.gate.requireApproval(first.effect, { action: 'a.run' })('users'))
    const { id } = await first.only()
    const second = first.neighbour({ approvers: [desk('other')] })
    await second.reject(id, ada, 'no')
    await first.clock.advance('2m')
    expect(first.desk.updates.at(-1)?.review.progress.status).toBe('rejected')
  })
})

describe('the sweep', () => {
  test('one step that fails keeps no other from being done', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const broken = new Set(['leases.renew', 'deliveries.due', 'credentials.list'])
    const s = scene({
      clock,
      store: wired(shared, {
        async before(method) {
          if (broken.has(method) && started) throw new Error('down')
        },
      }),
    })
    let started = false
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })('users'))
    await s.only()
    started = true
    await clock.advance('61m')
    expect(call.code).toBe('ERR_APPROVAL_EXPIRED')
    expect(s.logger.entries.some(({ message }) => message.includes('renewing the lease'))).toBe(true)
  })

  test('many that are due at once all move', async () => {
    const s = scene({ rateLimit: false, coalesce: false })
    const tool = s.gate.requireApproval(s.effect, { action: 'a.run' })
    const calls = Array.from({ length: 450 }, (_, n) => attempt(tool(n)))
    await settle()
    await s.clock.advance('61m')
    expect(calls.filter(({ code }) => code === 'ERR_APPROVAL_EXPIRED')).toHaveLength(450)
  })

  test('stops with the gate: no timer is left', async () => {
    const s = scene()
    void attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })('users'))
    await settle()
    expect(s.clock.pendingTimers).toBeGreaterThan(0)
    await s.close()
    expect(s.clock.pendingTimers).toBe(0)
  })
})

test('I8: an outcome that cannot be recorded keeps none of the others from it', async () => {
  const clock = fakeClock()
  const shared = memoryStore({ clock })
  const refused = new Set<string>()
  const store = Object.assign(Object.create(shared), {
    transition(change: Parameters<typeof shared.transition>[0]) {
      if (change.next.status === 'succeeded' && refused.has(change.next.id)) throw new Error('a bad page')
      return shared.transition(change)
    },
  })
  const ends: (() => void)[] = []
  const s = scene({ clock, store })
  const tool = s.gate.requireApproval(() => new Promise<void>((resolve) => ends.push(resolve)), {
    action: 'a.run',
  })
  for (let call = 0; call < 2; call += 1) attempt(tool())
  await settle()
  const ids = (await s.pending()).map(({ id }) => id)
  for (const id of ids) {
    refused.add(id)
    await s.approve(id, ada)
  }
  await settle()
  for (const end of ends) end()
  await settle()
  const statuses = () => Promise.all(ids.map(async (id) => (await shared.get(id))?.status))
  expect(await statuses()).toEqual(['executing', 'executing'])
  // The first of them never gets through.
  refused.delete(ids[1] ?? '')
  await clock.advance('1m')
  await settle()
  expect(await statuses()).toEqual(['executing', 'succeeded'])
  refused.clear()
  await clock.advance('1m')
  await settle()
  expect(await statuses()).toEqual(['succeeded', 'succeeded'])
})
