import { describe, expect, test } from 'vitest'
import { OptionError } from '../errors'
import { adoptRequirement } from './adopt-requirement'
import { parseRequirement, type RequirementOptions, requirementHash } from './requirement'
import { agent, anyOf, group, person } from './reviewers'

const parse = (options: unknown) =>
  parseRequirement({ id: 'r', ...(options as RequirementOptions) }, 'when.require')

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen)
}

describe('a requirement', () => {
  test('has safe defaults, and is frozen through and through', () => {
    const requirement = parse({ reviewers: group('ops') })
    expect(requirement).toEqual({
      id: 'r',
      version: 1,
      stages: [
        {
          name: 'review',
          reviewers: { type: 'group', name: 'ops' },
          atLeast: 1,
          assurance: null,
          escalation: null,
        },
      ],
      withinMs: 3_600_000,
      useWithinMs: 900_000,
      remindEveryMs: null,
      noteFor: { approve: false, reject: false },
      grantable: false,
    })
    expect(isDeeplyFrozen(requirement)).toBe(true)
  })

  test('keeps everything that is said', () => {
    const requirement = parse({
      version: 3,
      reviewers: group('security', { atLeast: 2 }),
      within: '30m',
      useWithin: 60_000,
      remindEvery: '5m',
      assurance: { sso: true, maxAge: '15m', acr: ['mfa'] },
      escalate: { after: '10m', to: anyOf(group('leads'), person('idp', '1')) },
      noteFor: 'reject',
      grantable: true,
    })
    expect(requirement).toMatchObject({
      version: 3,
      withinMs: 1_800_000,
      useWithinMs: 60_000,
      remindEveryMs: 300_000,
      noteFor: { approve: false, reject: true },
      grantable: true,
    })
    expect(requirement.stages[0]).toMatchObject({
      atLeast: 2,
      assurance: { sso: true, maxAgeMs: 900_000, acr: ['mfa'] },
      escalation: { afterMs: 600_000, reviewers: { type: 'anyOf' } },
    })
  })

  test('stages are named, and take the assurance of the whole unless they state their own', () => {
    const { stages } = parse({
      assurance: { sso: true },
      stages: [
        { reviewers: group('ops') },
        { name: 'legal', reviewers: group('legal'), atLeast: 2, assurance: { acr: ['phr'] } },
      ],
    })
    expect(stages.map(({ name, atLeast, assurance }) => [name, atLeast, assurance])).toEqual([
      ['stage 1', 1, { sso: true }],
      ['legal', 2, { acr: ['phr'] }],
    ])
  })

  test('nothing of the caller’s options can change it later (T07)', () => {
    const acr = ['mfa']
    const reviewers = { type: 'anyOf' as const, of: [{ type: 'group' as const, name: 'ops' }] }
    const requirement = parse({ reviewers, assurance: { acr } })
    const before = JSON.stringify(requirement)
    acr.push('pwd')
    reviewers.of[0] = { type: 'group', name: 'everyone' }
    expect(JSON.stringify(requirement)).toBe(before)
  })

  const ops = group('ops')
  test.each<[string, unknown]>([
    ['reviewers', {}],
    ['reviewers', { reviewers: ops, stages: [{ reviewers: ops }] }],
    ['reviewers', { reviewers: agent('ci', 'bot') }],
    ['stages', { stages: [] }],
    ['stages', { stages: 'ops' }],
    [
      'stages',
      {
        stages: [
          { name: 'a', reviewers: ops },
          { name: 'a', reviewers: ops },
        ],
      },
    ],
    ['stages[0]', { stages: [null] }],
    ['stages[0].reviewers', { stages: [{}] }],
    ['stages[0].within', { stages: [{ reviewers: ops, within: '1h' }] }],
    ['stages[1].name', { stages: [{ reviewers: ops }, { reviewers: ops, name: '' }] }],
    ['atLeast', { reviewers: ops, atLeast: 0 }],
    ['atLeast', { reviewers: group('ops', { atLeast: 2 }), atLeast: 2 }],
    ['atLeast', { stages: [{ reviewers: ops }], atLeast: 2 }],
    ['escalate', { stages: [{ reviewers: ops }], escalate: { after: '1m', to: ops } }],
    ['atLeast', { reviewers: person('idp', '1'), atLeast: 2 }],
    ['atLeast', { reviewers: anyOf(person('idp', '1'), person('idp', '2')), atLeast: 3 }],
    ['escalate.after', { reviewers: ops, escalate: { to: ops } }],
    ['escalate.after', { reviewers: ops, within: '10m', escalate: { after: '10m', to: ops } }],
    ['escalate.to', { reviewers: ops, escalate: { after: '1m' } }],
    [
      'escalate.to.atLeast',
      { reviewers: ops, escalate: { after: '1m', to: group('leads', { atLeast: 2 }) } },
    ],
    ['within', { reviewers: ops, within: '1 hour' }],
    ['within', { reviewers: ops, within: 0 }],
    ['within', { reviewers: ops, within: Number.NaN }],
    ['useWithin', { reviewers: ops, useWithin: -1 }],
    ['remindEvery', { reviewers: ops, remindEvery: '0s' }],
    ['noteFor', { reviewers: ops, noteFor: 'approvals' }],
    ['noteFor', { reviewers: ops, noteFor: true }],
    ['grantable', { reviewers: ops, grantable: 'no' }],
    ['version', { reviewers: ops, version: 0 }],
    ['id', { reviewers: ops, id: '' }],
    ['assurance.sso', { reviewers: ops, assurance: { sso: 'yes' } }],
    ['assurance.maxAge', { reviewers: ops, assurance: { maxAge: 0 } }],
    ['assurance.acr', { reviewers: ops, assurance: { acr: [] } }],
    ['assurance.acr', { reviewers: ops, assurance: { acr: 'mfa' } }],
    ['assurance.maxage', { reviewers: ops, assurance: { maxage: '1m' } }],
    ['approvers', { reviewers: ops, approvers: ops }],
  ])('T40: %s is named when it is wrong, missing, unknown or contradicts', (option, options) => {
    expect(() => parse(options)).toThrow(OptionError)
    expect(() => parse(options)).toThrow(expect.objectContaining({ option: `when.require.${option}` }))
  })

  test('hashes are equal for equal content, and differ with any part', () => {
    const hash = (options: unknown) => requirementHash(parse(options))
    expect(hash({ reviewers: ops })).toMatch(/^[0-9a-f]{64}$/)
    expect(hash({ reviewers: ops })).toBe(hash({ reviewers: group('ops'), within: 3_600_000 }))
    const others = [
      { reviewers: ops, version: 2 },
      { reviewers: ops, id: 's' },
      { reviewers: group('ops', { atLeast: 2 }) },
      { reviewers: ops, grantable: true },
      { reviewers: ops, within: '2h' },
    ]
    expect(new Set([{ reviewers: ops }, ...others].map(hash)).size).toBe(others.length + 1)
  })
})

describe('a requirement that a policy answers with', () => {
  const data = () =>
    JSON.parse(JSON.stringify(parse({ reviewers: group('ops'), escalate: { after: '1m', to: group('l') } })))

  test('is taken as it is when it was parsed', () => {
    const requirement = parse({ reviewers: group('ops') })
    expect(adoptRequirement(requirement)).toBe(requirement)
  })

  test('T07: is copied and frozen when it is plain data', () => {
    const given = data()
    const adopted = adoptRequirement(given)
    given.stages[0].atLeast = 0
    expect(adopted).toEqual(data())
    expect(isDeeplyFrozen(adopted)).toBe(true)
    expect(adoptRequirement(data())).toBe(adopted)
  })

  test.each<[string, (requirement: ReturnType<typeof data>) => void]>([
    [
      'no stages',
      (r) => {
        r.stages = []
      },
    ],
    [
      'a quorum of none',
      (r) => {
        r.stages[0].atLeast = 0
      },
    ],
    [
      'a quorum that is a text',
      (r) => {
        r.stages[0].atLeast = '1'
      },
    ],
    [
      'no reviewers',
      (r) => {
        delete r.stages[0].reviewers
      },
    ],
    [
      'an unknown selector',
      (r) => {
        r.stages[0].reviewers = { type: 'everyone' }
      },
    ],
    [
      'a selector with a misspelt field',
      (r) => {
        r.stages[0].reviewers = { type: 'group', name: 'ops', expect: 'x' }
      },
    ],
    [
      'an empty anyOf',
      (r) => {
        r.stages[0].reviewers = { type: 'anyOf', of: [] }
      },
    ],
    [
      'a misspelt field',
      (r) => {
        r.whithinMs = 5
      },
    ],
    [
      'a misspelt assurance',
      (r) => {
        r.stages[0].assurance = { maxAge: 5 }
      },
    ],
    [
      'an endless deadline',
      (r) => {
        r.withinMs = Number.POSITIVE_INFINITY
      },
    ],
    [
      'no deadline',
      (r) => {
        delete r.withinMs
      },
    ],
    [
      'no word on notes',
      (r) => {
        r.noteFor = {}
      },
    ],
    [
      'a function',
      (r) => {
        r.id = () => 'id'
      },
    ],
  ])('T40: is refused with %s', (_, spoil) => {
    const requirement = data()
    expect(adoptRequirement(requirement)).not.toBeNull()
    spoil(requirement)
    let adopted: unknown = null
    try {
      adopted = adoptRequirement(requirement)
    } catch {
      // Refusing by an exception is as good: whoever decides denies on it.
    }
    expect(adopted).toBeNull()
  })

  test.each([undefined, null, 'ops', 7, [], {}])('T40: %j is none', (value) => {
    expect(adoptRequirement(value)).toBeNull()
  })
})
