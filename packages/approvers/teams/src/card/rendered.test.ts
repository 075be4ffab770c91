import type { ReviewDocument } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { fakeHost } from '@gatewright/testing/conformance'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textOf } from '../../test/card-schema'
import { bare, hostileDocuments, textsOf } from '../../test/hostile'
import { openRenderer } from '../../test/render'
import { type CardView, documentCard } from './document-card'

let renderer: Awaited<ReturnType<typeof openRenderer>>
beforeAll(async () => {
  renderer = await openRenderer()
})
afterAll(() => renderer.close())

const base = fakeHost(fakeClock()).ask({ requestId: 'r1' })
const person: CardView = { for: 'person', value: 'v', delivery: 'd', own: false }
/** What a card says that does not hold everything. */
const CUT = /not shown in this message|does not show everything/
const documents = Number(process.env['GATEWRIGHT_CARDS'] ?? 300) / 10

test(
  `T13, T14, T15: Microsoft’s renderer shows every text whole, within the card, and nothing live (${documents} documents)`,
  async () => {
    const isWhole = (review: ReviewDocument) => !CUT.test(textOf(documentCard(review, person)))
    const any = hostileDocuments(base)
    // Most documents that try everything are too long for a card: two thirds are of those that are not.
    const sampled = fc.oneof({ weight: 1, arbitrary: any }, { weight: 2, arbitrary: any.filter(isWhole) })
    const seen = fc.sample(sampled, { numRuns: documents, seed: Number(process.env['GATEWRIGHT_SEED'] ?? 7) })
    let whole = 0
    for (const review of seen) {
      const card = documentCard(review, person)
      const rendered = await renderer.render(card)
      const read = bare(rendered.text)
      if (isWhole(review)) {
        whole += 1
        for (const text of textsOf(review)) expect(read).toContain(bare(text))
      }
      // The address of the full view is ours, and the only one.
      expect(rendered.live.filter((live) => !live.startsWith('https://gate.test/'))).toEqual([])
      expect(rendered.overflows, textOf(card)).toBe(false)
    }
    expect(whole).toBeGreaterThan(documents / 3)
  },
  120_000 + documents * 1_000,
)

test('the buttons that ask for a reason open a form, with its button', async () => {
  const noteFor = { approve: true, reject: true }
  const card = documentCard({ ...base, content: { ...base.content, noteFor } }, person)
  expect((await renderer.render(card)).text).toMatch(/Approve…[\s\S]*Reject…[\s\S]*Open in inbox/)
  const { text } = await renderer.render(card, ['Reject…'])
  expect(text).toMatch(/You reject data\.export, exactly as it stands above[\s\S]*Reason[\s\S]*Reject/)
})
