import { describe, expect, test } from 'vitest'
import { byIssuerAndSubject, type Claims, groupsIn, principalOf } from './claims'
import { entraRules, googleRules } from './presets'
import { SignInError } from './sign-in'

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof SignInError) return error.message
    throw error
  }
  return 'nothing was refused'
}

describe('Okta', () => {
  const rules = { identity: byIssuerAndSubject, groups: (claims: Claims) => groupsIn(claims, 'groups') }
  const claims = {
    iss: 'https://example.okta.com',
    sub: '00u1a2b3',
    name: 'Ada Moreno',
    email: 'ada@example.com',
    preferred_username: 'ada@example.com',
    groups: ['Everyone', 'ops'],
    auth_time: 1_795_651_200,
    acr: 'urn:okta:loa:2fa:any',
  }

  test('people are issuer and subject, with the groups of the filter', () => {
    expect(principalOf(claims, rules, 'sso')).toEqual({
      type: 'human',
      issuer: 'https://example.okta.com',
      subject: '00u1a2b3',
      name: 'Ada Moreno',
      email: 'ada@example.com',
      groups: ['Everyone', 'ops'],
      assurance: { method: 'sso', authTime: 1_795_651_200_000, acr: 'urn:okta:loa:2fa:any' },
    })
  })

  test('T21: nobody is known by an address', () => {
    const { sub: _, ...rest } = claims
    expect(refusal(() => principalOf(rest, rules, 'sso'))).toContain('"sub"')
  })

  test.each([['ops'], [{ 0: 'ops' }], [['ops', 1]], [null]])(
    'groups that are no list of texts are refused: %j',
    (groups) => {
      expect(refusal(() => principalOf({ ...claims, groups }, rules, 'sso'))).toContain('no list of groups')
    },
  )

  test('a time that is none is not known, which satisfies no requirement', () => {
    const { assurance } = principalOf({ ...claims, auth_time: '1795651200', acr: '' }, rules, 'token')
    expect(assurance).toEqual({ method: 'token' })
  })
})

describe('Entra ID', () => {
  const tenant = '11111111-2222-3333-4444-555555555555'
  const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`
  const rules = entraRules(issuer, tenant, 'claim')
  const claims = {
    iss: issuer,
    sub: 'differs from program to program',
    tid: tenant,
    oid: 'aaaaaaaa-0000-0000-0000-000000000001',
    name: 'Ada Moreno',
    preferred_username: 'ada@example.com',
    groups: ['bbbbbbbb-0000-0000-0000-000000000001'],
  }

  test('people are tenant and object id', () => {
    expect(principalOf(claims, rules, 'sso')).toMatchObject({
      issuer,
      subject: 'aaaaaaaa-0000-0000-0000-000000000001',
      groups: ['bbbbbbbb-0000-0000-0000-000000000001'],
    })
  })

  test('T21: an account of another tenant is refused, whatever its address', () => {
    const other = { ...claims, tid: '99999999-2222-3333-4444-555555555555' }
    expect(refusal(() => principalOf(other, rules, 'sso'))).toContain('another organisation')
    expect(refusal(() => principalOf({ ...claims, tid: undefined }, rules, 'sso'))).toContain('"tid"')
  })

  test('I5: a program that signed in by itself is no person', () => {
    expect(refusal(() => principalOf({ ...claims, sub: claims.oid }, rules, 'token'))).toContain(
      'Only people',
    )
  })

  test('T21: without an object id there is nobody, whatever "sub" and "upn" say', () => {
    const { oid: _, ...rest } = claims
    expect(refusal(() => principalOf({ ...rest, upn: 'ada@example.com' }, rules, 'sso'))).toContain('"oid"')
  })

  test.each([
    [
      '_claim_names',
      { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph' } } },
    ],
    ['hasgroups', { hasgroups: true }],
  ])('somebody in more groups than fit (%s) is refused, not taken for somebody in none', (_, overage) => {
    const { groups: __, ...rest } = claims
    expect(refusal(() => principalOf({ ...rest, ...overage }, rules, 'sso'))).toContain('more groups')
  })

  test('of the authentication contexts that were reached, the one that was asked for counts', () => {
    const reached = (acrs: unknown, asked: readonly string[] = []) =>
      principalOf({ ...claims, acr: '1', acrs }, rules, 'sso', asked).assurance.acr
    expect(reached(['c1', 'c3'], ['c3'])).toBe('c3')
    expect(reached(['c1', 'c3'], ['c4'])).toBe('c1')
    expect(reached('c1')).toBe('c1')
    // Nothing else is taken for one, least of all the old "acr".
    for (const none of [undefined, [], [{ id: 'c1' }], 7]) expect(reached(none, ['1'])).toBeUndefined()
  })

  test('with a directory, the token’s groups count for nothing', () => {
    const directory = entraRules(issuer, tenant, 'directory')
    expect(principalOf({ ...claims, hasgroups: true }, directory, 'sso').groups).toEqual([])
  })
})

describe('Google', () => {
  const rules = googleRules('example.com')
  const claims = {
    iss: 'https://accounts.google.com',
    sub: '110169484474386276334',
    hd: 'example.com',
    name: 'Ada Moreno',
    email: 'ada@example.com',
    email_verified: true,
  }

  test('people are issuer and subject, and in no groups', () => {
    expect(principalOf({ ...claims, groups: ['ops'] }, rules, 'sso')).toMatchObject({
      issuer: 'https://accounts.google.com',
      subject: '110169484474386276334',
      groups: [],
    })
  })

  test.each([[false], ['true'], [undefined]])(
    'an address that is stated and not verified (%j) is refused',
    (email_verified) => {
      expect(refusal(() => principalOf({ ...claims, email_verified }, rules, 'sso'))).toContain(
        'not verified',
      )
    },
  )

  test.each([[undefined], ['other.example'], ['example.com.evil.example'], [''], [['example.com']]])(
    'T21: an account whose domain is %j is refused, whatever its address',
    (hd) => {
      expect(refusal(() => principalOf({ ...claims, hd }, rules, 'sso'))).toContain('no Workspace')
    },
  )
})
