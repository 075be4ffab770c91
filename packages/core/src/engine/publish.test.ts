import { type ApprovalStore, type AuditEvent, memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { type Tape, tape } from '../../test/scene'
import { notebook } from '../../test/scene/notebook'
import { createPublisher } from './publish'

function event(subject: string, seq: number): AuditEvent {
  return {
    data: {},
    id: `${subject}/${seq}`,
    previous: null,
    seq,
    source: 'test',
    subject,
    time: 0,
    type: 'call.denied',
  }
}

/** A store that notes what a log holds a little later. */
function slowToNote(store: ApprovalStore): ApprovalStore {
  const published = async (logId: string, ids: readonly string[]): Promise<void> => {
    await Promise.resolve()
    await store.outbox.published(logId, ids)
  }
  return { ...store, outbox: { ...store.outbox, published } }
}

function arrange(sink: Tape = tape(), storeOf = (store: ApprovalStore): ApprovalStore => store) {
  const clock = fakeClock()
  const store = storeOf(memoryStore({ clock }))
  const logger = notebook()
  const changes: string[] = []
  return {
    clock,
    store,
    sink,
    logger,
    changes,
    publisher: createPublisher({
      sink,
      store,
      clock,
      logger,
      timeoutMs: 1_000,
      onChange: (state) => void changes.push(state),
    }),
  }
}

describe('the publisher', () => {
  test('publishes what was recorded, once each, in order', async () => {
    const { publisher, sink, store } = arrange()
    for (let seq = 1; seq <= 5; seq += 1) await store.outbox.record([event(`s${seq}`, 1)])
    publisher.kick()
    publisher.kick()
    await publisher.idle()
    expect(sink.events.map(({ subject }) => subject)).toEqual(['s1', 's2', 's3', 's4', 's5'])
    expect(await store.outbox.unpublished({ logId: sink.logId, limit: 10 })).toEqual([])
  })

  test('appends nothing again that waits to be noted until its request is decided', async () => {
    const inner = tape()
    const appends: (readonly string[])[] = []
    const append = async (events: readonly AuditEvent[]): Promise<void> => {
      appends.push(events.map(({ id }) => id))
      return inner.append(events)
    }
    const { publisher, sink, store } = arrange({ ...inner, append }, slowToNote)
    const created = { ...event('a', 1), type: 'request.created' as const }
    await store.outbox.record([created])
    publisher.recorded([created], 'in-background')
    await publisher.publishChain('a')
    publisher.kick()
    await publisher.idle()
    expect(appends).toEqual([['a/1']])
    expect(await store.outbox.unpublished({ logId: sink.logId, limit: 10 })).toEqual([])
  })

  test('publishes what is recorded while it publishes', async () => {
    const { publisher, sink, store } = arrange()
    await store.outbox.record([event('a', 1)])
    publisher.kick()
    await store.outbox.record([event('b', 1)])
    publisher.kick()
    await publisher.idle()
    expect(sink.events.map(({ subject }) => subject)).toEqual(['a', 'b'])
  })

  test('works off more than one batch', async () => {
    const { publisher, sink, store } = arrange()
    for (let n = 0; n < 700; n += 1) await store.outbox.record([event(`s${n}`, 1)])
    publisher.kick()
    await publisher.idle()
    expect(sink.events).toHaveLength(700)
  })

  test('says once that a log fails, keeps the events, and goes on when it works again', async () => {
    const { publisher, sink, store, logger, changes } = arrange()
    sink.failing = () => true
    await store.outbox.record([event('a', 1)])
    for (let kick = 0; kick < 3; kick += 1) {
      publisher.kick()
      await publisher.idle()
    }
    expect(logger.entries.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(await store.outbox.unpublished({ logId: sink.logId, limit: 10 })).toHaveLength(1)
    sink.failing = null
    publisher.kick()
    await publisher.idle()
    expect(sink.events).toHaveLength(1)
    expect(changes).toEqual(['degraded', 'restored'])
  })

  test('a log that never answers is given up at its deadline', async () => {
    const { publisher, sink, clock } = arrange()
    sink.hanging = () => true
    let ended = 'not yet'
    void Promise.resolve(publisher.append([event('a', 1)])).then(
      () => (ended = 'resolved'),
      () => (ended = 'rejected'),
    )
    await clock.advance(999)
    expect(ended).toBe('not yet')
    await clock.advance(2)
    expect(ended).toBe('rejected')
  })

  test('I7: publishing a chain rejects unless the whole of it is in this log', async () => {
    const { publisher, sink, store } = arrange()
    await store.outbox.record([event('a', 1), event('a', 2)])
    sink.failing = (events) => events.some(({ seq }) => seq === 2)
    await expect(publisher.publishChain('a')).rejects.toThrow('no space')
    sink.failing = null
    await publisher.publishChain('a')
    expect(sink.events.map(({ id }) => id)).toEqual(['a/1', 'a/2'])
  })
})
