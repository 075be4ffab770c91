import { describe, expect, test } from 'vitest'
import { OptionError } from './errors'
import { type StaticDirectoryOptions, staticDirectory } from './static-directory'

const ada = { issuer: 'idp', subject: '00u1', name: 'Ada Moreno' }
const ben = { issuer: 'idp', subject: '00u2', name: 'Ben Okafor' }
const slack = { issuer: 'slack:T1', subject: 'U1' }

describe('a static directory', () => {
  const directory = staticDirectory({
    people: [{ ...ada, groups: ['security'], identities: [slack] }, ben],
    groups: {
      ops: [slack, { issuer: 'idp', subject: '00u2' }],
      security: [{ issuer: 'idp', subject: '00u1' }],
    },
  })

  test('resolves every identity of a person to the one person, with the groups of both places', async () => {
    const person = { ...ada, groups: ['security', 'ops'] }
    expect(await directory.resolve(ada)).toEqual(person)
    expect(await directory.resolve(slack)).toEqual(person)
    expect(await directory.resolve(ben)).toEqual({ ...ben, groups: ['ops'] })
  })

  test('T21: knows nobody by half an identity, another tenant’s, or an e-mail address', async () => {
    for (const identity of [
      { issuer: 'idp', subject: 'U1' },
      { issuer: 'slack:T2', subject: 'U1' },
      { issuer: 'slack:T1', subject: '00u1' },
      { issuer: 'idp', subject: '00U1' },
      { issuer: 'idp', subject: 'ada@x.example', email: 'ada@x.example' },
      { issuer: '', subject: '' },
    ]) {
      expect(await directory.resolve(identity)).toBeNull()
    }
  })

  test('lists the members of a group, each once, and none of a group it does not know', async () => {
    expect((await directory.members?.('ops'))?.map(({ name }) => name)).toEqual(['Ada Moreno', 'Ben Okafor'])
    expect((await directory.members?.('security'))?.map(({ name }) => name)).toEqual(['Ada Moreno'])
    expect(await directory.members?.('__proto__')).toEqual([])
    expect(await directory.members?.('Ops')).toEqual([])
  })

  test('is read once: changing what was given, or what it answered, changes nothing', async () => {
    const groups = ['ops']
    const people = [{ ...ada, groups }]
    const own = staticDirectory({ people })
    groups.push('admins')
    people.push({ ...ben, groups })
    const members = (await own.members?.('ops')) as unknown[]
    members.push(ben)
    expect(await own.resolve(ada)).toEqual({ ...ada, groups: ['ops'] })
    expect(await own.resolve(ben)).toBeNull()
    expect(await own.members?.('ops')).toHaveLength(1)
    expect(Object.isFrozen((await own.resolve(ada))?.groups)).toBe(true)
  })

  test.each(['ada@x.example', 'Ada.Moreno+ops@x.example', 'mailto:ada@x.example', 'acct:ada@x.example'])(
    'T21: the e-mail address %s is no identity, and the message says what to write',
    (subject) => {
      for (const people of [[{ ...ada, subject }], [{ ...ada, identities: [{ issuer: 'idp', subject }] }]]) {
        expect(() => staticDirectory({ people })).toThrow(/"sub" of an OpenID token \("oid" at Entra\)/)
      }
      expect(() => staticDirectory({ people: [ada], groups: { ops: [{ issuer: 'idp', subject }] } })).toThrow(
        /e-mail address/,
      )
    },
  )

  test.each(['1000:kim@corp.example', 'U07CD', 'google-oauth2|1234', 'kim@localhost', '@kim'])(
    'the id %s is one, whatever it looks like',
    async (subject) => {
      const kim = { issuer: 'os:host', subject, name: 'Kim' }
      expect(await staticDirectory({ people: [kim] }).resolve(kim)).toMatchObject({ name: 'Kim' })
    },
  )

  test.each<[string, unknown]>([
    ['staticDirectory', null],
    ['staticDirectory.people', {}],
    ['staticDirectory.persons', { people: [], persons: [] }],
    ['staticDirectory.people[0]', { people: [null] }],
    ['staticDirectory.people[0].issuer', { people: [{ subject: '1', name: 'x' }] }],
    ['staticDirectory.people[0].subject', { people: [{ issuer: 'idp', name: 'x' }] }],
    ['staticDirectory.people[0].name', { people: [{ issuer: 'idp', subject: '1' }] }],
    ['staticDirectory.people[0].email', { people: [{ ...ada, email: 'ada@x.example' }] }],
    ['staticDirectory.people[0].groups', { people: [{ ...ada, groups: 'ops' }] }],
    ['staticDirectory.people[0].groups', { people: [{ ...ada, groups: [''] }] }],
    ['staticDirectory.people[0].identities', { people: [{ ...ada, identities: slack }] }],
    [
      'staticDirectory.people[0].identities[0].subject',
      { people: [{ ...ada, identities: [{ issuer: 'x' }] }] },
    ],
    ['staticDirectory.people[0].identities[0].name', { people: [{ ...ada, identities: [ben] }] }],
    ['staticDirectory.people[0].subject', { people: [{ ...ada, subject: 'ada@x.example' }] }],
    ['staticDirectory.people[1]', { people: [ada, { ...ada, name: 'Other' }] }],
    [
      'staticDirectory.people[1]',
      {
        people: [
          { ...ada, identities: [slack] },
          { ...ben, identities: [slack] },
        ],
      },
    ],
    [
      'staticDirectory.people[1]',
      { people: [{ ...ada, identities: [{ issuer: 'idp', subject: '00u2' }] }, ben] },
    ],
    ['staticDirectory.people[0]', { people: [{ ...ada, identities: [slack, slack] }] }],
    ['staticDirectory.groups', { people: [ada], groups: [] }],
    ['staticDirectory.groups.ops', { people: [ada], groups: { ops: ada } }],
    ['staticDirectory.groups.ops[0]', { people: [ada], groups: { ops: [slack] } }],
    ['staticDirectory.groups.ops[0].name', { people: [ada], groups: { ops: [ada] } }],
  ])('%s is named when it is wrong, unknown or taken', (option, options) => {
    const make = () => staticDirectory(options as StaticDirectoryOptions)
    expect(make).toThrow(OptionError)
    expect(make).toThrow(expect.objectContaining({ option }))
  })
})
