import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Assurance } from '../contracts/principal'
import { assuranceProblem, matches, personKey, samePerson } from './eligibility'
import { anyOf, group, person } from './reviewers'
import { someone } from './test/samples'

const ref = fc.record({ issuer: fc.string(), subject: fc.string() })

describe('identity', () => {
  test('T21: people are the same by issuer and subject together, whatever their names', () => {
    expect(samePerson(person('idp', '1', { name: 'Ada' }), person('idp', '1', { name: 'Ben' }))).toBe(true)
    expect(samePerson(person('idp', '1'), person('other', '1'))).toBe(false)
    expect(
      samePerson(
        person('idp', '1', { email: 'a@x.example' }),
        person('other', '2', { email: 'a@x.example' }),
      ),
    ).toBe(false)
    expect(samePerson(person('idp', 'U1'), person('idp', 'u1'))).toBe(false)
  })

  test('I4: keys are equal exactly for the same person, wherever issuer and subject are cut', () => {
    fc.assert(
      fc.property(ref, ref, (one, other) => {
        expect(personKey(one) === personKey(other)).toBe(samePerson(one, other))
      }),
    )
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), (text, a, b) => {
        const cut = (at: number) => ({
          issuer: text.slice(0, at % (text.length + 1)),
          subject: text.slice(at % (text.length + 1)),
        })
        expect(personKey(cut(a)) === personKey(cut(b))).toBe(samePerson(cut(a), cut(b)))
      }),
    )
    expect(personKey({ issuer: '1', subject: ':x' })).not.toBe(personKey({ issuer: '1:', subject: 'x' }))
  })
})

describe('selectors', () => {
  test('a group names its members, exactly', () => {
    expect(matches(group('ops'), someone('1', ['ops']))).toBe(true)
    expect(matches(group('ops'), someone('1', ['Ops', 'ops ', 'devops']))).toBe(false)
  })

  test('a person names one identity', () => {
    const selector = { type: 'person', issuer: 'idp', subject: '1' } as const
    expect(matches(selector, someone('1', []))).toBe(true)
    expect(matches(selector, someone('1', ['idp'], 'other'))).toBe(false)
  })

  test('anyOf names whom one of its parts names', () => {
    const selector = anyOf(group('ops'), anyOf(group('security'), person('idp', '7')))
    expect(matches(selector, someone('1', ['security']))).toBe(true)
    expect(matches(selector, someone('7', []))).toBe(true)
    expect(matches(selector, someone('8', ['sales']))).toBe(false)
  })

  test('a selector of an unknown kind names nobody', () => {
    expect(matches({ type: 'everyone' } as never, someone('1', ['ops']))).toBe(false)
  })
})

describe('assurance', () => {
  const now = 10_000_000
  const sso: Assurance = { method: 'sso', authTime: now - 1_000, acr: 'mfa' }

  test('nothing is needed where nothing is asked', () => {
    expect(assuranceProblem(null, { method: 'demo' }, now)).toBeNull()
    expect(assuranceProblem({}, { method: 'chat' }, now)).toBeNull()
  })

  test.each(['demo', 'local', 'chat'] as const)('T22: an identity known by %s is no sign-in', (method) => {
    expect(assuranceProblem({ sso: true }, { ...sso, method }, now)).toMatch(
      /^Sign in at the identity provider/,
    )
  })

  test.each(['sso', 'token'] as const)('an identity known by %s is one', (method) => {
    expect(assuranceProblem({ sso: true }, { ...sso, method }, now)).toBeNull()
  })

  test('T22: a sign-in that is too old, in the future, not known, or no time is refused', () => {
    const asked = { maxAgeMs: 60_000 }
    const at = (authTime: number): Assurance => ({ method: 'sso', authTime })
    expect(assuranceProblem(asked, at(now - 60_000), now)).toBeNull()
    expect(assuranceProblem(asked, at(now - 60_001), now)).toMatch(/too long ago/)
    expect(assuranceProblem(asked, at(now + 60_001), now)).toMatch(/in the future/)
    expect(assuranceProblem(asked, at(Number.MAX_VALUE), now)).toMatch(/in the future/)
    // Seconds taken for milliseconds, the other way round.
    expect(assuranceProblem(asked, at(now * 1_000), now)).toMatch(/in the future/)
    expect(assuranceProblem(asked, { method: 'sso' }, now)).toMatch(/not known/)
    expect(assuranceProblem(asked, at(Number.NaN), now)).toMatch(/not known/)
    expect(assuranceProblem(asked, at(Number.POSITIVE_INFINITY), now)).toMatch(/not known/)
    expect(assuranceProblem({ maxAgeMs: Number.NaN }, at(now), now)).toMatch(/too long ago/)
  })

  test.each([1, 1_000, 60_000])(
    'T49: a sign-in dated %i ms in the future is one by another clock',
    (ahead) => {
      const asked = { maxAgeMs: 60_000 }
      const signedIn: Assurance = { method: 'sso', authTime: now + ahead }
      expect(assuranceProblem(asked, signedIn, now)).toBeNull()
      expect(assuranceProblem(asked, signedIn, now + ahead + 60_000)).toBeNull()
      expect(assuranceProblem(asked, signedIn, now + ahead + 60_001)).toMatch(/too long ago/)
      expect(assuranceProblem({ maxAgeMs: 1 }, signedIn, now)).toBeNull()
    },
  )

  test('the stated class must be among those asked for', () => {
    expect(assuranceProblem({ acr: ['mfa', 'phr'] }, sso, now)).toBeNull()
    expect(assuranceProblem({ acr: ['phr'] }, sso, now)).toMatch(/phr is needed/)
    expect(assuranceProblem({ acr: ['mfa'] }, { method: 'sso' }, now)).toMatch(/mfa is needed/)
  })

  test('all that is asked must hold', () => {
    const asked = { sso: true, maxAgeMs: 60_000, acr: ['mfa'] }
    expect(assuranceProblem(asked, sso, now)).toBeNull()
    expect(assuranceProblem(asked, { ...sso, method: 'chat' }, now)).not.toBeNull()
    expect(assuranceProblem(asked, { ...sso, authTime: 0 }, now)).not.toBeNull()
    expect(assuranceProblem(asked, { ...sso, acr: 'pwd' }, now)).not.toBeNull()
  })
})
