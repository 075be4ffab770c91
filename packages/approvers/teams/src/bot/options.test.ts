import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { APP, PASSWORD, TENANT } from '../../test/fake-teams'
import { teamsApprover } from './teams-approver'

const right = { appId: APP, tenantId: TENANT, password: PASSWORD }
const small = generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
})

describe('T18: a credential', () => {
  test.each<[string, object]>([
    ['is missing', { password: undefined }],
    ['is empty', { password: '' }],
    ['is short', { password: 'x'.repeat(29) }],
    ['is white space', { password: ' '.repeat(40) }],
    ['is no text', { password: 7 }],
    ['stands beside another', { assertion: async () => 'token' }],
    ['is no function', { password: undefined, assertion: 'token' }],
    [
      'is a certificate that is none',
      { password: undefined, certificate: { privateKey: 'a', certificate: 'b' } },
    ],
    [
      'is a key that is too small',
      { password: undefined, certificate: { privateKey: small, certificate: 'b' } },
    ],
  ])('that %s keeps the approver from being made, and is not quoted', (_what, over) => {
    const make = () => teamsApprover({ ...right, ...over } as never)
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID' }))
    expect(make).not.toThrow(/xxxxx|BEGIN/)
  })
})

describe('options', () => {
  test.each<[object, RegExp]>([
    [{ appId: 'app' }, /appId/],
    [{ tenantId: 'common' }, /tenantId/],
    [{ tenantID: TENANT }, /did you mean "tenantId"/],
    [{ name: '../x' }, /name/],
    [{ conversation: 'General' }, /conversation/],
    [{ conversation: '19:x@thread.tacv2;messageid=1' }, /conversation/],
    [{ routes: { ops: {} } }, /routes\.ops/],
    [{ routes: { ops: { users: ['ada@example.com'] } } }, /routes\.ops\.users/],
    [{ routes: { ops: { user: [] } } }, /routes\.ops\.user/],
    [{ routes: [] }, /routes/],
    [{ allowGuests: 'yes' }, /allowGuests/],
    [{ serviceUrl: 'https://smba.trafficmanager.net/teams' }, /slash/],
    [{ serviceUrl: 'https://other.example.com/' }, /serviceUrls/],
    [{ serviceUrls: [] }, /serviceUrls/],
    [{ serviceUrls: ['http://smba.trafficmanager.net/'] }, /https/],
    [{ loginUrl: 'https://user:pass@login.example.com/' }, /user/],
    [{ network: { allow: ['*'] } }, /allow/],
    [{ network: { proxy: 'x' } }, /proxy/],
  ])('%j is refused', (over, said) => {
    expect(() => teamsApprover({ ...right, ...over } as never)).toThrow(said)
  })

  test('ids may be written in capitals', () => {
    expect(teamsApprover({ ...right, tenantId: TENANT.toUpperCase() })).toMatchObject({
      name: 'teams',
      needsSecret: true,
    })
  })
})
