import { sampleRequest } from '@gatewright/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../contracts/json'
import type { PolicyRecord } from '../contracts/policy'
import type { Principal } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import { encodeValue, snapshotArguments } from '../values/snapshot'
import { createRedactor } from './redaction'
import { buildReviewContent, digestContent } from './review-content'
import { buildReview } from './review-document'

const person = (name: string): Principal => ({
  type: 'human',
  issuer: 'https://idp.example.com',
  subject: '00u1',
  name,
  groups: [],
  assurance: { method: 'sso' },
})
const policy: PolicyRecord = {
  effect: 'require',
  rules: [{ id: 'exports', version: 1, effect: 'require', reason: 'exports need a look' }],
  requirements: [
    {
      id: 'exports',
      version: 1,
      withinMs: 3_600_000,
      useWithinMs: 900_000,
      remindEveryMs: null,
      noteFor: { approve: false, reject: false },
      grantable: false,
      stages: [
        {
          name: 'review',
          reviewers: { type: 'group', name: 'ops' },
          atLeast: 2,
          assurance: { sso: true, maxAgeMs: 900_000 },
          escalation: { afterMs: 60_000, reviewers: { type: 'person', issuer: 'i', subject: 's' } },
        },
      ],
    },
  ],
  hash: 'a'.repeat(64),
}

function request(args: readonly unknown[], more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const text = snapshotArguments(args)
  return sampleRequest('01J0000000000000000000000A', {
    arguments: text,
    argumentsDigest: sha256Hex(text),
    presentation: {
      title: 'Export',
      description: null,
      redact: [],
      personal: [],
      redactKeys: [],
      redactPatterns: [],
    },
    requester: { id: 'bot', name: 'Bot', owner: person('Ada') },
    intent: 'a report',
    risk: { score: 0.5, level: 'medium', reasons: [], failed: [] },
    policy,
    ...more,
  })
}

const redactor = createRedactor()
const everything = { redactor, limits: null }
const extras = { open: [], similar: [], waitingBehind: 0, link: null }
const words = fc.string({ unit: 'binary', maxLength: 40 })
const value = fc
  .jsonValue()
  .map((one) => JSON.parse(JSON.stringify(one)) as Json)
  .filter((one) => !JSON.stringify(one).includes('__proto__'))

const anyRequest = fc
  .record({
    args: fc.array(value, { maxLength: 3 }),
    facts: fc.option(value),
    intent: fc.option(words),
    name: words,
    title: fc.option(words),
    reason: words,
    pins: fc.option(
      fc.dictionary(
        fc.string({ maxLength: 5 }).filter((name) => name !== '__proto__'),
        words,
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
    edited: fc.boolean(),
    onBehalfOf: fc.option(words),
  })
  .map(({ args, facts, intent, name, title, reason, pins, edited, onBehalfOf }) => {
    const text = facts === null ? null : canonicalize({ resource: facts, labels: { a: facts } })
    return request(args, {
      intent,
      pins,
      requester: { id: name, name, owner: person(name) },
      onBehalfOf: onBehalfOf === null ? null : person(onBehalfOf),
      presentation: {
        title,
        description: title,
        redact: [],
        personal: [],
        redactKeys: [],
        redactPatterns: [],
      },
      risk: { score: 0.1, level: 'low', reasons: [reason], failed: [] },
      context:
        text === null
          ? { status: 'unavailable', reason }
          : { status: 'available', value: text, digest: sha256Hex(text) },
      edited: edited
        ? {
            arguments: encodeValue([{ edited: 1 }]),
            digest: 'e'.repeat(64),
            by: { issuer: 'i', subject: 's' },
            byName: name,
            changes: [{ path: '/a', before: null, after: 'b' }],
            at: 1,
          }
        : null,
    })
  })

/** Every text anywhere in a document, keys too. */
function textsOf(part: unknown): string[] {
  if (typeof part === 'string') return [part]
  if (typeof part !== 'object' || part === null) return []
  return [...Object.keys(part), ...Object.values(part).flatMap(textsOf)]
}

describe('the review document', () => {
  test('I9: its digest is SHA-256 of the RFC 8785 form, whatever it says', () => {
    fc.assert(
      fc.property(anyRequest, (one) => {
        const content = buildReviewContent(one, everything)
        expect(digestContent(content).digest).toBe(sha256Hex(canonicalize(content as unknown as Json)))
        // Nor does the order of keys matter to whoever checks it elsewhere.
        const shuffled = Object.fromEntries(
          Object.entries(JSON.parse(JSON.stringify(content)) as object).reverse(),
        ) as unknown as typeof content
        expect(digestContent(shuffled).digest).toBe(digestContent(content).digest)
      }),
      { numRuns: 300 },
    )
  })

  test('T13: a document with everything has the complete digest, and one with less never has', () => {
    const limits = fc.record({
      leafCharacters: fc.integer({ min: 0, max: 60 }),
      leaves: fc.integer({ min: 0, max: 20 }),
      totalCharacters: fc.integer({ min: 0, max: 500 }),
    })
    let less = 0
    fc.assert(
      fc.property(anyRequest, limits, (one, room) => {
        const whole = buildReview(one, everything, extras)
        const narrow = buildReview(one, { redactor, limits: room }, extras)
        expect(whole.complete).toBe(true)
        if (!narrow.complete) less += 1
        expect(narrow.digest === whole.digest).toBe(narrow.complete)
        expect(narrow.content.missing.length === 0).toBe(narrow.complete)
      }),
      { numRuns: 500 },
    )
    expect(less).toBeGreaterThan(50)
  })

  test('T13: the part past the cut counts', () => {
    const limits = { leafCharacters: 10, leaves: 100, totalCharacters: 1_000 }
    const one = buildReview(request([{ sql: `${'a'.repeat(10)} drop table` }]), { redactor, limits }, extras)
    expect(one.complete).toBe(false)
    expect(one.digest).not.toBe(
      buildReview(request([{ sql: `${'a'.repeat(10)} drop table` }]), everything, extras).digest,
    )
  })

  test('nothing that moves changes what is approved', () => {
    const still = request([{ a: 1 }])
    const digest = buildReview(still, everything, extras).digest
    const vote = {
      id: 'v',
      decision: 'approve',
      actor: person('Ben'),
      person: { issuer: 'i', subject: 's' },
      argumentsDigest: still.argumentsDigest,
      reviewDigest: digest,
      countsIn: [],
      note: 'ok',
      changes: null,
      channel: 'console',
      at: 5,
    } as const
    const moved = request([{ a: 1 }], {
      version: 9,
      status: 'approved',
      votes: [vote],
      escalated: [[0, 0]],
      reminders: 3,
      approvedAt: 5,
      dueAt: 9,
      expiresAt: 99,
      createdAt: 50,
      stageOpenedAt: 7,
    })
    expect(
      buildReview(moved, everything, { ...extras, waitingBehind: 4, link: 'https://x.example' }).digest,
    ).toBe(digest)
  })

  test('I2: everything that is approved changes the digest', () => {
    const digest = (more: Partial<ApprovalRequest>, args: readonly unknown[] = [{ a: 1 }]) =>
      buildReview(request(args, more), everything, extras).digest
    const edited = {
      arguments: snapshotArguments([{ a: 2 }]),
      digest: 'e'.repeat(64),
      by: { issuer: 'i', subject: 's' },
      byName: 'Ben',
      changes: [],
      at: 1,
    }
    const digests = [
      digest({}),
      digest({}, [{ a: 2 }]),
      digest({ id: 'other' }),
      digest({ action: 'data.drop' }),
      digest({ intent: 'x' }),
      digest({ intent: null }),
      digest({ edited }),
      digest({ pins: { file: 'd' } }),
      digest({ context: { status: 'unavailable', reason: 'x' } }),
      digest({ onBehalfOf: person('Eve') }),
      digest({ requester: { id: 'bot', name: 'Bot', owner: null } }),
      digest({ risk: { score: 1, level: 'critical', reasons: [], failed: [] } }),
      digest({ policy: { ...policy, rules: [] } }),
      digest({ policy: { ...policy, requirements: [] } }),
      digest({
        presentation: {
          title: 'x',
          description: null,
          redact: [],
          personal: [],
          redactKeys: [],
          redactPatterns: [],
        },
      }),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })

  test('I2: two redacted values that differ are still told apart', () => {
    const digest = (password: string) => buildReview(request([{ password }]), everything, extras).digest
    expect(digest('hunter2')).not.toBe(digest('hunter3'))
  })

  test('T12: what the agent says is labelled, and replaces nothing', () => {
    const { content } = buildReview(
      request([{ path: '/' }], { intent: 'only reads a file' }),
      everything,
      extras,
    )
    expect(content.intent).toMatchObject({ label: 'the agent says', leaf: { text: 'only reads a file' } })
    expect(content.arguments).toMatchObject([{ path: '/path', text: '/' }])
  })

  test('T16: nothing is hidden in any field, and look-alikes are told', () => {
    fc.assert(
      fc.property(anyRequest, (one) => {
        for (const text of textsOf(buildReview(one, everything, extras))) {
          expect(text.replace(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u)
        }
      }),
      { numRuns: 300 },
    )
    const { content } = buildReview(
      request([], { requester: { id: 'bot', name: 'аdmin', owner: null } }),
      everything,
      extras,
    )
    expect(content.requester.name).toBe('аdmin ⟦mixed scripts⟧')
  })

  test('T43: no field of the document holds a secret', () => {
    const secret = `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`
    const text = canonicalize({ resource: { [secret]: secret }, labels: { note: secret } })
    const vote = {
      id: 'v',
      decision: 'reject',
      actor: person(secret),
      person: { issuer: 'i', subject: 's' },
      argumentsDigest: '',
      reviewDigest: '',
      countsIn: [],
      note: secret,
      changes: null,
      channel: 'c',
      at: 1,
    } as const
    const leaky = request([{ x: secret }], {
      intent: secret,
      presentation: {
        title: secret,
        description: secret,
        redact: [],
        personal: [],
        redactKeys: [],
        redactPatterns: [],
      },
      requester: { id: secret, name: secret, owner: person(secret) },
      onBehalfOf: person(secret),
      pins: { [secret]: secret },
      risk: { score: 1, level: 'critical', reasons: [secret], failed: [] },
      context: { status: 'available', value: text, digest: '' },
      votes: [vote],
      resolution: { reason: secret, by: { issuer: 'i', subject: 's' }, at: 1 },
      policy: { ...policy, rules: [{ id: secret, version: 1, effect: 'require', reason: secret }] },
    })
    expect(
      textsOf(buildReview(leaky, everything, { ...extras, similar: [leaky] })).filter((text) =>
        text.includes('sk_live'),
      ),
    ).toEqual([])
    const unavailable = request([], { context: { status: 'unavailable', reason: secret } })
    expect(
      textsOf(buildReview(unavailable, everything, extras)).filter((text) => text.includes('sk_live')),
    ).toEqual([])
  })

  test('two gates that hide differently do not share words', () => {
    const other = { redactor: createRedactor({ patterns: [/exports/] }), limits: null }
    const one = request([])
    expect(buildReview(one, everything, extras).content.rules[0]?.reason).toBe('exports need a look')
    expect(buildReview(one, other, extras).content.rules[0]?.reason).not.toContain('exports')
    expect(buildReview(one, everything, extras).content.rules[0]?.reason).toBe('exports need a look')
  })
})
