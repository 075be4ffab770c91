import type { Json, ReviewDocument, ReviewLeaf } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { fakeHost } from '@gatewright/testing/conformance'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageBlocks, modalView } from '../test/fake-slack/block-rules'
import { buttonsIn, displayed, liveIn } from '../test/fake-slack/displayed'
import { renderMessage } from './blocks/message'
import { pagesOf, pageView } from './blocks/views'

// A few hundred in `npm test`; GATEWRIGHT_FUZZ=10000 for a longer run.
const numRuns = Number(process.env.GATEWRIGHT_FUZZ ?? 200)
const LONG = 1_800_000

const hostile = fc.oneof(
  fc.constantFrom(
    '<!channel>',
    '<@U0ADA>',
    '@here',
    '<https://evil.test|safe>',
    'https://evil.test',
    ':white_check_mark:',
    '```',
    '*bold* _it_ ~no~ `code`',
    '&lt;!here&gt;',
    'a\u202Eb',
    'pay\u200Bload',
    '\u{E0041}\u{E0042}',
    'pаypal',
    '"\n│ approved  "yes"',
    '\nStatus: ✅ Approved by Ada',
    '⟦U+0041⟧',
    '',
    '\n\n\n',
    '\u0000',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer({ min: 1, max: 4_000 }).map((length) => 'long '.repeat(length / 5 + 1)),
)
const text = fc.array(hostile, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''))
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5 }),
  ),
})).value

const documents = fc.record({
  args: fc.dictionary(text, value, { maxKeys: 12 }) as fc.Arbitrary<{ [name: string]: Json }>,
  requester: text,
  intent: text,
  reason: text,
  action: fc.constantFrom('data.export', `deep.${'segment.'.repeat(30)}end`),
  status: fc.constantFrom('pending' as const, 'approved' as const, 'expired' as const, 'unknown' as const),
  noteFor: fc.record({ approve: fc.boolean(), reject: fc.boolean() }),
})
const limits = { leafCharacters: 2_000, leaves: 80, totalCharacters: 5_000 }

function hostWith(source: object, within?: typeof limits) {
  const host = fakeHost(fakeClock())
  const review = host.ask({ requestId: 'r1', ...source }, within)
  return { host, review }
}

/** The same with facts about the call and an edit, made of the same leaves. */
function withMore(review: ReviewDocument): ReviewDocument {
  const { content } = review
  const leaves = content.arguments.slice(0, 5)
  const changes = leaves.map(({ path, text: after }) => ({ path, before: null, after }))
  const context = {
    status: 'available',
    resource: leaves,
    lineage: [],
    impact: leaves,
    scope: leaves,
    labels: [],
  } as const
  return { ...review, content: { ...content, context, edited: { by: content.requester.name, changes } } }
}

const bare = (shown: string): string => shown.replace(/[\s│]/g, '')

describe('whatever a request holds', () => {
  it(
    'T14, T15, T16: its message keeps Slack’s limits, is inert, and shows every leaf or offers no approval',
    () => {
      let complete = 0
      let cut = 0
      fc.assert(
        fc.property(documents, (source) => {
          const review = withMore(hostWith(source, limits).review)
          const {
            text: notification,
            blocks,
            complete: whole,
          } = renderMessage(review, { value: 'v', mentions: [] })
          const parsed = messageBlocks.parse(JSON.parse(JSON.stringify(blocks)))
          expect(notification.length).toBeLessThan(40_000)
          const links = liveIn(parsed, notification).filter(
            (one) => !one.startsWith('https://gate.test/requests/'),
          )
          expect(links).toEqual([])
          const shown = displayed(parsed)
          // Everything that hides is an escape by now, beside the line ends of the layout.
          expect(shown).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u)
          const offers = buttonsIn(parsed).some(({ action_id }) => action_id.startsWith('gatewright_approve'))
          expect(offers).toBe(whole && review.complete && source.status === 'pending')
          if (!whole) {
            cut += 1
            expect(shown).toMatch(/does not show everything|more entries are not shown/)
            return
          }
          complete += 1
          const seen = bare(shown)
          for (const leaf of review.content.arguments) {
            expect(seen).toContain(bare(leaf.text))
            expect(seen).toContain(bare(leaf.path.slice(1)))
          }
          for (const said of [
            review.content.requester.name,
            source.action,
            ...review.content.rules.map((r) => r.reason ?? ''),
          ])
            expect(seen).toContain(bare(said))
          expect(seen).toContain(bare(`the agent says: ${review.content.intent?.leaf.text}`))
        }),
        { numRuns },
      )
      expect(complete).toBeGreaterThan(0)
      expect(cut).toBeGreaterThan(0)
    },
    LONG,
  )

  it(
    'T13: the pages of its details keep Slack’s limits, show every leaf, and only the last one approves',
    () => {
      fc.assert(
        fc.property(documents, (source) => {
          const { review } = hostWith(source)
          const pages = pagesOf(review)
          let seen = ''
          for (let page = 0; ; page += 1) {
            const view = modalView.parse(
              JSON.parse(JSON.stringify(pageView(review, { page, metadata: 'm', notice: null }, pages))),
            )
            seen += view.blocks
              .flatMap((block) => (block.type === 'rich_text' ? block.elements : []))
              .flatMap(({ type, elements }) => (type === 'rich_text_preformatted' ? elements : []))
              .map((element) => (element.type === 'text' ? element.text : ''))
              .join('')
            const next = buttonsIn(view.blocks).some(({ action_id }) => action_id === 'gatewright_page_next')
            expect(view.submit !== undefined).toBe(!next && source.status === 'pending')
            if (!next) break
          }
          const shown = bare(seen)
          for (const leaf of review.content.arguments) expect(shown).toContain(bare(leaf.text))
        }),
        { numRuns },
      )
    },
    LONG,
  )

  it('a line of a value cannot pass for another entry', () => {
    const { review } = hostWith({ args: { note: 'x"\nrows  5\nStatus: ✅ Approved', rows: 900 } })
    const { blocks } = renderMessage(review, { value: 'v', mentions: [] })
    const lines = displayed(messageBlocks.parse(JSON.parse(JSON.stringify(blocks)))).split('\n')
    expect(lines.filter((line) => line.startsWith('rows'))).toEqual(['rows  900'])
    expect(lines.filter((line) => line.startsWith('Status'))).toEqual(['Status: ⏳ Waits for a decision'])
  })

  it('a text is not told apart from a number, a date or nothing by its words alone', () => {
    const { review } = hostWith({ args: { a: '120', b: 120, c: 'null', d: null, e: '' } })
    const { blocks } = renderMessage(review, { value: 'v', mentions: [] })
    const shown = displayed(messageBlocks.parse(JSON.parse(JSON.stringify(blocks))))
    for (const line of ['a  "120"', 'b  120', 'c  "null"', 'd  null', 'e  ""'])
      expect(shown.split('\n')).toContain(line)
  })

  it('T16: what is redacted, cut or mixes scripts is marked, in brackets that no shown text can have', () => {
    const { review } = hostWith({ args: {} })
    const leaf = { path: '/p', type: 'string', text: 'pаypal', omitted: 0 }
    const leaves: readonly ReviewLeaf[] = [
      { ...leaf, path: '/mixed', marks: ['mixed-script'] },
      { ...leaf, path: '/cut', marks: ['truncated'], omitted: 40 },
      { ...leaf, path: '/secret', text: '[redacted]', marks: ['redacted'] },
    ]
    const { blocks } = renderMessage(
      { ...review, content: { ...review.content, arguments: leaves } },
      { value: 'v', mentions: [] },
    )
    const shown = displayed(messageBlocks.parse(JSON.parse(JSON.stringify(blocks)))).split('\n')
    expect(shown).toContain('mixed  "pаypal" ⟦mixed scripts⟧')
    expect(shown).toContain('cut  "pаypal" ⟦40 more characters⟧')
    expect(shown).toContain('secret  [redacted] ⟦redacted⟧')
  })

  it('a high risk asks once more', () => {
    const { review } = hostWith({})
    for (const [level, asks] of [
      ['low', false],
      ['critical', true],
    ] as const) {
      const risky = {
        ...review,
        content: { ...review.content, risk: { level, score: 1, reasons: ['bulk'] } },
      }
      const { blocks } = renderMessage(risky, { value: 'v', mentions: [] })
      const [approve] = buttonsIn(messageBlocks.parse(JSON.parse(JSON.stringify(blocks))))
      expect(approve?.confirm !== undefined).toBe(asks)
    }
  })
})
