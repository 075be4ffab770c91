import { checkOptions, OptionError } from '@gatewright/core'
import { byIssuerAndSubject, type Claims, groupsIn, required } from './claims'
import { checkText, createOidc, stepUpParameters } from './oidc'
import { type SignIn, SignInError, type StepUp } from './sign-in'

/** What every preset takes. */
export interface PresetOptions {
  /** Stands in the addresses of the sign-in. @default the preset's name */
  readonly id?: string
  /** On the button. */
  readonly title?: string
  readonly clientId: string
  readonly clientSecret: string
}

/** Options of {@link okta}. */
export interface OktaOptions extends PresetOptions {
  /** The issuer: `https://example.okta.com`, or with `/oauth2/<authorization server>`. */
  readonly issuer: string
  /** The claim with the names of groups; it needs a groups claim filter in Okta. `null`: none. @default 'groups' */
  readonly groupsClaim?: string | null
}

/**
 * Sign-in at Okta. People are known by `iss` and `sub`. Where the ID token leaves groups out, as those of Okta's own
 * authorization server do, its user info endpoint is asked.
 *
 * @throws OptionError
 */
export function okta(options: OktaOptions): SignIn {
  checkOptions(options, ['id', 'title', 'clientId', 'clientSecret', 'issuer', 'groupsClaim'], 'okta')
  checkText(options.clientSecret, 'okta.clientSecret')
  const scopes = ['profile', 'email', ...(options.groupsClaim === null ? [] : ['groups'])]
  return createOidc({ id: 'okta', title: 'Okta', ...options, scopes }, 'okta')
}

/** Options of {@link entra}. */
export interface EntraOptions extends PresetOptions {
  /** The directory (tenant) id, a GUID: `common` and `organizations` would let strangers in. */
  readonly tenantId: string
  /**
   * Where groups come from. `claim`: the token's `groups`, which are ids; somebody in more groups than fit (200) is refused,
   * since the token then leaves all of them out. `directory`: the gate's directory.
   *
   * @default 'claim'
   */
  readonly groups?: 'claim' | 'directory'
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Sign-in at Microsoft Entra ID. People are known by tenant and `oid`: `person('https://login.microsoftonline.com/<tenant
 * id>/v2.0', '<object id>')`. `sub` differs from program to program, and addresses pass to others. Entra ID's classes are the
 * authentication contexts of Conditional Access (`c1`); a `maxAge` needs the optional claim `auth_time`.
 *
 * @throws OptionError
 */
export function entra(options: EntraOptions): SignIn {
  checkOptions(options, ['id', 'title', 'clientId', 'clientSecret', 'tenantId', 'groups'], 'entra')
  checkText(options.clientSecret, 'entra.clientSecret')
  const { tenantId, groups = 'claim', ...rest } = options
  if (typeof tenantId !== 'string' || !GUID.test(tenantId))
    throw new OptionError(
      'entra.tenantId',
      'is the GUID of your directory: "common" would let people of any company in',
    )
  if (groups !== 'claim' && groups !== 'directory')
    throw new OptionError('entra.groups', "is 'claim' or 'directory'")
  const issuer = `https://login.microsoftonline.com/${tenantId.toLowerCase()}/v2.0`
  return createOidc(
    {
      id: 'entra',
      title: 'Microsoft',
      ...rest,
      issuer,
      parameters: entraParameters,
      rules: entraRules(issuer, tenantId.toLowerCase(), groups),
    },
    'entra',
  )
}

/** Entra ID knows no `acr_values`: an authentication context is asked for as a claim, one at a time. */
function entraParameters({ acr, another, ...age }: StepUp): Readonly<Record<string, string>> {
  const [context] = acr ?? []
  return {
    ...stepUpParameters(age),
    ...selectAccount(another),
    ...(context === undefined ? {} : idTokenClaim('acrs', { essential: true, value: context })),
  }
}

function selectAccount(wanted = false): Readonly<Record<string, string>> {
  return wanted ? { prompt: 'select_account' } : {}
}

/** The parameter that asks for a claim of the ID token (OpenID Connect Core 5.5). */
function idTokenClaim(claim: string, wanted: Readonly<Record<string, unknown>>): { readonly claims: string } {
  return { claims: JSON.stringify({ id_token: { [claim]: wanted } }) }
}

/** The rules of Entra's claims, for one tenant. */
export function entraRules(issuer: string, tenantId: string, groups: 'claim' | 'directory') {
  return {
    identity(claims: Claims) {
      if (required(claims, 'tid').toLowerCase() !== tenantId)
        throw new SignInError('refused', 'Your account belongs to another organisation.')
      const subject = required(claims, 'oid')
      // I5: a program that signs in by itself; a person's `sub` is another for each program.
      if (claims.sub === subject) throw new SignInError('refused', 'Only people may sign in here.')
      return { issuer, subject }
    },
    groups(claims: Claims) {
      if (groups === 'directory') return []
      const sources = claims._claim_names
      const overage =
        claims.hasgroups !== undefined ||
        (typeof sources === 'object' && sources !== null && Object.hasOwn(sources, 'groups'))
      if (overage)
        throw new SignInError(
          'refused',
          'You are in more groups than Entra ID writes into a token, so none is known. Ask whoever runs this server to limit the claim to groups assigned to the application, or to use a directory.',
        )
      return groupsIn(claims, 'groups')
    },
    acr({ acrs }: Claims, asked: readonly string[]) {
      const reached = (Array.isArray(acrs) ? acrs : [acrs]).filter((one) => typeof one === 'string')
      return reached.find((one) => asked.includes(one)) ?? reached[0]
    },
  }
}

/** Options of {@link google}. */
export interface GoogleOptions extends PresetOptions {
  /** The primary domain of your Workspace, `example.com`: private accounts and other companies are refused. */
  readonly hostedDomain: string
}

/**
 * Sign-in at Google Workspace. People are known by `sub`; `hd` must be your domain. Google's tokens name no groups: give the
 * gate a directory, or name people. A `maxAge` needs "Session age claims" among the settings of the app; Google states no
 * classes.
 *
 * @throws OptionError
 */
export function google(options: GoogleOptions): SignIn {
  checkOptions(options, ['id', 'title', 'clientId', 'clientSecret', 'hostedDomain'], 'google')
  checkText(options.clientSecret, 'google.clientSecret')
  const { hostedDomain, ...rest } = options
  const domain = checkText(hostedDomain, 'google.hostedDomain').toLowerCase()
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain))
    throw new OptionError(
      'google.hostedDomain',
      'is the primary domain of your Workspace, such as example.com',
    )
  return createOidc(
    {
      id: 'google',
      title: 'Google',
      ...rest,
      issuer: 'https://accounts.google.com',
      // Only a hint to Google's page: what counts is the claim.
      parameters: ({ maxAge, another }) => ({
        hd: domain,
        ...selectAccount(another),
        ...(maxAge === undefined
          ? {}
          : { ...stepUpParameters({ maxAge }), ...idTokenClaim('auth_time', { essential: true }) }),
      }),
      rules: googleRules(domain),
    },
    'google',
  )
}

/** The rules of Google's claims, for one domain. */
export function googleRules(domain: string) {
  return {
    identity(claims: Claims) {
      if (typeof claims.hd !== 'string' || claims.hd.toLowerCase() !== domain)
        throw new SignInError('refused', 'Your account belongs to no Workspace that may sign in here.')
      if (claims.email !== undefined && claims.email_verified !== true)
        throw new SignInError(
          'refused',
          'Google has not verified the e-mail address of your account. Verify it there, then sign in again.',
        )
      return byIssuerAndSubject(claims)
    },
    groups: (): readonly string[] => [],
  }
}
