import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { AuditEvent } from '../contracts/audit'
import { createRecorded } from './recorded'

const event = (subject: string, seq: number): AuditEvent => ({
  data: {},
  id: `${subject}/${seq}`,
  previous: null,
  seq,
  source: 'test',
  subject,
  time: 0,
  type: 'call.denied',
})

/** A log that answers when it is told to. */
function arrange() {
  const appends: { ids: string[]; hold: () => Promise<void>; fail: () => Promise<void> }[] = []
  const published: string[] = []
  const failures: unknown[] = []
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  const recorded = createRecorded({
    append: (events) =>
      new Promise((resolve, reject) => {
        appends.push({
          ids: events.map(({ id }) => id),
          hold() {
            resolve()
            return settled()
          },
          fail() {
            reject(new Error('no space'))
            return settled()
          },
        })
      }),
    published: (events) => void published.push(...events.map(({ id }) => id)),
    failed: (error) => void failures.push(error),
  })
  const add = (...events: AuditEvent[]) => recorded.add(events, false, false)
  const watch = (subject: string) => {
    const seen = { ended: 'not yet' as unknown }
    void (async () => recorded.sendChain(subject))().then(
      (held) => (seen.ended = held),
      (error: Error) => (seen.ended = error.message),
    )
    return seen
  }
  return { recorded, appends, published, failures, add, watch, settled }
}

describe('what is published from memory', () => {
  test('holds on to no event that the log has, however long its chain is known', async () => {
    const { recorded, appends, add, settled } = arrange()
    const held = (() => {
      const made = event('a', 1)
      add(made)
      return new WeakRef(made)
    })()
    recorded.send()
    await appends.shift()?.hold()
    await settled()
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
    expect(held.deref()).toBeUndefined()
    expect(add(event('a', 2))).toBe(true)
  })

  test('I7: a chain counts as held only once the log holds the last of it', async () => {
    const { add, watch, appends, settled } = arrange()
    add(event('a', 1), event('a', 2))
    const chain = watch('a')
    await settled()
    expect([chain.ended, appends[0]?.ids]).toEqual(['not yet', ['a/1', 'a/2']])
    await appends[0]?.hold()
    expect(chain.ended).toBe(true)
    add(event('a', 3))
    const more = watch('a')
    await settled()
    expect(more.ended).toBe('not yet')
    await appends[1]?.hold()
    expect(more.ended).toBe(true)
  })

  test('one append follows the other, each with all that came meanwhile, in order', async () => {
    const { add, recorded, appends, published } = arrange()
    add(event('a', 1))
    recorded.send()
    for (const subject of ['b', 'c', 'd']) add(event(subject, 1))
    add(event('a', 2))
    recorded.send()
    expect(appends.length).toBe(1)
    await appends[0]?.hold()
    expect(appends[1]?.ids).toEqual(['b/1', 'c/1', 'd/1', 'a/2'])
    await appends[1]?.hold()
    expect(published).toEqual(['a/1', 'b/1', 'c/1', 'd/1', 'a/2'])
  })

  test('I7: of a chain that somebody else moved, or that was begun elsewhere, only the store can tell', async () => {
    const { add, recorded } = arrange()
    expect(add(event('b', 2))).toBe(false)
    expect(recorded.sendChain('b')).toBe(false)
    expect(add(event('a', 1))).toBe(true)
    expect(add(event('a', 3))).toBe(false)
    expect(recorded.sendChain('a')).toBe(false)
    expect(add(event('a', 4))).toBe(false)
  })

  test('I7: a chain of which something was left out while the log was behind is not known any more', async () => {
    const { add, recorded, appends } = arrange()
    add(event('a', 1))
    recorded.send()
    await appends[0]?.hold()
    expect(recorded.add([event('a', 2)], false, true)).toBe(false)
    expect(recorded.sendChain('a')).toBe(false)
  })

  test('I7: when an append fails, no chain is known any more, not even of what waited behind it', async () => {
    const { add, recorded, watch, appends, failures, published } = arrange()
    add(event('a', 1))
    add(event('b', 1))
    recorded.send()
    const [one, two] = [watch('a'), watch('b')]
    add(event('a', 2))
    add(event('c', 1))
    const [three, four] = [watch('a'), watch('c')]
    await appends[0]?.fail()
    expect([one, two, three, four].map(({ ended }) => ended)).toEqual([false, false, false, false])
    expect([failures.length, published, appends.length]).toEqual([1, [], 1])
    expect(add(event('a', 3))).toBe(false)
  })

  test('whoever waits for an append of its chain alone hears why it failed', async () => {
    const { add, watch, appends } = arrange()
    add(event('a', 1))
    const chain = watch('a')
    await appends[0]?.fail()
    expect(chain.ended).toBe('no space')
  })

  test('I8: whoever hears of it and throws keeps nothing that follows from the log, and no caller from going on', async () => {
    let refuse = true
    const held: string[] = []
    const down = (): never => {
      throw new Error('the logger is down')
    }
    const recorded = createRecorded({
      append: async (events) => {
        if (refuse) throw new Error('no space')
        held.push(...events.map(({ id }) => id))
      },
      published: down,
      failed: down,
    })
    recorded.add([event('a', 1)], false, false)
    recorded.send()
    await recorded.idle()
    refuse = false
    for (const subject of ['b', 'c']) {
      recorded.add([event(subject, 1)], false, false)
      expect(await recorded.sendChain(subject)).toBe(true)
    }
    expect(held).toEqual(['b/1', 'c/1'])
  })

  test('a log that does not keep up costs a bounded memory: the store is asked for the rest', async () => {
    const { add, recorded, appends, watch } = arrange()
    add(event('first', 1))
    recorded.send()
    const taken = Array.from({ length: 2_000 }, (_, number) => add(event(`s${number}`, 1)))
    expect(taken.filter((was) => !was).length).toBe(1)
    expect(recorded.sendChain('s0')).toBe(false)
    const last = watch('s1999')
    await appends[0]?.hold()
    expect(appends[1]?.ids.length).toBeLessThanOrEqual(1_000)
    await appends[1]?.hold()
    expect(last.ended).toBe(true)
  })
})
