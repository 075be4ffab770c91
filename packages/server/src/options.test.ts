import { createGate, group, OptionError } from '@gatewright/core'
import {
  type ApiKey,
  createReviewServer,
  devSignIn,
  entra,
  google,
  oidc,
  okta,
  type ReviewServerOptions,
  reviewLinks,
} from '@gatewright/server'
import { afterEach, describe, expect, test } from 'vitest'

const gate = createGate({
  agent: { id: 'bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  ephemeral: true,
})
const secrets = ['s'.repeat(32)]
const client = { clientId: 'c', clientSecret: 's' }
const sso = () => oidc({ issuer: 'https://idp.example.com', ...client })
const good = (): ReviewServerOptions => ({ url: 'https://approvals.example.com', signIn: sso(), secrets })

function refused(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof OptionError) return error.option
    throw error
  }
  return 'nothing was refused'
}

describe('createReviewServer refuses to start', () => {
  test.each<[string, object]>([
    ['url', { url: 'http://approvals.example.com' }],
    ['url', { url: 'approvals.example.com' }],
    ['url', { url: 'https://me:pw@approvals.example.com' }],
    ['url', { url: 'https://approvals.example.com/?a' }],
    ['signIn', { signIn: [] }],
    ['signIn', { signIn: undefined }],
    ['signIn', { signIn: [sso(), sso()] }],
    ['secrets', { secrets: [] }],
    ['secrets', { secrets: undefined }],
    ['secrets', { secrets: [''] }],
    ['secrets', { secrets: ['too short'] }],
    ['secrets', { secrets: [' '.repeat(40)] }],
    ['viewers', { viewers: 'ops' }],
    ['rateLimit.max', { rateLimit: { max: 0, per: '1m' } }],
    ['sessionFor', { sessionFor: 'long' }],
    ['clientAddress', { clientAddress: 'x-real-ip' }],
    ['apiKeys[0].hash', { apiKeys: [{ id: 'a', hash: 'gw_secret', scopes: ['read'] }] }],
    ['apiKeys[0].scopes', { apiKeys: [{ id: 'a', hash: 'a'.repeat(64), scopes: ['vote'] }] }],
    ['apiKeys[0].owner', { apiKeys: [{ id: 'a', hash: 'a'.repeat(64), scopes: ['request'] }] }],
    ['secret', { secret: 'x' }],
  ])('T18: with a wrong %s', (option, wrong) => {
    const given = { ...good(), ...wrong } as ReviewServerOptions
    expect(refused(() => createReviewServer(gate, given))).toContain(`createReviewServer.${option}`)
  })

  test.each<ApiKey['scopes'][number]>(['request', 'read'])(
    'T02: with a key by the name of the gate’s own agent, which could claim what that one asked for (%s)',
    (scope) => {
      const key = (id: string): ApiKey => ({ id, hash: 'a'.repeat(64), scopes: [scope], owner: null })
      const other = { ...key('other'), hash: 'b'.repeat(64) }
      const making = (id: string) => () => createReviewServer(gate, { ...good(), apiKeys: [other, key(id)] })
      expect(refused(making('bot'))).toBe('createReviewServer.apiKeys[1].id')
      expect(making('bot')).toThrow(/is "bot".*"agent\.id" of createGate.*Give one of them another id/)
      expect(refused(making('deploy-bot'))).toBe('nothing was refused')
    },
  )

  test('with made-up identities under an address that others reach', () => {
    const signIn = devSignIn()
    expect(refused(() => createReviewServer(gate, { ...good(), signIn }))).toBe('createReviewServer.signIn')
    expect(refused(() => createReviewServer(gate, { ...good(), url: 'http://localhost:1', signIn }))).toBe(
      'nothing was refused',
    )
  })
})

describe('a way to sign in refuses', () => {
  const before = process.env.NODE_ENV
  afterEach(() => {
    process.env.NODE_ENV = before
  })

  test.each<[string, () => unknown]>([
    ['oidc.issuer', () => oidc({ ...client, issuer: 'http://idp.example.com' })],
    ['oidc.clientId', () => oidc({ clientId: '', issuer: 'https://idp.example.com' })],
    [
      'oidc.clientSecret',
      () => oidc({ clientId: 'c', clientSecret: ' ', issuer: 'https://idp.example.com' }),
    ],
    ['oidc.id', () => oidc({ ...client, id: '../x', issuer: 'https://idp.example.com' })],
    ['okta.clientSecret', () => okta({ issuer: 'https://x.okta.com', clientId: 'c', clientSecret: '' })],
    ['entra.tenantId', () => entra({ ...client, tenantId: 'common' })],
    [
      'entra.groups',
      () =>
        entra({
          ...client,
          tenantId: '1'.repeat(8) + '-1111-1111-1111-' + '1'.repeat(12),
          groups: 'all' as 'claim',
        }),
    ],
    ['google.hostedDomain', () => google({ ...client, hostedDomain: '' })],
    ['google.hostedDomain', () => google({ ...client, hostedDomain: 'gmail' })],
    ['devSignIn.people', () => devSignIn({ people: [] })],
  ])('a wrong %s', (option, make) => expect(refused(make)).toBe(option))

  test('made-up identities in production', () => {
    process.env.NODE_ENV = 'production'
    expect(refused(() => devSignIn())).toBe('devSignIn')
  })
})

test('the links of a gate lead to the server, whatever an id holds', () => {
  const { link, linking } = reviewLinks('https://approvals.example.com/gate/')
  expect(link('01J')).toBe('https://approvals.example.com/gate/requests/01J')
  expect(link('../x?y')).toBe('https://approvals.example.com/gate/requests/..%2Fx%3Fy')
  expect(linking('a.b')).toBe('https://approvals.example.com/gate/link/a.b')
})
