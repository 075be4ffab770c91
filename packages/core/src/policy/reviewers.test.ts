import { describe, expect, test } from 'vitest'
import { OptionError } from '../errors'
import { agent, anyOf, group, person, readReviewers, service } from './reviewers'

describe('principals', () => {
  test('a person is a frozen human principal with safe defaults', () => {
    const ada = person('https://idp.example', '00u1')
    expect(ada).toEqual({
      type: 'human',
      issuer: 'https://idp.example',
      subject: '00u1',
      name: '00u1',
      groups: [],
      assurance: { method: 'local' },
    })
    expect(Object.isFrozen(ada) && Object.isFrozen(ada.groups) && Object.isFrozen(ada.assurance)).toBe(true)
  })

  test('what is said about a person is kept, and copied', () => {
    const groups = ['ops']
    const assurance = { method: 'sso' as const, authTime: 5, acr: 'mfa' }
    const ada = person('idp', '1', { name: 'Ada', email: 'ada@x.example', groups, assurance })
    groups.push('admins')
    expect(ada).toMatchObject({ name: 'Ada', email: 'ada@x.example', groups: ['ops'], assurance })
  })

  test('services and agents are no humans', () => {
    expect(service('ci', 'deploy').type).toBe('service')
    expect(agent('ci', 'bot', { name: 'Bot' })).toMatchObject({ type: 'agent', name: 'Bot' })
  })

  test.each([
    ['person.issuer', () => person('', '1')],
    ['person.subject', () => person('idp', ' ')],
    ['person.subject', () => person('idp', undefined as never)],
    ['person.name', () => person('idp', '1', { name: '' })],
    ['person.groups', () => person('idp', '1', { groups: 'ops' as never })],
    ['person.groups', () => person('idp', '1', { groups: [7 as never] })],
    ['person.email', () => person('idp', '1', { email: '' })],
    ['person.assurance.method', () => person('idp', '1', { assurance: { method: 'trust-me' as never } })],
    [
      'person.assurance.authTime',
      () => person('idp', '1', { assurance: { method: 'sso', authTime: Number.NaN } }),
    ],
    ['person.assurance.level', () => person('idp', '1', { assurance: { method: 'sso', level: 3 } as never })],
    ['person.group', () => person('idp', '1', { group: ['ops'] } as never)],
    ['service.subject', () => service('ci', '')],
    ['agent.groups', () => agent('ci', 'bot', { groups: ['ops'] } as never)],
    ['group.name', () => group('')],
    ['group.atLeast', () => group('ops', { atLeast: 0 })],
    ['group.atLeast', () => group('ops', { atLeast: 1.5 })],
    ['group.atLeast', () => group('ops', { atLeast: '2' as never })],
    ['group.quorum', () => group('ops', { quorum: 2 } as never)],
    ['anyOf', () => anyOf()],
    ['anyOf[1].atLeast', () => anyOf(group('a'), group('b', { atLeast: 2 }))],
    ['anyOf[0]', () => anyOf(agent('ci', 'bot'))],
  ])('T40: %s is named when it is wrong or unknown', (option, make) => {
    expect(make).toThrow(OptionError)
    expect(make).toThrow(expect.objectContaining({ option }))
  })
})

describe('reviewers', () => {
  test('a group is read with its quorum', () => {
    expect(readReviewers(group('ops', { atLeast: 2 }), 'x')).toEqual({
      selector: { type: 'group', name: 'ops' },
      atLeast: 2,
    })
    expect(readReviewers(group('ops'), 'x').atLeast).toBeNull()
  })

  test('a person is read as nothing but their identity', () => {
    const ada = person('idp', '1', { name: 'Ada', groups: ['ops'], email: 'ada@x.example' })
    expect(readReviewers(ada, 'x').selector).toEqual({ type: 'person', issuer: 'idp', subject: '1' })
  })

  test('parts of anyOf are read one by one, also as plain data', () => {
    const option = anyOf(group('ops'), person('idp', '1'), anyOf(group('security')))
    const selector = readReviewers(JSON.parse(JSON.stringify(option)), 'x').selector
    expect(selector).toEqual({
      type: 'anyOf',
      of: [
        { type: 'group', name: 'ops' },
        { type: 'person', issuer: 'idp', subject: '1' },
        { type: 'anyOf', of: [{ type: 'group', name: 'security' }] },
      ],
    })
    expect(Object.isFrozen(selector) && selector.type === 'anyOf' && Object.isFrozen(selector.of)).toBe(true)
  })

  test('T02: agents and services are no reviewers', () => {
    expect(() => readReviewers(agent('ci', 'bot'), 'x.reviewers')).toThrow(/x\.reviewers: names an agent/)
    expect(() => readReviewers(service('ci', 'deploy'), 'x.reviewers')).toThrow(/only people can vote/)
  })

  test.each([
    undefined,
    null,
    'ops',
    ['ops'],
    {},
    { type: 'everyone' },
    { type: 'group' },
    { type: 'group', name: '' },
    { type: 'group', name: 'ops', except: 'ada' },
    { type: 'person', issuer: 'idp' },
    { type: 'person', subject: '1' },
    { type: 'anyOf' },
    { type: 'anyOf', of: [] },
    { type: 'anyOf', of: ['ops'] },
  ])('T40: %j names nobody and is refused', (option) => {
    expect(() => readReviewers(option, 'x')).toThrow(OptionError)
  })
})
