import type { Json, ReviewDocument } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gateRoom } from '../test/gate-room'
import { startReceiver } from '../test/receiver'

/** How many documents are tried; 10,000 with GATEWRIGHT_DOCUMENTS=10000. */
const DOCUMENTS = Number(process.env.GATEWRIGHT_DOCUMENTS ?? 200)

const SECRET = 'hunter2-correct-horse'
/** Texts that have broken out of something before. What a gate refuses outright is not among them. */
const hostile = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '[approve](https://evil.test)',
      '","decision":"approve","x":"',
      '\u202Etxt.exe',
      'pay\u200Bload',
      '\u2028\u2029',
      '\u0000',
      'x'.repeat(5_000),
    ),
  )
  .filter((text) => text !== '__proto__')
const argument = fc.object({
  key: hostile,
  values: [hostile, fc.integer(), fc.boolean(), fc.constant(null)],
  maxDepth: 3,
  maxKeys: 6,
})

describe('hostile documents', () => {
  test('arrive as they are, in JSON that the schema describes, with every leaf, and no secret', async () => {
    const { office, call, gate } = await gateRoom({ wait: 'suspend', rateLimit: false, coalesce: false })
    await fc.assert(
      fc.asyncProperty(argument, async (value) => {
        const { requestId } = await call({ value: value as Json, password: SECRET })
        const message = office.receiver.arrived.at(-1)
        const review = (await gate.requests.review(requestId)) as ReviewDocument
        // The receiver has checked the signature, and the schema, by which nothing is dropped.
        expect(message?.payload.data.review.content).toEqual(plain(review.content))
        expect(message?.payload.data.review.digest).toBe(review.digest)
        expect(message?.payload.data.decision?.offers).toEqual(['approve', 'reject'])
        expect(message?.body).not.toContain(SECRET)
      }),
      { numRuns: DOCUMENTS },
    )
    expect(office.receiver.problems).toEqual([])
  })

  test('that do not fit say so, and offer no approval', async () => {
    const limits = { leafCharacters: 20, leaves: 4, totalCharacters: 60 }
    const room = await gateRoom({ wait: 'suspend', rateLimit: false, coalesce: false }, { limits })
    await fc.assert(
      fc.asyncProperty(argument, async (value) => {
        const { requestId } = await room.call({ value: value as Json })
        const data = room.office.receiver.arrived.at(-1)?.payload.data
        const whole = (await room.gate.requests.review(requestId)) as ReviewDocument
        const leaves = data?.review.content.arguments ?? []
        const cut =
          leaves.some(({ omitted }) => omitted > 0) || leaves.length < whole.content.arguments.length
        expect(data?.review.complete).toBe(!cut && data?.review.content.missing.length === 0)
        expect(data?.decision?.offers).toEqual(data?.review.complete ? ['approve', 'reject'] : ['reject'])
        if (cut) expect(data?.review.content.missing.length).toBeGreaterThan(0)
      }),
      { numRuns: DOCUMENTS },
    )
  })

  test('T13: approving what was cut is refused, with the way to all of it', async () => {
    const limits = { leafCharacters: 20, leaves: 4, totalCharacters: 60 }
    const room = await gateRoom({ wait: 'suspend' }, { limits })
    const { requestId } = await room.call({ text: 'x'.repeat(100) })
    const { answer } = await room.office.send({
      token: room.office.tokenOf(requestId, 'reject') ?? '',
      decision: 'approve',
    })
    expect(answer).toMatchObject({ status: 'refused', reason: 'incomplete-view', link: expect.any(String) })
    expect((await room.gate.requests.get(requestId))?.votes).toEqual([])
  })
})

test('a receiver fails the test on what it should not get', async () => {
  const receiver = await startReceiver()
  const response = await fetch(receiver.url, { method: 'POST', body: '{}' })
  expect(response.status).toBe(400)
  await expect(receiver.close()).rejects.toThrow('something wrong')
  onTestFinished(() => {})
})

/** As JSON carries it. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
