import type { ServerResponse } from 'node:http'
import { OptionError } from '@gatewright/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ScimService, scimService } from '../../test/scim-service'
import { ada as adaSignedIn, tokenOf, world } from '../../test/world'
import { type ScimDirectoryOptions, scimDirectory } from './scim-directory'

const issuer = 'https://idp.test'
const token = 'the token of the service'
const ada = { issuer, subject: 'ada' }
let service: ScimService

beforeEach(async () => {
  service = await scimService()
  service.users = [
    { id: 'u1', externalId: 'ada', displayName: 'Ada Moreno', active: true, 'urn:x:slack': { user: 'U07' } },
    { id: 'u2', externalId: 'ben', userName: 'ben@example.com', active: true },
    { id: 'u3', externalId: 'gone', active: false },
  ]
  service.groups = [
    {
      id: 'g1',
      displayName: 'ops',
      members: [{ value: 'u1' }, { value: 'u3', type: 'User' }, { value: 'g2', type: 'Group' }],
    },
    { id: 'g2', displayName: 'sales', members: [{ value: 'u2' }] },
  ]
})

afterEach(async () => {
  vi.useRealTimers()
  await service.close()
})

function directory(options: Partial<ScimDirectoryOptions> = {}) {
  return scimDirectory({ url: service.url, token, issuer, ...options })
}

describe('who somebody is', () => {
  test('is told by the id of their sign-in, with their groups', async () => {
    expect(await directory().resolve(ada)).toEqual({ ...ada, name: 'Ada Moreno', groups: ['ops'] })
    expect(await directory().resolve({ issuer, subject: 'ben' })).toMatchObject({
      name: 'ben@example.com',
      groups: ['sales'],
    })
  })

  test('whoever is not active, or not there, is nobody', async () => {
    expect(await directory().resolve({ issuer, subject: 'gone' })).toBeNull()
    expect(await directory().resolve({ issuer, subject: 'eve' })).toBeNull()
    expect(await directory().resolve({ issuer: 'https://other.test', subject: 'ada' })).toBeNull()
  })

  test('T21: nobody is found by an address, or by another case', async () => {
    expect(await directory().resolve({ issuer, subject: 'ben@example.com' })).toBeNull()
    expect(await directory().resolve({ issuer, subject: 'ADA' })).toBeNull()
  })

  test('other identities are found where the program says', async () => {
    const match = (identity: { issuer: string; subject: string }) =>
      identity.issuer === 'slack:T1' ? { attribute: 'urn:x:slack:user', value: identity.subject } : null
    service.ignoresFilters = true
    const found = await directory({ match }).resolve({ issuer: 'slack:T1', subject: 'U07' })
    expect(found).toMatchObject({ ...ada, groups: ['ops'] })
    expect(await directory({ match }).resolve({ issuer: 'slack:T2', subject: 'U07' })).toBeNull()
  })

  test('a service that ignores filters makes nobody somebody else, and puts nobody in a group', async () => {
    service.ignoresFilters = true
    expect(await directory().resolve({ issuer, subject: 'eve' })).toBeNull()
    expect(await directory().resolve({ issuer, subject: 'ben' })).toMatchObject({ groups: ['sales'] })
    expect(await directory().members?.('sales')).toMatchObject([{ subject: 'ben' }])
  })

  test('what is asked for cannot change the filter', async () => {
    expect(await directory().resolve({ issuer, subject: 'eve" or externalId eq "ada' })).toBeNull()
  })

  test('all pages are read', async () => {
    service.pageSize = 2
    service.groups = Array.from({ length: 7 }, (_, index) => ({
      id: `g${index}`,
      displayName: `group ${index}`,
      members: [{ value: 'u1' }],
    }))
    expect((await directory().resolve(ada))?.groups).toHaveLength(7)
  })

  test('the members of a group are its active, direct ones', async () => {
    expect(await directory().members?.('ops')).toEqual([{ ...ada, name: 'Ada Moreno', groups: ['ops'] }])
    expect(await directory().members?.('nobody')).toEqual([])
  })
})

describe('it fails closed', () => {
  const again = '{"totalResults":3,"startIndex":1,"Resources":[{"id":"u1","externalId":"ada"}]}'
  test.each<[string, (response: ServerResponse) => unknown]>([
    ['no list', (response) => response.end('{}')],
    ['no JSON', (response) => response.end('<html>')],
    ['an error', (response) => response.writeHead(500).end()],
    ['a lost token', (response) => response.writeHead(401).end()],
    ['no such service', (response) => response.writeHead(404).end()],
    ['a redirect', (response) => response.writeHead(302, { location: '/x' }).end()],
    ['a cut connection', (response) => response.destroy()],
    ['fewer than it counted', (response) => response.end('{"totalResults":3,"Resources":[]}')],
    ['the first page again and again', (response) => response.end(again)],
    ['more than can be read', (response) => response.end(`"${'x'.repeat(5_000_000)}"`)],
  ])('%s is an error, not nobody', async (_, answer) => {
    service.instead = (__, response) => void answer(response)
    await expect(directory().resolve(ada)).rejects.toThrow()
  })

  test.each([
    ['two users with one id', { id: 'u9', externalId: 'ada', active: true }],
    ['an "active" that is a text', { id: 'u9', externalId: 'ada', active: 'False' }],
  ])('%s is an error, not somebody', async (_, user) => {
    service.users.push(user)
    await expect(directory().resolve(ada)).rejects.toThrow()
  })

  test('an answer that does not come is an error after the deadline, and so is a token', async () => {
    service.instead = () => {}
    await expect(directory({ timeout: 50 }).resolve(ada)).rejects.toThrow(/within 50 ms/)
    await expect(directory({ timeout: 50, token: () => new Promise(() => {}) }).resolve(ada)).rejects.toThrow(
      /within 50 ms/,
    )
  })

  test('I5: a vote is refused while it does not answer, and counts once it does', async () => {
    const w = world({}, { directory: directory({ maxAge: 1 }) })
    const { id, reviewDigest } = await w.ask()
    const vote = async () =>
      w.call(await tokenOf(adaSignedIn), 'POST', `/api/v1/requests/${id}/votes`, {
        decision: 'approve',
        digest: reviewDigest,
      })
    service.instead = (_, response) => void response.writeHead(503).end()
    expect(await vote()).toMatchObject({ status: 503, body: { code: 'vote-identity-unavailable' } })
    service.instead = null
    expect(await vote()).toMatchObject({ status: 200 })
  })
})

describe('how long it remembers', () => {
  test('T23: a lost role is noticed after maxAge, and failures are not remembered', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const known = directory({ maxAge: '30s' })
    service.instead = (_, response) => void response.writeHead(503).end()
    await expect(known.resolve(ada)).rejects.toThrow()
    service.instead = null
    expect((await known.resolve(ada))?.groups).toEqual(['ops'])
    service.groups = []
    vi.advanceTimersByTime(29_999)
    expect((await known.resolve(ada))?.groups).toEqual(['ops'])
    vi.advanceTimersByTime(1)
    expect((await known.resolve(ada))?.groups).toEqual([])
  })

  test('many who ask at once ask once', async () => {
    const known = directory()
    await Promise.all(Array.from({ length: 20 }, () => known.resolve(ada)))
    expect(service.asked).toHaveLength(2)
  })
})

test.each<[string, object]>([
  ['url', { url: 'http://idp.example.com/scim' }],
  ['url', { url: 'https://me:pw@idp.example.com' }],
  ['token', { token: '' }],
  ['token', { token: undefined }],
  ['issuer', { issuer: '' }],
  ['subject', { subject: 'external id' }],
  ['match', { match: 'email' }],
  ['maxAge', { maxAge: 0 }],
  ['timeout', { timeout: 'soon' }],
  ['filter', { filter: 'x' }],
])('T18: a wrong %s keeps it from starting', (option, wrong) => {
  const given = { url: 'https://idp.example.com/scim', token, issuer, ...wrong } as ScimDirectoryOptions
  try {
    scimDirectory(given)
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError)
    expect((error as OptionError).option).toContain(`scimDirectory.${option}`)
    return
  }
  throw new Error('it started')
})
