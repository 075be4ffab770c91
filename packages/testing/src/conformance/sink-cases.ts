import assert from 'node:assert/strict'
import type { AuditEvent, Awaitable } from '@gatewright/core'
import { sampleEvent } from '../samples'
import type { SinkCase } from './sink-harness'

/** Everything that a sink must do, as named cases. */
export const sinkCases: readonly SinkCase[] = [
  {
    name: 'it has a name, and keeps it',
    async run({ sink }) {
      const { logId } = sink
      assert(typeof logId === 'string' && logId !== '', 'the name is not a text')
      await sink.append([sampleEvent('r-1', 1)])
      assert.equal(sink.logId, logId)
      await sink.close()
      assert.equal(sink.logId, logId)
    },
  },
  {
    name: 'I7: what was acknowledged can be read, exactly as it was handed in and in its order',
    needs: 'read',
    async run({ sink, read }) {
      const events = [
        sampleEvent('r-1', 1),
        sampleEvent('s-1', 1, { type: 'vote.refused' }),
        sampleEvent('r-1', 2),
      ]
      await sink.append(events)
      assert.deepEqual(await read(), events)
      await sink.append([sampleEvent('r-1', 3)])
      assert.deepEqual(await read(), [...events, sampleEvent('r-1', 3)])
    },
  },
  {
    name: 'appending nothing is no error',
    async run({ sink, ids }) {
      await sink.append([])
      await sink.append([sampleEvent('r-1', 1)])
      await sink.append([])
      assert((await ids()).length <= 1)
    },
  },
  {
    name: 'an event that is appended again stands in the log once, where it stood first',
    needs: 'read',
    async run({ sink, ids }) {
      await sink.append([sampleEvent('r-1', 1), sampleEvent('r-1', 2)])
      await sink.append([sampleEvent('r-1', 1)])
      await sink.append([sampleEvent('r-1', 2), sampleEvent('r-1', 3)])
      assert.deepEqual(await ids(), ['r-1/1', 'r-1/2', 'r-1/3'])
    },
  },
  {
    name: 'an event that is twice in one batch stands in the log once',
    needs: 'read',
    async run({ sink, ids }) {
      await sink.append([
        sampleEvent('r-1', 1),
        sampleEvent('r-1', 1),
        sampleEvent('r-1', 2),
        sampleEvent('r-1', 1),
      ])
      assert.deepEqual(await ids(), ['r-1/1', 'r-1/2'])
    },
  },
  {
    name: 'an event that is appended 20 times at once stands in the log once',
    needs: 'read',
    async run({ sink, ids }) {
      await Promise.all(Array.from({ length: 20 }, () => sink.append([sampleEvent('r-1', 1)])))
      assert.deepEqual(await ids(), ['r-1/1'])
    },
  },
  {
    name: 'events of two subjects with one number are two events',
    needs: 'read',
    async run({ sink, ids }) {
      await sink.append([
        sampleEvent('r-1', 1),
        sampleEvent('r-11', 1),
        sampleEvent('r-1', 11),
        sampleEvent('r', 1),
      ])
      assert.deepEqual(await ids(), ['r-1/1', 'r-11/1', 'r-1/11', 'r/1'])
    },
  },
  {
    name: 'T54: an event that comes after a later one of its subject is kept too',
    needs: 'read',
    async run({ sink, ids }) {
      await sink.append([sampleEvent('r-1', 2)])
      await sink.append([sampleEvent('r-1', 1), sampleEvent('r-1', 2), sampleEvent('r-1', 3)])
      assert.deepEqual([...(await ids())].sort(), ['r-1/1', 'r-1/2', 'r-1/3'])
    },
  },
  {
    name: 'appends made at once keep the order of each subject, and lose none',
    needs: 'read',
    async run({ sink, ids }) {
      const appends: Awaitable<void>[] = []
      for (let seq = 1; seq <= 40; seq += 1) {
        appends.push(sink.append([sampleEvent('r-1', seq)]), sink.append([sampleEvent('r-2', seq)]))
      }
      await Promise.all(appends)
      const all = await ids()
      assert.equal(all.length, 80)
      for (const subject of ['r-1', 'r-2']) {
        assert.deepEqual(
          all.filter((id) => id.startsWith(`${subject}/`)),
          Array.from({ length: 40 }, (_, index) => `${subject}/${index + 1}`),
        )
      }
    },
  },
  {
    name: 'changing the batch after it was handed in, or what was read, changes nothing in the log',
    needs: 'read',
    async run({ sink, read }) {
      const batch = [sampleEvent('r-1', 1)]
      const appending = sink.append(batch)
      batch.push(sampleEvent('r-1', 2))
      await appending
      batch.pop()
      for (const shown of await read()) {
        Reflect.set(shown, 'source', 'spoilt')
        Reflect.set(shown.data, 'requestId', 'spoilt')
      }
      assert.deepEqual(await read(), [sampleEvent('r-1', 1)])
    },
  },
  {
    name: 'frozen events are taken',
    async run({ sink }) {
      const event = sampleEvent('r-1', 1)
      await sink.append(Object.freeze([Object.freeze({ ...event, data: Object.freeze(event.data) })]))
    },
  },
  {
    name: 'every kind of text survives, and a megabyte of it',
    needs: 'read',
    async run({ sink, read }) {
      const text = 'Ünïcödé 漢字 עברית 👩‍👩‍👧 \u0000\u001f\u2028\u2029\ufeff\u202e \'";-- \\ \n\r\t'
      const data = { [text]: text, long: '漢'.repeat(350_000), ['__proto__' as string]: 'own' }
      const event: AuditEvent = { ...sampleEvent(text, 1), data }
      await sink.append([event])
      assert.deepEqual(await read(), [event])
    },
  },
  {
    name: '2,000 events in batches are kept, in order',
    needs: 'read',
    async run({ sink, ids }) {
      const expected: string[] = []
      for (let batch = 0; batch < 20; batch += 1) {
        const events = Array.from({ length: 100 }, (_, index) => sampleEvent(`r-${index}`, batch + 1))
        expected.push(...events.map(({ id }) => id))
        await sink.append(events)
      }
      assert.deepEqual(await ids(), expected)
    },
  },
  {
    name: 'closing finishes what was handed in: each append tells truly what became of it',
    needs: 'read',
    async run({ sink, ids }) {
      const appends = Array.from({ length: 10 }, (_, index) => sink.append([sampleEvent('r-1', index + 1)]))
      const [closing, ...results] = await Promise.allSettled([sink.close(), ...appends])
      assert.equal(closing.status, 'fulfilled', 'closing failed')
      const kept = new Set(await ids())
      for (const [index, { status }] of results.entries()) {
        const id = `r-1/${index + 1}`
        assert(status === 'rejected' || kept.has(id), `${id} was acknowledged and is not in the log`)
      }
      assert(
        results.some(({ status }) => status === 'fulfilled'),
        'what was handed in before closing was refused',
      )
    },
  },
  {
    name: 'a closed sink takes nothing more, and says so',
    async run({ sink, ids }) {
      await sink.append([sampleEvent('r-1', 1)])
      await sink.close()
      await assert.rejects(async () => sink.append([sampleEvent('r-1', 2)]))
      // A repetition too: nobody knows any more whether it is durable.
      await assert.rejects(async () => sink.append([sampleEvent('r-1', 1)]))
      assert(!(await ids()).includes('r-1/2'), 'it was written all the same')
    },
  },
  {
    name: 'closing is idempotent',
    async run({ sink }) {
      await sink.append([sampleEvent('r-1', 1)])
      await Promise.all([sink.close(), sink.close()])
      await sink.close()
    },
  },
  {
    name: 'I8: a restart finds the same log, under the same name, with all that was acknowledged, once',
    needs: 'reopen',
    async run({ sink, reopen, ids }) {
      const { logId } = sink
      await sink.append([sampleEvent('r-1', 1), sampleEvent('r-1', 2)])
      const again = await reopen()
      assert.equal(again.logId, logId)
      await again.append([sampleEvent('r-1', 2), sampleEvent('r-1', 3)])
      assert.deepEqual(await ids(), ['r-1/1', 'r-1/2', 'r-1/3'])
    },
  },
  {
    name: 'T48: a sink that cannot write rejects, and goes on rejecting',
    needs: 'lose',
    async run({ sink, lose }) {
      await sink.append([sampleEvent('r-1', 1)])
      await lose()
      await assert.rejects(async () => sink.append([sampleEvent('r-1', 2)]))
      await assert.rejects(async () => sink.append([sampleEvent('r-1', 2)]))
      await assert.rejects(async () => sink.append([sampleEvent('r-2', 1)]))
    },
  },
]
