import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOldest } from './oldest'

test('takes what was added first, whatever was added, deleted and taken before', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('add' as const), member: fc.nat(9) }),
    fc.record({ type: fc.constant('delete' as const), member: fc.nat(9) }),
    fc.record({ type: fc.constant('take' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const oldest = createOldest<number>()
      let expected: number[] = []
      for (const one of steps) {
        if (one.type === 'take') {
          expect(oldest.take()).toBe(expected.shift())
        } else if (one.type === 'delete') {
          oldest.delete(one.member)
          expected = expected.filter((member) => member !== one.member)
        } else {
          oldest.add(one.member)
          if (!expected.includes(one.member)) expected.push(one.member)
        }
        expect(oldest.size).toBe(expected.length)
      }
    }),
  )
})
