import type { ReviewContent, ReviewLeaf } from '@gatewright/core'
import { createGate, group } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mockApprover } from './mock-approver'
import { shownArguments } from './mock-approver-arguments'

type Content = Pick<ReviewContent, 'arguments' | 'missing'>

function content(leaves: readonly Partial<ReviewLeaf>[], missing: readonly string[] = []): Content {
  return {
    missing,
    arguments: leaves.map((leaf) => ({
      path: '/a',
      type: 'string',
      text: '',
      marks: [],
      omitted: 0,
      ...leaf,
    })),
  }
}

describe('the arguments that a document shows', () => {
  test.each<[Partial<ReviewLeaf>, unknown]>([
    [{ type: 'string', text: 'x' }, 'x'],
    [{ type: 'string', text: 'pay⟦U+202E⟧⟦U+E0041⟧', marks: ['escaped'] }, 'pay\u202E\u{E0041}'],
    [{ type: 'number', text: '1.5' }, 1.5],
    [
      { type: 'number', text: 'NaN' },
      { $type: 'number', value: 'NaN' },
    ],
    [
      { type: 'number', text: '-0' },
      { $type: 'number', value: '-0' },
    ],
    [{ type: 'boolean', text: 'true' }, true],
    [{ type: 'boolean', text: 'false' }, false],
    [{ type: 'null', text: 'null' }, null],
    [{ type: 'undefined', text: 'undefined' }, { $type: 'undefined' }],
    [{ type: 'empty object' }, {}],
    [{ type: 'empty list' }, []],
    [
      { type: 'bigint', text: '12' },
      { $type: 'bigint', value: '12' },
    ],
    [
      { type: 'date', text: '2026-01-01T00:00:00.000Z' },
      { $type: 'date', value: '2026-01-01T00:00:00.000Z' },
    ],
    [{ type: 'number', text: '[redacted: card]', marks: ['redacted'] }, '[redacted: card]'],
  ])('%o', (leaf, value) => {
    expect(shownArguments(content([leaf]))).toEqual({ a: value })
  })

  test('stand in their places, under names that a pointer had to escape', () => {
    const leaves = [
      { path: '/user/name', text: 'ada' },
      { path: '/user/roles/0', text: 'dev' },
      { path: '/user/roles/1', text: 'ops' },
      { path: '/a~1b~0c', text: 'x' },
      { path: '/~01', text: 'y' },
    ]
    const shown = { user: { name: 'ada', roles: ['dev', 'ops'] }, 'a/b~c': 'x', '~1': 'y' }
    expect(shownArguments(content(leaves))).toEqual(shown)
    expect(shownArguments(content([{ path: '', type: 'empty object' }]))).toEqual({})
  })
})

test('what a gate shows of a call is read back as it was called', async () => {
  // Keys 0, 1, … and the encoding's own key are the documented exception; secrets are hidden by name.
  const key = fc.stringMatching(/^[a-z][a-z~/ .\u00e9\u202e-]{0,6}$/)
  const leaf = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.stringMatching(/^[ -~\u202e\u200b]{0,8}$/),
  )
  const value = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).tree
  const calls = fc.array(fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true }), {
    minLength: 1,
    maxLength: 40,
  })
  const approver = mockApprover().approve()
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [approver],
    reviewers: group('ops'),
    ephemeral: true,
    rateLimit: false,
  })
  const run = gate.requireApproval(async (args: object) => args, { action: 'data.export' })
  await fc.assert(
    fc.asyncProperty(calls, async (list) => {
      for (const args of list) {
        await run(args)
        const { review } = approver.seen.at(-1) ?? { review: null }
        expect(review && shownArguments(review.content)).toEqual(args)
      }
    }),
    { numRuns: 5 },
  )
  await gate.close()
})
