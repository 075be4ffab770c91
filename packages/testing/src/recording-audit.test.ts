import type { AuditEvent, AuditEventType, Awaitable } from '@gatewright/core'
import { memoryStore } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { failingAudit, failingStore } from './failing'
import { fakeClock } from './fake-clock'
import { recordingAudit } from './recording-audit'
import { hangingAudit, slowAudit, slowStore } from './slow'

function event(
  subject: string,
  seq: number,
  type: AuditEventType,
  data: AuditEvent['data'] = {},
): AuditEvent {
  return { id: `${subject}/${seq}`, subject, seq, type, data, previous: null, source: 'gate', time: 0 }
}

const created = event('r1', 1, 'request.created')
const other = event('r2', 1, 'request.created')
const refused = event('v1', 1, 'vote.refused', { requestId: 'r1' })

async function stateOf(answer: Awaitable<unknown>): Promise<string> {
  return Promise.race([
    Promise.resolve(answer).then(
      () => 'done',
      () => 'rejected',
    ),
    Promise.resolve().then(() => 'waiting'),
  ])
}

describe('a recording sink', () => {
  test('keeps events once, in order, and finds those of a request', async () => {
    const audit = recordingAudit()
    await audit.append([created, other])
    await audit.append([created, refused])
    expect(audit.events).toEqual([created, other, refused])
    expect(audit.of('r1')).toEqual([created, refused])
    expect(audit.types()).toEqual(['request.created', 'request.created', 'vote.refused'])
    expect(audit.types('r1')).toEqual(['request.created', 'vote.refused'])
    expect(audit.types('r3')).toEqual([])
  })

  test('rejects once it is closed, and keeps what it has', async () => {
    const audit = recordingAudit()
    await audit.append([created])
    await audit.close()
    await audit.close()
    await expect(audit.append([other])).rejects.toThrow('closed')
    expect(audit.events).toEqual([created])
  })
})

describe('what fails', () => {
  test('a failing sink keeps nothing of what it rejects, and recovers', async () => {
    let full = true
    const audit = failingAudit({ failWhen: (events) => full && events.includes(other) })
    await expect(audit.append([created, other])).rejects.toThrow('on purpose')
    expect(audit.events).toEqual([])
    full = false
    await audit.append([created, other])
    expect(audit.events).toEqual([created, other])
  })

  test('a failing store names the method, nested ones too, and has no effect', async () => {
    const clock = fakeClock()
    const inner = memoryStore({ clock })
    const asked: string[] = []
    const store = failingStore(inner, {
      fail(method, args) {
        asked.push(`${method} ${args.length}`)
        return method === 'outbox.record'
      },
    })
    await expect(store.outbox.record([created])).rejects.toThrow('before outbox.record')
    expect(await store.outbox.unpublished({ logId: 'a', limit: 5 })).toEqual([])
    expect(await store.get('r1')).toBeNull()
    expect(store.now()).toBe(clock.now())
    expect(asked).toEqual(['outbox.record 1', 'outbox.unpublished 1', 'get 1'])
  })

  test('a store that fails after a call has had its effect', async () => {
    const store = failingStore(memoryStore({ clock: fakeClock() }), {
      fail: (method) => method === 'outbox.record',
      when: 'after',
    })
    await expect(store.outbox.record([created])).rejects.toThrow('after outbox.record')
    expect(await store.outbox.unpublished({ logId: 'a', limit: 5 })).toEqual([created])
  })

  test('misspelt options are refused', () => {
    expect(() => failingAudit({ failwhen: () => true } as never)).toThrow('failingAudit.failwhen')
    expect(() => failingStore(memoryStore(), { fails: () => true } as never)).toThrow('failingStore.fails')
  })
})

describe('what is slow', () => {
  test('a slow sink keeps nothing before its time', async () => {
    const clock = fakeClock()
    const audit = slowAudit(clock, '2s')
    const appending = audit.append([created])
    await clock.advance(1_999)
    expect([await stateOf(appending), audit.events]).toEqual(['waiting', []])
    await clock.advance(1)
    await appending
    expect(audit.events).toEqual([created])
  })

  test('a slow store takes its time for every call, and has no effect before', async () => {
    const clock = fakeClock()
    const inner = memoryStore({ clock })
    const recording = slowStore(inner, clock, '2s').outbox.record([created])
    await clock.advance('1s')
    expect(await inner.outbox.unpublished({ logId: 'a', limit: 5 })).toEqual([])
    await clock.advance('1s')
    await recording
    expect(await inner.outbox.unpublished({ logId: 'a', limit: 5 })).toEqual([created])
  })

  test('a hanging sink neither keeps nor answers what it hangs on', async () => {
    const clock = fakeClock()
    const audit = hangingAudit((events) => events.includes(other))
    await audit.append([created])
    const appending = audit.append([other])
    await clock.advance('1d')
    expect([await stateOf(appending), audit.events]).toEqual(['waiting', [created]])
  })
})
