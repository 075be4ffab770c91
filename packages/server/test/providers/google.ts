import type { Shape } from './shaped-provider'

export const GOOGLE = 'https://accounts.google.com'
export const ADA = '110169484474386276334'

const person = (sub: string, name: string, more: Readonly<Record<string, unknown>>) => ({
  claims: { sub, name, given_name: name.split(' ')[0], email_verified: true, ...more },
  amr: ['pwd', 'mfa'],
})

/** Google. It asks nobody again because of `max_age`, and says when somebody signed in only where the claim was asked for. */
export const googleShape: Shape = {
  issuer: GOOGLE,
  mount: '',
  people: {
    ada: person(ADA, 'Ada Moreno', { hd: 'example.com', email: 'ada@example.com' }),
    private: person('220269484474386276334', 'Pat Private', { email: 'ada@example.com' }),
    other: person('330369484474386276334', 'Otto Other', { hd: 'other.example', email: 'o@other.example' }),
    unverified: person('440469484474386276334', 'Una Unverified', {
      hd: 'example.com',
      email: 'una@example.com',
      email_verified: false,
    }),
  },
  configuration: {
    routes: { authorization: '/o/oauth2/v2/auth', token: '/token', jwks: '/oauth2/v3/certs' },
    claims: {
      openid: ['sub', 'hd'],
      profile: ['name', 'given_name'],
      email: ['email', 'email_verified'],
      auth_time: null,
    },
    features: { claimsParameter: { enabled: true }, rpInitiatedLogout: { enabled: false } },
    conformIdTokenClaims: false,
    extraParams: ['hd'],
  },
  discovery: {
    token_endpoint: 'https://oauth2.googleapis.com/token',
    jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
    userinfo_endpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
  },
  classes: () => [],
  ignores: ['max_age'],
  idToken: (granted) => ({ ...granted, azp: 'gatewright' }),
}

/** The same for an app without "Session age claims". */
export const googleWithoutSessionAge: Shape = {
  ...googleShape,
  idToken: ({ auth_time: _, ...granted }) => ({ ...granted, azp: 'gatewright' }),
}
