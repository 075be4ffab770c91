import { checkOptions, OptionError } from '@gatewright/core'
import { byIssuerAndSubject, type Claims, groupsIn, required } from './claims'
import { checkText, createOidc } from './oidc'
import { type SignIn, SignInError } from './sign-in'

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
 * Sign-in at Okta. People are known by `iss` and `sub`.
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
 * id>/v2.0', '<object id>')`. `sub` differs from program to program, and addresses pass to others.
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
      rules: entraRules(issuer, tenantId.toLowerCase(), groups),
    },
    'entra',
  )
}

/** The rules of Entra's claims, for one tenant. */
export function entraRules(issuer: string, tenantId: string, groups: 'claim' | 'directory') {
  return {
    identity(claims: Claims) {
      if (required(claims, 'tid').toLowerCase() !== tenantId)
        throw new SignInError('refused', 'Your account belongs to another organisation.')
      return { issuer, subject: required(claims, 'oid') }
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
  }
}

/** Options of {@link google}. */
export interface GoogleOptions extends PresetOptions {
  /** The primary domain of your Workspace, `example.com`: private accounts and other companies are refused. */
  readonly hostedDomain: string
}

/**
 * Sign-in at Google Workspace. People are known by `sub`; `hd` must be your domain. Google's tokens name no groups: give the
 * gate a directory, or name people.
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
      parameters: { hd: domain },
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
      return byIssuerAndSubject(claims)
    },
    groups: (): readonly string[] => [],
  }
}
