import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApprovalStore, Awaitable } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { move } from './conformance/store-fixtures'
import { crashPoints } from './crash-points'
import { fakeClock } from './fake-clock'
import { memoryDisk } from './memory-disk'
import { createSample, sampleEvent, sampleGrant, sampleMove, sampleRequest } from './samples'
import { serialisingStore } from './serialising-store'

const clock = fakeClock()

/** A process that will die, and another on the same disk that will not. */
function processes() {
  const disk = memoryDisk()
  const crash = crashPoints()
  return {
    disk,
    crash,
    mortal: serialisingStore({ clock, disk, crash }),
    survivor: serialisingStore({ clock, disk }),
  }
}

async function hangs(answer: Awaitable<unknown>): Promise<boolean> {
  let settled = false
  const note = () => {
    settled = true
  }
  Promise.resolve(answer).then(note, note)
  await nextTurn()
  return !settled
}

describe('I8: a process that dies', () => {
  test('before the commit has changed nothing', async () => {
    const { disk, crash, mortal, survivor } = processes()
    const request = await createSample(survivor, 'r-1')
    const before = disk.dump()
    crash.crashAt('store.transition.before')
    expect(await hangs(mortal.transition(sampleMove(request)))).toBe(true)
    expect(disk.dump()).toEqual(before)
    await move(survivor, request)
  })

  test('after the commit has moved the request, although it never heard so', async () => {
    const { crash, mortal, survivor } = processes()
    const request = await createSample(survivor, 'r-1')
    const transition = sampleMove(request, { reminders: 7 })
    crash.crashAt('store.transition.after')
    expect(await hangs(mortal.transition(transition))).toBe(true)
    expect(await survivor.get('r-1')).toEqual(transition.next)
    expect((await survivor.outbox.unpublished({ logId: 'log', limit: 9 })).length).toBe(2)
    expect(await survivor.transition(transition)).toMatchObject({ applied: false, reason: 'conflict' })
  })

  test('never hears anything again, whatever it calls, and changes nothing more', async () => {
    const { disk, crash, mortal } = processes()
    crash.crash()
    const before = disk.dump()
    const calls: readonly Awaitable<unknown>[] = [
      mortal.get('r-1'),
      mortal.create(sampleRequest('r-1', { createdAt: 0 }), [sampleEvent('r-1', 1)]),
      mortal.outbox.record([sampleEvent('s-1', 1)]),
      mortal.leases.renew('p-1', 1),
      mortal.grants.put(sampleGrant('g-1', { createdAt: 0 }), 0, []),
    ]
    for (const call of calls) expect(await hangs(call)).toBe(true)
    expect(disk.dump()).toEqual(before)
  })
})

describe('the serialising store', () => {
  test('passes a point before and after each of its methods', async () => {
    const { crash, mortal } = processes()
    const request = await createSample(mortal, 'r-1')
    await mortal.outbox.published('log', ['r-1/1'])
    await mortal.deliveries.of('r-1')
    await move(mortal, request)
    const names = ['create', 'outbox.published', 'deliveries.of', 'transition']
    expect(crash.passed).toEqual(names.flatMap((name) => [`store.${name}.before`, `store.${name}.after`]))
  })

  test('has points in all methods that answer with a promise, except to close', async () => {
    const { crash, mortal } = processes()
    crash.crash()
    for (const [name, method] of methodsOf(mortal)) {
      expect([name, await hangs(method())]).toEqual([name, true])
    }
  })

  test('keeps nothing but text', async () => {
    const { disk, mortal } = processes()
    await createSample(mortal, 'r-1', { key: 'k' })
    const rows = disk.dump()
    expect(JSON.parse(rows.requests?.['r-1'] ?? '')).toMatchObject({ id: 'r-1', key: 'k' })
    expect(Object.keys(rows.events ?? {})).toEqual(['r-1/1'])
  })

  test('takes what is handed in as it is at that moment, although it waits before it commits', async () => {
    const { mortal } = processes()
    const events = [sampleEvent('r-1', 1)]
    const creating = mortal.create(sampleRequest('r-1', { createdAt: 0 }), events)
    events.push(sampleEvent('r-1', 2))
    await creating
    expect((await mortal.outbox.unpublished({ logId: 'log', limit: 9 })).length).toBe(1)
  })

  test.each([
    [{}, 'serialisingStore.clock'],
    [{ clock, crush: crashPoints() }, 'serialisingStore.crush'],
  ])('refuses options that are wrong or unknown (%#)', (options, option) => {
    expect(() => serialisingStore(options as { clock: typeof clock })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID', option }),
    )
  })
})

/** Every method that answers with a promise, called with something that it can serialise. */
function methodsOf(store: ApprovalStore): readonly (readonly [string, () => Promise<unknown>])[] {
  const found: (readonly [string, () => Promise<unknown>])[] = []
  const collect = (part: object, path: string): void => {
    for (const [name, member] of Object.entries(part)) {
      if (typeof member === 'object') collect(member, `${path}${name}.`)
      else if (!['now', 'changes', 'close'].includes(name)) {
        found.push([`${path}${name}`, () => Reflect.apply(member, part, [{}, [], []])])
      }
    }
  }
  collect(store, '')
  return found
}
