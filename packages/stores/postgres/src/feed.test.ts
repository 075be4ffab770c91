import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFeed, payloadsOf } from './feed'

test('every id is in some notification, and none is longer than the server takes', () => {
  const ids = fc.array(fc.string({ unit: 'binary', maxLength: 3_000 }), { maxLength: 40 })
  fc.assert(
    fc.property(ids, (some) => {
      const payloads = payloadsOf('sender', some)
      const heard = payloads.flatMap((payload) => {
        const [from, ...told] = JSON.parse(payload) as string[]
        expect(from).toBe('sender')
        return told
      })
      expect(Math.max(0, ...payloads.map((payload) => Buffer.byteLength(payload)))).toBeLessThan(8_000)
      expect(heard).toEqual(some)
    }),
    { numRuns: 50 },
  )
})

test('an id that fits into no notification is not lost: others are told to look', () => {
  expect(payloadsOf('s', ['a', 'x'.repeat(9_000)])).toEqual(['["s"]', '["s","a"]'])
})

test('nobody hears anything after closing, and who stopped hears no more', () => {
  const feed = createFeed('s', null)
  const heard: string[] = []
  const stop = feed.subscribe((ids) => heard.push(...ids))
  feed.announce(['a'])
  stop()
  feed.announce(['b'])
  feed.subscribe((ids) => heard.push(...ids))
  feed.heard(['c'])
  feed.close()
  feed.announce(['d'])
  feed.heard(['e'])
  expect(heard).toEqual(['a', 'c'])
})
