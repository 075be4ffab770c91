import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { document, fullDocument, leaf, start } from '../test/documents'
import { type CardView, layoutCard } from './layout'
import { lineWidth } from './line'

const view: CardView = { width: 100, now: start, position: '', detailed: false }

function text(lines: ReturnType<typeof layoutCard>): string {
  return lines.map((line) => line.map((part) => part.text).join('')).join('\n')
}

describe('a card', () => {
  it('T14: shows every text of a document, and every leaf with its marks', () => {
    const shown = text(layoutCard(fullDocument('r1'), { ...view, width: 200, detailed: true }))
    const { content, progress, link } = fullDocument('r1')
    const facts =
      content.context.status === 'available'
        ? Object.values(content.context).filter(Array.isArray).flat()
        : []
    for (const { path, text: value, marks } of [...content.arguments, ...facts]) {
      expect(shown).toContain(path)
      for (const line of value.split('\n')) expect(shown).toContain(line)
      for (const mark of marks) expect(shown).toContain(`‹${mark}›`)
    }
    const texts = [
      content.action,
      content.title,
      content.description,
      content.requester.name,
      content.requester.id,
      content.requester.owner,
      content.onBehalfOf,
      content.intent?.leaf.text,
      content.risk.level,
      ...content.risk.reasons,
      ...content.rules.flatMap(({ id, reason }) => [id, reason]),
      ...content.stages.flatMap(({ stage, reviewers, assurance }) => [stage, reviewers, assurance]),
      ...content.pins.flatMap(({ name, digest }) => [name, digest]),
      ...progress.votes.flatMap(({ by, note }) => [by, note]),
      ...progress.similar.flatMap(({ by, requestId }) => [by, requestId]),
      content.argumentsDigest,
      content.requestId,
      link,
    ]
    for (const one of texts) if (typeof one === 'string') expect(shown).toContain(one)
  })

  it('T14: shows any leaves whatever their names, texts and the width, without a gap', () => {
    const leaves = fc.array(
      fc.record({ path: fc.string({ unit: 'binary' }), text: fc.string({ unit: 'binary', maxLength: 200 }) }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(leaves, fc.integer({ min: 20, max: 160 }), (parts, width) => {
        const one = document('r', {
          arguments: parts.map(({ path, text: value }) => leaf(`/${path}`, value)),
        })
        const lines = layoutCard(one, { ...view, width })
        for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(Math.max(width, 23))
        const squeezed = squeeze(text(lines))
        for (const { text: value } of parts) expect(squeezed).toContain(squeeze(visible(value)))
      }),
    )
  })

  it("T12: labels the agent's words with exactly the document's label", () => {
    expect(text(layoutCard(fullDocument('r1'), view))).toMatch(/│ the agent says +"Routine weekly export/)
  })

  it('fits 40, 80 and 120 columns', () => {
    for (const width of [40, 80, 120]) {
      for (const line of layoutCard(fullDocument('r1'), { ...view, width, detailed: true })) {
        expect(lineWidth(line)).toBeLessThanOrEqual(width)
      }
    }
  })

  it('tells a text from a number and a real line break from a written one', () => {
    const shown = text(
      layoutCard(
        document('r', {
          arguments: [leaf('/a', '10'), leaf('/b', '10', { type: 'number' }), leaf('/c', 'x\ny')],
        }),
        view,
      ),
    )
    expect(shown).toContain('a  "10"')
    expect(shown).toContain('b  10')
    expect(shown).toContain('"x⏎')
  })

  it('says that nobody owns the agent, and that context is unavailable', () => {
    const one = document('r', {
      requester: { id: 'bot', name: 'bot', owner: null },
      context: { status: 'unavailable', reason: 'the lookup timed out' },
    })
    const shown = text(layoutCard(one, view))
    expect(shown).toMatch(/owner +nobody/)
    expect(shown).toContain('unavailable: the lookup timed out')
  })

  it('shows who edited and what', () => {
    const edited = {
      by: 'Ada Moreno',
      changes: [
        { path: '/rows', before: '120000', after: '10' },
        { path: '/extra', before: '"x"', after: null },
      ],
    }
    const shown = text(layoutCard(document('r', { edited }), view))
    expect(shown).toContain('Changed  by Ada Moreno')
    expect(shown).toMatch(/− 120000\n.*\+ 10/)
    expect(shown).toContain('(removed)')
  })
})

/** Without the card's own frame, spaces and marks. */
function squeeze(value: string): string {
  return value.replace(/[│⏎⇥\s]/g, '')
}

function visible(value: string): string {
  return value.replace(
    /[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu,
    (one) => `⟦U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`,
  )
}
