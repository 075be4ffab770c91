import { currentSession, group, type ReviewDocument, type ReviewLeaf, when } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { attempt, scene } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

const SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'

/** Characters that a person cannot see, or that move other text about. */
const hidden = fc.constantFrom(
  '\u202e',
  '\u2066',
  '\u200b',
  '\u200d',
  '\u2060',
  '\u00ad',
  '\u{e0041}',
  '\u0007',
  '\u001b[2J',
  '\u2028',
  '\ufeff',
  '\u3164',
)

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.tuple(fc.string(), hidden, fc.string()).map((parts) => parts.join('')),
)
// A key of this name is refused at the call.
const key = text.filter((name) => name !== '__proto__')
const tree = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any
const named = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tree, { maxKeys: 4, noNullPrototype: true })

/** How many leaves a tree has: an empty list or object is one. */
function countLeaves(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  const inner = Object.values(value)
  return inner.length === 0 ? 1 : inner.reduce<number>((sum, one) => sum + countLeaves(one), 0)
}

function everyText(review: ReviewDocument): readonly string[] {
  const { arguments: leaves, intent } = review.content
  return [...leaves, ...(intent === null ? [] : [intent.leaf])].flatMap((leaf: ReviewLeaf) => [
    leaf.path,
    leaf.text,
  ])
}

/** Format, private and control characters, but for the line break and the tab. */
const INVISIBLE = /[\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u3164]|(?![\n\t])\p{Cc}/u

async function reviewOf(args: unknown, intent?: string) {
  const s = scene()
  const tool = s.gate.requireApproval(s.effect, {
    action: 'data.export',
    ...(intent === undefined ? {} : { intent: () => intent }),
  })
  const call = attempt(tool(args))
  const { id } = await s.only()
  const review = await s.gate.requests.review(id)
  if (review === null) throw new Error('there is no review')
  return { s, call, id, review }
}

describe('I9: reviewers see the truth', () => {
  test('I9: every leaf is shown once, and the complete document says it is complete', async () => {
    await fc.assert(
      fc.asyncProperty(named, async (args) => {
        const { s, review } = await reviewOf(args)
        expect(review.complete).toBe(true)
        expect(review.content.missing).toEqual([])
        expect(review.content.arguments).toHaveLength(countLeaves(args))
        const paths = review.content.arguments.map(({ path }) => path)
        expect(new Set(paths).size).toBe(paths.length)
        // The message that was sent is this very document.
        expect(s.desk.messages.map(({ review: sent }) => sent.digest)).toEqual([review.digest])
        await s.close()
      }),
      { numRuns: 50 },
    )
  })

  test('I9: hidden characters are visible in everything that is shown', async () => {
    await fc.assert(
      fc.asyncProperty(named, text, async (args, intent) => {
        const { s, review } = await reviewOf(args, intent)
        for (const shown of everyText(review)) expect(shown).not.toMatch(INVISIBLE)
        expect(review.content.intent?.label).toBe('the agent says')
        await s.close()
      }),
      { numRuns: 50 },
    )
  })

  test('I9: what was not shown in full cannot be approved in place', async () => {
    const limits = fc.record({
      leafCharacters: fc.integer({ min: 1, max: 40 }),
      leaves: fc.integer({ min: 0, max: 4 }),
      totalCharacters: fc.integer({ min: 0, max: 80 }),
    })
    await fc.assert(
      fc.asyncProperty(named, limits, async (args, bounds) => {
        const { s, id, review } = await reviewOf(args)
        const part = await s.gate.requests.review(id, bounds)
        const whole = part?.digest === review.digest
        expect(part?.complete).toBe(whole)
        expect(
          part?.content.missing.length === 0 &&
            !part.content.arguments.some(({ marks }) => marks.includes('truncated')),
        ).toBe(whole)
        const receipt = await s.approve(id, undefined, { digest: part?.digest ?? '' })
        if (whole) expect(receipt.status).toBe('counted')
        else expect(receipt).toMatchObject({ status: 'refused' })
        expect(s.runs).toHaveLength(whole ? 1 : 0)
        await s.close()
      }),
      { numRuns: 50 },
    )
  })

  const PLACES = [
    'value',
    'nested',
    'key',
    'middle',
    'password',
    'pointer',
    'map',
    'intent',
    'note',
    'rejection',
    'result',
    'error',
    'context',
    'recorded',
    'risk',
    'rule',
  ] as const

  test.each(PLACES)('I9: a secret in the %s is in no document and in no log', async (where) => {
    const args: Readonly<Record<string, unknown>> = {
      value: { token: SECRET },
      nested: { list: [{ deep: SECRET }] },
      key: { [SECRET]: 1 },
      middle: { text: `use ${SECRET} please` },
      password: { password: 'hunter2hunter2' },
      pointer: { hidden: { hunter2hunter2: 'hunter2hunter2' } },
      map: { headers: new Map([['authorization', SECRET]]) },
    }
    const s = scene({
      redact: { keys: ['hidden'] },
      ...(where === 'risk'
        ? { risk: [{ id: 'r', assess: () => ({ score: 1, reasons: [`saw ${SECRET}`] }) }] }
        : {}),
      ...(where === 'rule'
        ? { policy: [when('*').require({ reviewers: group('ops'), reason: `since ${SECRET}` })] }
        : {}),
    })
    const tool = s.gate.requireApproval(
      async (_arg: unknown): Promise<unknown> => {
        if (where === 'error') throw new Error(`refused ${SECRET}`)
        if (where === 'recorded') await currentSession()?.record('used', { token: SECRET, [SECRET]: SECRET })
        return where === 'result' ? { token: SECRET, [SECRET]: SECRET } : 'done'
      },
      {
        action: 'data.export',
        parameters: ['input'],
        redact: ['/input/hidden'],
        ...(where === 'intent' ? { intent: () => `with ${SECRET}` } : {}),
        ...(where === 'context'
          ? { context: () => ({ resource: SECRET, impact: { [SECRET]: SECRET } }) }
          : {}),
      },
    )
    const call = attempt(tool(args[where] ?? 'plain'))
    const { id } = await s.only()
    if (where === 'rejection') await s.reject(id, undefined, `no, ${SECRET}`)
    else await s.approve(id, undefined, where === 'note' ? { note: `fine, ${SECRET}` } : {})
    await call.ended
    await s.types()
    const everything = JSON.stringify([s.audit.events, s.desk.messages, s.desk.updates, s.logger.entries])
    expect(everything).not.toContain(SECRET)
    expect(everything).not.toContain('hunter2hunter2')
  })
})
