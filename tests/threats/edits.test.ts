import { type ArgumentEdit, editsBetween, group, type Json, shownArguments } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ada, attempt, ben, scene, settle } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

const SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'

async function asked(args: unknown, options: Parameters<typeof scene>[0] = {}) {
  const s = scene(options)
  const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })(args))
  await settle()
  const { id } = await s.only()
  return { s, call, id }
}

/** Data with secrets anywhere: under telling keys, in texts, as keys. */
const tree = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.integer(),
    fc.constantFrom<Json>('plain', 'hidden\u202e', SECRET, `use ${SECRET} please`, '[redacted]', null, true),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b/c', 'password', 'credentials', SECRET, 'z\u200b'), tie('any'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).any

describe('edited arguments', () => {
  test('T43: a channel that holds the document alone changes one value, and every other one runs as it was', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.integer(), async (data, rows) => {
        const proposed = { data, rows: 'many' }
        const { s, call, id } = await asked(structuredClone(proposed))
        const review = await s.gate.requests.review(id)
        if (review === null) throw new Error('there is no review')
        const shown = shownArguments(review.content).value as { readonly [name: string]: Json }
        const between = editsBetween(review.content, { ...shown, rows })
        expect(between).toEqual({ edits: [{ path: '/rows', value: rows }] })
        await s.approve(id, ada, 'edits' in between ? { edits: between.edits } : {})
        await call.ended
        expect(s.runs).toEqual([[{ data, rows }]])
        await s.types()
        expect(JSON.stringify([s.audit.events, s.desk.messages, s.desk.updates])).not.toContain(SECRET)
        await s.close()
      }),
      { numRuns: 60 },
    )
  })

  test('T43: whatever a channel sends back of what it was shown, no placeholder runs where a secret stood', async () => {
    const args = {
      token: SECRET,
      dsn: 'postgres://app:hunter2hunter2@db/x',
      deep: [{ password: 'hunter2hunter2', name: 'ada' }],
      n: 1,
    }
    const { s, call, id } = await asked(args)
    const review = await s.gate.requests.review(id)
    const shown = shownArguments(review?.content ?? { arguments: [] }).value as Record<string, Json>
    const careless: (readonly ArgumentEdit[])[] = [
      [{ path: '', value: { ...shown, n: 2 } }],
      Object.entries(shown).map(([name, value]) => ({ path: `/${name}`, value })),
      [{ path: '/deep', value: shown['deep'] ?? null }],
      [{ path: '/deep/0', value: { password: '[redacted]', name: 'ben' } }],
      [{ path: '/deep/1', value: { password: '[redacted]', name: 'ben' } }],
      [{ path: '/dsn', value: 'postgres://app:[redacted: password]@elsewhere/x' }],
      [{ path: '/deep/0', value: { name: 'ben' } }],
      [{ path: '', value: { n: 2 } }],
    ]
    for (const edits of careless) {
      const receipt = await s.approve(id, ada, { edits })
      expect(receipt, JSON.stringify(edits)).toMatchObject({ status: 'refused', reason: 'edit-invalid' })
      expect(receipt.message).toMatch(/\/(token|dsn|deep)/)
      expect(receipt.message).not.toContain('hunter2')
    }
    expect([call.state, s.runs, (await s.request(id)).version]).toEqual(['waiting', [], 1])
  })

  test('T08: hostile edits through the gate are refused in words; nothing runs, nothing is polluted', async () => {
    const { s, call, id } = await asked({ a: { b: [1] }, at: new Date(0), password: 'hunter2hunter2' })
    const step = fc.constantFrom(
      'a',
      'b',
      '0',
      '1',
      '-',
      '__proto__',
      'constructor',
      'prototype',
      '$type',
      'value',
      'password',
      'at',
      '~2',
    )
    const path = fc.oneof(
      fc.array(step, { maxLength: 4 }).map((steps) => steps.map((one) => `/${one}`).join('')),
      fc.string({ unit: 'binary' }),
    )
    const evil = JSON.parse('{"__proto__":{"polluted":true}}') as Json
    // Of these no value is any good, wherever it goes.
    const value = fc.constantFrom<Json>(
      evil,
      [evil],
      { $type: 'live', value: 1 },
      { $type: 'wat' },
      '[redacted]',
      '\ud800',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ path, value }), { maxLength: 3 }), async (edits) => {
        const receipt = await s.approve(id, ada, { edits })
        expect(receipt).toMatchObject({ status: 'refused', reason: 'edit-invalid' })
        expect(receipt.message.length).toBeLessThan(600)
      }),
      { numRuns: 150 },
    )
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect([call.state, s.runs, (await s.request(id)).version]).toEqual(['waiting', [], 1])
  })

  test('T24: of two edits on one document one stands, and the other person is told to look again', async () => {
    const { s, id } = await asked({ a: 1, b: 1 }, { reviewers: group('ops', { atLeast: 2 }) })
    const { reviewDigest: digest } = await s.request(id)
    const receipts = await Promise.all([
      s.approve(id, ada, { digest, edits: [{ path: '/a', value: 2 }] }),
      s.approve(id, ben, { digest, edits: [{ path: '/b', value: 2 }] }),
    ])
    expect(receipts.map((receipt) => receipt.status).sort()).toEqual(['counted', 'refused'])
    expect(receipts.find(({ status }) => status === 'refused')).toMatchObject({ reason: 'digest' })
    expect(s.runs).toEqual([])
  })
})
