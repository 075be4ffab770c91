import type { Shape } from './shaped-provider'

export const TENANT = '11111111-2222-3333-4444-555555555555'
export const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`
export const OPS = 'bbbbbbbb-0000-4000-8000-000000000001'
export const ADA = 'aaaaaaaa-0000-4000-8000-000000000001'
export const MANY = 'aaaaaaaa-0000-4000-8000-000000000002'

const person = (oid: string, name: string, more: Readonly<Record<string, unknown>>) => ({
  // `sub` is made of it for each program (pairwise).
  claims: {
    sub: oid,
    oid,
    tid: TENANT,
    name,
    preferred_username: `${name.split(' ')[0]}@example.com`,
    wids: ['b79fbf4d-3ef9-4689-8143-76b194e85509'],
    ...more,
  },
  amr: ['pwd', 'mfa'],
})

/** @param authTime - whether the program was given the optional claim `auth_time` */
export function entraShape(authTime: boolean): Shape {
  return {
    issuer: ENTRA,
    mount: `/${TENANT}`,
    people: {
      ada: person(ADA, 'Ada Moreno', { groups: [OPS] }),
      many: person(MANY, 'Mona Many', {
        _claim_names: { groups: 'src1' },
        _claim_sources: {
          src1: { endpoint: `https://graph.microsoft.com/v1.0/users/${MANY}/getMemberObjects` },
        },
      }),
      guest: person('aaaaaaaa-0000-4000-8000-000000000003', 'Gus Guest', {
        tid: '99999999-2222-3333-4444-555555555555',
        groups: [OPS],
      }),
    },
    configuration: {
      routes: {
        authorization: '/oauth2/v2.0/authorize',
        token: '/oauth2/v2.0/token',
        jwks: '/discovery/v2.0/keys',
        end_session: '/oauth2/v2.0/logout',
      },
      claims: {
        openid: ['sub', 'oid', 'tid', 'groups', 'wids', 'acrs'],
        profile: ['name', 'preferred_username'],
        email: ['email'],
      },
      features: { claimsParameter: { enabled: true } },
      subjectTypes: ['pairwise'],
      pairwiseIdentifier: (_ctx, account) => `pairwise-of-${account}`,
      conformIdTokenClaims: false,
    },
    // Its user info stands at another host, and tells less than the token.
    discovery: {
      userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
      acr_values_supported: undefined,
      claims_parameter_supported: undefined,
    },
    classes: ({ claims }) => {
      const asked = typeof claims === 'string' ? JSON.parse(claims).id_token?.acrs?.value : undefined
      return typeof asked === 'string' ? [asked] : []
    },
    idToken: ({ auth_time: _, ...granted }, known) => ({
      ...granted,
      ver: '2.0',
      aio: 'opaque',
      rh: 'opaque',
      uti: 'opaque',
      // Contexts that were reached are all told, whichever was asked for.
      ...(known.acr === undefined ? {} : { acrs: ['c3', known.acr] }),
      ...(authTime ? { auth_time: known.auth_time } : {}),
    }),
  }
}
