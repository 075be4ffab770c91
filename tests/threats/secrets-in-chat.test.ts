import type { Json, ReviewDocument } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderMessage } from '../../packages/approvers/slack/src/blocks/message'
import { pageView } from '../../packages/approvers/slack/src/blocks/views'
import { documentCard, outcomeCard } from '../../packages/approvers/teams/src/card/document-card'
import { scene } from '../../packages/core/test/scene'

/** `GATEWRIGHT_FUZZ=10000 npx vitest run --project unit tests/threats/secrets-in-chat.test.ts` looks longer. */
const numRuns = Number(process.env.GATEWRIGHT_FUZZ ?? 200)

const random = (unit: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...unit), minLength: length, maxLength: length })
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const ANY = `${UPPER}abcdefghijklmnopqrstuvwxyz0189`

interface Secret {
  readonly core: string
  readonly text: string
}

/** A secret as people paste it: what must not be seen, and what stands around it. */
const secret: fc.Arbitrary<Secret> = fc.oneof(
  ...(
    [
      [random(UPPER, 16), (core) => `AKIA${core}`],
      [random(ANY, 36), (core) => `ghp_${core}`],
      [random(ANY, 24), (core) => `xoxb-${core}`],
      [random(ANY, 24), (core) => `sk_live_${core}`],
      [random(ANY, 36), (core) => `npm_${core}`],
      [random(ANY, 40), (core) => `eyJ${core.slice(0, 12)}.${core}.${core}`],
      [random(ANY, 20), (core) => `postgres://app:${core}@db.internal/main`],
      [random(ANY, 20), (core) => `psql --host db password=${core}`],
      [random(ANY, 30), (core) => `curl -H "Authorization: Bearer ${core}"`],
      [random(ANY, 64), (core) => `-----BEGIN PRIVATE KEY-----\n${core}\n-----END PRIVATE KEY-----`],
    ] satisfies [fc.Arbitrary<string>, (core: string) => string][]
  ).map(([arbitrary, text]) => arbitrary.map((core) => ({ core, text: text(core) }))),
)
const noise = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('', '<!channel>', '```', '**bold**', '漢字'.repeat(30), '"\\"'.repeat(30), '\n\n│ '),
  fc.integer({ min: 1, max: 3_000 }).map((length) => 'long '.repeat(length / 5 + 1)),
)
/** In a text, or under a key whose name says what it is. */
const hidden = fc.oneof(
  fc
    .tuple(noise, secret, noise)
    .map(([before, { core, text }, after]) => ({ core, value: `${before} ${text} ${after}` as Json })),
  fc
    .tuple(fc.constantFrom('password', 'api_key', 'clientSecret', 'DSN', 'x-auth-token'), random(ANY, 20))
    .map(([key, core]) => ({ core, value: { [key]: core, kept: 'in clear' } as Json })),
)
const requests = fc.record({
  secrets: fc.array(hidden, { minLength: 1, maxLength: 4 }),
  // A call with a name of `__proto__` is refused before anything is shown.
  others: fc.dictionary(
    fc.string({ maxLength: 12 }).filter((name) => name !== '__proto__'),
    noise,
    { maxKeys: 8 },
  ),
  intent: secret,
})

/** Everything that Slack and Teams would be sent of a document. */
function everythingSent(review: ReviewDocument): string {
  const sent: unknown[] = [renderMessage(review, { value: 'v', mentions: [] }), outcomeCard(review)]
  for (let page = 0, next = true; next; page += 1) {
    const view = pageView(review, { page, metadata: 'm', notice: null })
    next = JSON.stringify(view).includes('gatewright_page_next')
    sent.push(view)
  }
  sent.push(documentCard(review, { for: 'readers' }))
  sent.push(documentCard(review, { for: 'person', value: 'v', delivery: 'd', own: false }))
  sent.push(documentCard(review, { for: 'everyone', value: 'v', delivery: 'd', userIds: [] }))
  // Teams breaks long words, where that can be seen.
  return JSON.stringify(sent).replaceAll('⟦↩⟧ ', '')
}

describe('what chats are sent', () => {
  test('T43: no secret in what an agent asks for, or says, is in anything that Slack or Teams is sent', async () => {
    const s = scene({ rateLimit: false, coolDown: false })
    let shown = 0
    await fc.assert(
      fc.asyncProperty(requests, async ({ secrets, others, intent }) => {
        const args = { ...others, secrets: secrets.map(({ value }) => value) }
        const context = { intent: `deploys with ${intent.text}`, wait: 'suspend' as const }
        const { requestId } = await s.gate.request({ action: 'tf.apply', args, context })
        if (requestId === null) throw new Error('nobody was asked')
        const review = await s.gate.requests.review(requestId)
        if (review === null) throw new Error('there is no document')
        const sent = everythingSent(review)
        expect(sent).toContain('[redacted')
        // No part of it either: half a key narrows the search for the rest.
        for (const { core } of [...secrets, intent])
          for (let from = 0; from + 10 <= core.length; from += 5)
            expect(sent).not.toContain(core.slice(from, from + 10))
        shown += secrets.length
        await s.gate.cancel(requestId)
      }),
      { numRuns },
    )
    expect(shown).toBeGreaterThanOrEqual(numRuns)
  }, 1_800_000)
})
