import type { ReviewDocument, ReviewLeaf } from '@gatewright/core'
import { makeVisible } from '@gatewright/core'
import fc from 'fast-check'

const nasty = fc.constantFrom(
  '**bold** _it_ ~~no~~ `code`',
  '[approve](https://evil.example/yes)',
  '<at>everyone</at> @channel',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '{{DATE(2026-01-01T00:00:00Z,SHORT)}}',
  '{{TIME(2026-01-01T00:00:00Z)}} {{{{DATE(2026-01-01T00:00:00Z)}}}}',
  '\n# heading\n- list\n1. one\n> quote\n\n---',
  '\u202Egnp.exe\u200B\u2066x\u2069\u{E0041}\u001B[2J\uFEFF',
  '⟦U+202E⟧ ⟦↩⟧ ⟦',
  'x'.repeat(500),
  '🏳️‍🌈'.repeat(30),
  '漢字'.repeat(200),
  '"\\\\"'.repeat(40),
  `https://evil.example/${'a/'.repeat(80)}?q=${'%20'.repeat(40)}`,
  ' '.repeat(60),
  '\t\tif (a) {{ b }}',
  '\u00A0'.repeat(80),
  '$' + '{data.name} ' + '$' + '{{',
  '│ forged row',
)
const raw = fc.oneof(
  { weight: 3, arbitrary: nasty },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 80 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  { weight: 1, arbitrary: fc.tuple(nasty, nasty, nasty).map((parts) => parts.join('')) },
)
/** As a gate shows it: hidden characters are escapes. */
const text = raw.map((one) => makeVisible(one).text)
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const list = <T>(arbitrary: fc.Arbitrary<T>, maxLength: number) => fc.array(arbitrary, { maxLength })

const leaf: fc.Arbitrary<ReviewLeaf> = fc.record({
  path: text.map((name) => `/${name}`),
  type: fc.constantFrom('string', 'number', 'date', 'bytes', 'empty list'),
  text,
  marks: fc.subarray(['redacted', 'truncated', 'escaped', 'mixed-script'] as const),
  omitted: fc.nat(9_000),
})

/** Documents that try everything which their fields can hold. `digest` and `complete` stay those of the one given. */
export function hostileDocuments(base: ReviewDocument): fc.Arbitrary<ReviewDocument> {
  const content = fc.record({
    action: text.filter((one) => one !== ''),
    title: orNull(text),
    description: orNull(text),
    requester: fc.record({ id: text, name: text, owner: orNull(text) }),
    onBehalfOf: orNull(text),
    intent: orNull(leaf.map((one) => ({ label: 'the agent says' as const, leaf: one }))),
    arguments: fc.oneof(list(leaf, 8), list(leaf, 60)),
    edited: orNull(
      fc.record({
        by: text,
        changes: list(fc.record({ path: text, before: orNull(text), after: orNull(text) }), 4),
      }),
    ),
    context: fc.oneof(
      fc.constant({ status: 'none' as const }),
      fc.record({ status: fc.constant('unavailable' as const), reason: text }),
      fc.record({
        status: fc.constant('available' as const),
        resource: list(leaf, 4),
        lineage: list(leaf, 2),
        impact: list(leaf, 2),
        scope: list(leaf, 2),
        labels: list(leaf, 2),
      }),
    ),
    pins: list(fc.record({ name: text, digest: text }), 3),
    risk: fc.record({
      level: fc.constantFrom('low', 'medium', 'high', 'critical'),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      reasons: list(text, 3),
    }),
    rules: list(fc.record({ id: text, version: fc.nat(9), reason: orNull(text) }), 3),
    stages: list(
      fc.record({
        requirement: text,
        stage: text,
        reviewers: text,
        atLeast: fc.nat(5),
        assurance: orNull(text),
      }),
      3,
    ),
    missing: list(text, 2),
    noteFor: fc.record({ approve: fc.boolean(), reject: fc.boolean() }),
  })
  const progress = fc.record({
    status: fc.constantFrom('pending', 'pending', 'approved', 'rejected', 'expired', 'succeeded', 'unknown'),
    votes: list(
      fc.record({
        by: text,
        decision: fc.constantFrom('approve', 'reject'),
        note: orNull(text),
        at: fc.constant(0),
        counts: fc.boolean(),
      }),
      4,
    ),
    resolution: orNull(fc.record({ reason: text, by: orNull(text) })),
    outcome: orNull(fc.record({ status: text, summary: text })),
    waitingBehind: fc.nat(3),
  })
  return fc.record({ content, progress }).map((over) => ({
    ...base,
    complete: over.content.missing.length === 0,
    content: { ...base.content, ...over.content },
    progress: { ...base.progress, ...over.progress },
  }))
}

/** Every text of a document that people decide by. */
export function textsOf({ content }: ReviewDocument): readonly string[] {
  const { context, intent, edited, requester } = content
  const leaves = [
    ...content.arguments,
    ...(intent === null ? [] : [intent.leaf]),
    ...(context.status === 'available'
      ? [...context.resource, ...context.lineage, ...context.impact, ...context.scope, ...context.labels]
      : []),
  ]
  return [
    content.action,
    content.title ?? '',
    content.description ?? '',
    requester.id,
    requester.name,
    requester.owner ?? '',
    content.onBehalfOf ?? '',
    context.status === 'unavailable' ? context.reason : '',
    edited?.by ?? '',
    ...(edited?.changes ?? []).flatMap(({ path, before, after }) => [
      path.slice(1),
      before ?? '',
      after ?? '',
    ]),
    ...leaves.flatMap(({ path, text: value }) => [intent?.leaf.path === path ? '' : path.slice(1), value]),
    ...content.pins.flatMap(({ name, digest }) => [name, digest]),
    ...content.risk.reasons,
    ...content.rules.flatMap(({ id, reason }) => [id, reason ?? '']),
    ...content.stages.flatMap(({ requirement, stage, reviewers, assurance }) => [
      requirement,
      stage,
      reviewers,
      assurance ?? '',
    ]),
    ...content.missing,
  ]
}

/** A text without what layout adds: white space, the bars of further lines, the marks of broken words. */
export function bare(shown: string): string {
  return shown.replaceAll('⟦↩⟧', '').replace(/[\s│]/gu, '')
}
