import { fakeClock } from '@gatewright/testing'
import { fakeHost } from '@gatewright/testing/conformance'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { elementsOf, problemsOf, textOf } from '../../test/card-schema'
import { somebody } from '../../test/fake-teams'
import { bare, hostileDocuments, textsOf } from '../../test/hostile'
import { type CardView, documentCard, type Notice, outcomeCard } from './document-card'
import { type AdaptiveCard, bytesOf, runs } from './elements'

const base = fakeHost(fakeClock()).ask({ requestId: 'r1' })
const runsWanted = Number(process.env['GATEWRIGHT_CARDS'] ?? 300)
/** As long as a gate's value can be, with the audience of a long conversation. */
const sealed = { value: 'v'.repeat(420), delivery: 'd'.repeat(60) }
const views: readonly CardView[] = [
  { for: 'readers' },
  { for: 'readers', fixed: true },
  { for: 'everyone', ...sealed, userIds: Array.from({ length: 80 }, (_, index) => somebody(index).id) },
  { for: 'person', ...sealed, own: false },
  { for: 'person', ...sealed, own: true },
]
const notice: Notice = {
  style: 'attention',
  text: '漢'.repeat(700),
  link: { title: 'Continue in the browser', url: `https://gate.test/${'x'.repeat(980)}` },
}
/** What the message around a card takes. */
const ENVELOPE = 1_500
const MOST_BYTES = 28 * 1_024

const verbsOf = (card: AdaptiveCard): readonly unknown[] => elementsOf(card).map(({ verb }) => verb)

describe('a card of any document', () => {
  test(
    `T13, T14, T15, T16: fits, is valid, holds everything or says so, and holds nothing live (${runsWanted} documents)`,
    () => {
      const link = `https://gate.test/requests/${'l'.repeat(900)}`
      fc.assert(
        fc.property(
          hostileDocuments(base),
          fc.constantFrom(...views),
          fc.boolean(),
          (document, view, told) => {
            const review = { ...document, link }
            const card = documentCard(review, view, told ? notice : null)
            expect(problemsOf(card)).toEqual([])
            expect(bytesOf(card)).toBeLessThanOrEqual(MOST_BYTES - ENVELOPE)
            const read = textOf(card)
            expect(read).not.toMatch(/(?![\n\r\t])[\p{Cc}\p{Cf}\p{Co}]/u)
            for (const { type, text } of elementsOf(card)) {
              expect(['TextBlock', 'FactSet', 'Image']).not.toContain(type)
              if (type === 'TextRun') expect(text).not.toMatch(/\{\{/)
            }
            const cut = /not shown in this message|does not show everything/.test(read)
            const shown = bare(read)
            if (!cut) for (const text of textsOf(review)) expect(shown).toContain(bare(text))
            const offered = verbsOf(card)
            if (cut) expect(offered).not.toContain('gatewright.approve')
            if (review.progress.status !== 'pending' || view.for === 'readers')
              expect(offered.filter(Boolean)).toEqual([])
          },
        ),
        { numRuns: runsWanted, endOnFailure: true },
      )
    },
    120_000 + runsWanted * 100,
  )

  test('of an outcome fits as well', () => {
    fc.assert(
      fc.property(hostileDocuments(base), (review) => {
        const card = outcomeCard(review)
        expect(problemsOf(card)).toEqual([])
        expect(bytesOf(card)).toBeLessThanOrEqual(MOST_BYTES - ENVELOPE)
      }),
      { numRuns: Math.ceil(runsWanted / 3), endOnFailure: true },
    )
  })
})

describe('what a card offers', () => {
  const person: CardView = { for: 'person', value: 'v', delivery: 'd', own: false }
  const everyone: CardView = { for: 'everyone', value: 'v', delivery: 'd', userIds: [somebody(1).id] }

  test('to everyone in a conversation: nothing but a card of one’s own', () => {
    const card = documentCard(base, everyone)
    expect(verbsOf(card).filter(Boolean)).toEqual(['gatewright.view', 'gatewright.view'])
    expect(card.refresh?.userIds).toEqual([somebody(1).id])
  })

  test('to whoever answers for the agent: no decision, and why', () => {
    const card = documentCard(base, { ...person, own: true })
    expect(verbsOf(card).filter(Boolean)).toEqual([])
    expect(textOf(card)).toContain('somebody else decides')
  })

  test('to a person: both decisions, which older clients can submit', () => {
    const card = documentCard(base, person)
    const executes = elementsOf(card).filter(({ type }) => type === 'Action.Execute')
    expect(executes.map(({ verb }) => verb)).toEqual(['gatewright.approve', 'gatewright.reject'])
    for (const { fallback, data } of executes) expect(fallback).toMatchObject({ type: 'Action.Submit', data })
  })

  test.each([
    [{ approve: false, reject: false }, [undefined]],
    [{ approve: true, reject: true }, [true, true]],
    [{ approve: false, reject: true }, [true]],
  ])('asks for a reason before the vote where one is needed: %j', (noteFor, required) => {
    const card = documentCard({ ...base, content: { ...base.content, noteFor } }, person)
    const inputs = elementsOf(card).filter(({ type }) => type === 'Input.Text')
    expect(inputs.map(({ isRequired }) => isRequired)).toEqual(required)
  })

  test('T17: at high risk, approving is two steps', () => {
    const risk = { level: 'high', score: 0.9, reasons: [] }
    const card = documentCard({ ...base, content: { ...base.content, risk } }, person)
    expect(card.actions?.map(({ type, title }) => [type, title]).slice(0, 1)).toEqual([
      ['Action.ShowCard', 'Approve…'],
    ])
  })

  test('T13: a document that is not complete can be rejected and opened, and not approved', () => {
    const content = { ...base.content, missing: ['2 values are cut'] }
    const card = documentCard({ ...base, complete: false, content }, person)
    expect(verbsOf(card).filter(Boolean)).toEqual(['gatewright.reject'])
    expect(textOf(card)).toMatch(/2 values are cut[\s\S]*\[Open in inbox\]/)
  })

  test('a link that is no address of the web, or too long, is left out', () => {
    for (const link of ['javascript:alert(1)', `https://gate.test/${'x'.repeat(1_000)}`, null])
      expect(JSON.stringify(documentCard({ ...base, link }, person))).not.toContain('OpenUrl')
  })
})

describe('a text in runs', () => {
  test.each([
    ['{{DATE(2026-01-01T00:00:00Z)}}', ['{', '{DATE(2026-01-01T00:00:00Z)}}']],
    ['{{{', ['{', '{', '{']],
    ['a   b', ['a\u00A0\u00A0 b']],
    ['', [' ']],
    ['x'.repeat(50), [`${'x'.repeat(44)}⟦↩⟧ xxxxxx`]],
    [`${'x'.repeat(40)}⟦U+202E⟧y`, [`${'x'.repeat(40)}⟦↩⟧ ⟦U+202E⟧y`]],
  ])('%j', (text, parts) => {
    expect(runs(text).map((run) => run.text)).toEqual(parts)
  })
})
