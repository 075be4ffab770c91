import type { Shape } from './shaped-provider'

export const OKTA = 'https://example.okta.com'
/** Phishing-resistant, in Okta's words. */
export const PHR = 'phr'

const person = (sub: string, name: string, groups: unknown) => ({
  claims: {
    sub,
    name,
    email: `${sub}@example.com`,
    email_verified: true,
    preferred_username: `${sub}@example.com`,
    groups,
  },
  amr: ['mfa', 'otp', 'pwd'],
})

/**
 * An Okta organisation with its own authorization server. With the code flow its ID tokens are "thin": neither profile nor
 * groups, which the user info endpoint tells.
 */
export const oktaShape: Shape = {
  issuer: OKTA,
  mount: '',
  people: {
    ada: person('00u1a2b3c4d5e6f7g8h9', 'Ada Moreno', ['Everyone', 'ops']),
    sam: person('00u9z8y7x6w5v4u3t2s1', 'Sam Sales', ['Everyone']),
    odd: person('00u0odd0odd0odd0odd0', 'Olle Odd', 'ops'),
  },
  configuration: {
    routes: {
      authorization: '/oauth2/v1/authorize',
      token: '/oauth2/v1/token',
      userinfo: '/oauth2/v1/userinfo',
      jwks: '/oauth2/v1/keys',
      end_session: '/oauth2/v1/logout',
    },
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
      acr: null,
      auth_time: null,
    },
    acrValues: ['urn:okta:loa:2fa:any', PHR],
    conformIdTokenClaims: true,
  },
  classes: ({ acr_values: values }) => (typeof values === 'string' ? values.split(' ') : []),
  idToken: (granted, { amr, auth_time }) => ({
    ...granted,
    ver: 1,
    jti: 'ID.example',
    idp: '00o1a2b3c4d5e6f7g8h9',
    amr,
    auth_time,
  }),
}
