import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { restoreArguments } from '../../packages/core/src/values/restore'
import { ada, attempt, ben, scene, settle } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

/** Anything that can be copied faithfully. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('any'),
      { maxKeys: 4, noNullPrototype: true },
    ),
    fc.array(fc.tuple(fc.string(), tie('any')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  ),
})).any

const list = fc.array(value, { maxLength: 3 })

/** Changes whatever can be changed inside a value, in place. */
function vandalise(target: unknown): void {
  if (target instanceof Date) target.setTime(0)
  else if (target instanceof Uint8Array) target.fill(0xff)
  else if (target instanceof Map) {
    for (const inner of target.values()) vandalise(inner)
    target.set('added', 'later')
  } else if (Array.isArray(target)) {
    for (const inner of target) vandalise(inner)
    target.push('added later')
  } else if (typeof target === 'object' && target !== null) {
    for (const inner of Object.values(target)) vandalise(inner)
    Object.assign(target, { added: 'later' })
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe('I2: what was approved is what runs', () => {
  test('I2: the function gets the snapshot, however the caller changes its objects meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(list, async (args) => {
        const s = scene()
        const before = structuredClone(args)
        const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
        const call = attempt(tool(...args))
        for (const arg of args) vandalise(arg)
        await settle()
        const request = await s.only()
        for (const arg of args) vandalise(arg)
        await s.approve(request.id)
        await call.ended

        expect(call.error).toBeUndefined()
        expect(s.runs).toHaveLength(1)
        expect(isDeepStrictEqual(s.runs[0], before)).toBe(true)
        // What is digested is what is stored, what every voter saw, and what the start states.
        expect(request.argumentsDigest).toBe(sha256(request.arguments))
        const [start] = await s.events('execution.started')
        expect(start?.data['argumentsDigest']).toBe(request.argumentsDigest)
        const [vote] = await s.events('request.vote-cast')
        expect(vote?.data['argumentsDigest']).toBe(request.argumentsDigest)
        expect(isDeepStrictEqual(restoreArguments(request.arguments), before)).toBe(true)
        await s.close()
      }),
      { numRuns: 60 },
    )
  })

  test('I2: a function that changes its arguments changes nothing that is kept or run again', async () => {
    await fc.assert(
      fc.asyncProperty(list, async (args) => {
        const s = scene()
        const before = structuredClone(args)
        const seen: unknown[] = []
        let failures = 1
        const tool = s.gate.requireApproval(
          async (...given: unknown[]) => {
            seen.push(structuredClone(given))
            for (const one of given) vandalise(one)
            failures -= 1
            if (failures >= 0) throw new Error('first time lucky, not')
          },
          { action: 'data.export', key: () => 'k', retry: true, idempotent: true },
        )
        const first = attempt(tool(...args))
        await settle()
        await s.approve((await s.only()).id)
        await first.ended
        await attempt(tool(...structuredClone(before))).ended
        expect(seen).toHaveLength(2)
        for (const one of seen) expect(isDeepStrictEqual(one, before)).toBe(true)
        await s.close()
      }),
      { numRuns: 40 },
    )
  })

  test('I2: votes cast on other arguments never approve edited ones', async () => {
    const names = fc.record({ rows: fc.nat(), table: fc.string() })
    await fc.assert(
      fc.asyncProperty(names, names, fc.boolean(), async (proposed, edits, editFirst) => {
        // By their members: with another prototype alone, nothing would be edited.
        fc.pre(!isDeepStrictEqual({ ...proposed }, { ...edits }))
        const s = scene({ requirement: { reviewers: { type: 'group', name: 'ops' }, atLeast: 2 } })
        const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
        const call = attempt(tool(proposed))
        await settle()
        const { id } = await s.only()
        if (!editFirst) await s.approve(id, ada)
        await s.approve(id, ben, { edits: [{ path: '', value: edits }] })
        // One vote stands on the edited arguments, whatever was voted before.
        expect(s.runs).toEqual([])
        expect((await s.request(id)).status).toBe('pending')
        await s.approve(id, ada)
        await call.ended
        expect(s.runs).toEqual([[edits]])
        await s.close()
      }),
      { numRuns: 40 },
    )
  })

  test('I2: an edit changes what it names and nothing else, secrets that nobody saw included', async () => {
    const secret = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'
    const plain = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), value, {
      maxKeys: 4,
      noNullPrototype: true,
    })
    await fc.assert(
      fc.asyncProperty(plain, fc.integer(), async (others, rows) => {
        const s = scene()
        const proposed = { others, token: secret, nested: { list: [{ token: secret, at: new Date(0) }] } }
        const before = structuredClone(proposed)
        const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })(proposed))
        await settle()
        const { id } = await s.only()
        await s.approve(id, ada, {
          edits: [
            { path: '/rows', value: rows },
            { path: '/nested/list/1', value: { $type: 'bigint', value: '7' } },
          ],
        })
        await call.ended
        const nested = { list: [...before.nested.list, 7n] }
        expect(isDeepStrictEqual(s.runs, [[{ ...before, nested, rows }]])).toBe(true)
        await s.close()
      }),
      { numRuns: 40 },
    )
  })

  test('I2: a store that changes arguments behind the engine makes the approval fall', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const call = attempt(tool({ rows: 1 }))
    await settle()
    const { id } = await s.only()
    const genuine = s.store.getMany.bind(s.store)
    s.store.getMany = async (ids) =>
      (await genuine(ids)).map((request) => ({ ...request, arguments: '[{"rows":1000000}]' }))
    await s.approve(id)
    await call.ended
    expect(s.runs).toEqual([])
    expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
    expect(await s.types(id)).toContain('request.invalidated')
  })
})
