import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gateRoom } from '../../test/gate-room'
import type { Sending } from '../../test/office'

const ROUNDS = 20_000

/** Numbers that look like chance and are the same each time. */
function dice(seed: number) {
  let state = seed
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

/** What is put into a body, in place of some of its characters. */
const JUNK = [
  '"',
  '{',
  '}',
  '[',
  ']]]',
  ',',
  '\\u0000',
  '\u0000',
  '\\',
  'null',
  '1e999',
  '"__proto__":',
  '\ud800',
  'true',
  'approve',
  '-',
  '.',
  '['.repeat(300),
  '{"a":'.repeat(120),
  '"x":"y",',
]

test(`${ROUNDS} malformed bodies, each well signed, are refused, and none becomes a vote`, async () => {
  const { office, call, statement, gate } = await gateRoom({ wait: 'suspend' })
  const { requestId } = await call({ table: 'customers' })
  const good = await office.bodyOf(statement(requestId))
  const roll = dice(20_261_126)
  const statuses = new Set<number>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const at = roll(good.length)
    const body = `${good.slice(0, at)}${JUNK[roll(JUNK.length)]}${good.slice(at + roll(8))}`
    // In white space alone a body may be changed.
    if (sameDecision(body, good)) continue
    const { status } = await office.approver.handle(office.request(body, { webhookId: `f-${round}` }))
    if (status < 400 || status >= 500) expect.fail(`${status} for ${body}`)
    statuses.add(status)
  }
  expect([...statuses].sort()).toEqual([400, 403])
  expect((await gate.requests.get(requestId))?.votes).toEqual([])
  expect((await office.approver.handle(office.request(good))).status).toBe(200)
})

function sameDecision(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other))
  } catch {
    return false
  }
}

test('bodies, statements, tokens and headers of any kind are refused, whoever signed', async () => {
  const { office, call, statement, gate } = await gateRoom({ wait: 'suspend' })
  const { requestId } = await call({ table: 'customers' })
  const { token } = statement(requestId)
  const text = fc.string({ unit: 'binary', maxLength: 60 })
  const statements = fc.oneof(
    text,
    fc.json(),
    fc
      .record({ token: fc.constantFrom(token, ''), decision: fc.anything() })
      .map((value) => stringify(value)),
  )
  const sendings: fc.Arbitrary<Sending> = fc.record(
    {
      identity: text,
      claims: fc.record({ nonce: fc.anything(), sub: text }),
      more: fc.dictionary(text, fc.jsonValue(), { minKeys: 1 }),
      webhookId: fc
        .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
        .filter((id) => id.trim() === id),
    },
    { requiredKeys: ['identity'] },
  )
  await fc.assert(
    fc.asyncProperty(statements, sendings, async (written, sending) => {
      const response = await office.approver.handle(
        office.request(await office.bodyOf(written, sending), sending),
      )
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    }),
    { numRuns: 500 },
  )
  expect((await gate.requests.get(requestId))?.votes).toEqual([])
})

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}
