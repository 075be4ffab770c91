import { createPrivateKey, X509Certificate } from 'node:crypto'
import { checkOptions, OptionError } from '@gatewright/core'
import type { ClientOptions } from '@gatewright/outbound'
import { isName, NAME_FORM } from '../names'

/** Where the requests of a group go. Ids throughout, never names: names can be taken over. */
export interface TeamsRoute {
  /** A channel (`19:…@thread.tacv2`) or a group chat (`19:…@thread.v2`) that the app was added to. */
  readonly conversation?: string
  /** People who get a message of their own each: object ids of Entra. At most 10. */
  readonly users?: readonly string[]
}

/** A certificate that the app's registration knows, in place of a password. */
export interface TeamsCertificate {
  /** In PEM. RSA, 2,048 bits or more. */
  readonly privateKey: string
  /** In PEM. */
  readonly certificate: string
}

/** Options of {@link teamsApprover}. */
export interface TeamsApproverOptions {
  /** Stands in the log with every vote, and in the address of inbound requests. @default 'teams' */
  readonly name?: string
  /** The bot's app id: the client id of its registration in Entra. */
  readonly appId: string
  /** The Entra tenant whose people may vote. Nothing from another tenant is taken. */
  readonly tenantId: string
  /** The app's client secret. One of `password`, `certificate` and `assertion` is needed. */
  readonly password?: string
  /** Signs in with a certificate. */
  readonly certificate?: TeamsCertificate
  /** Signs in with a federated credential: a token of an issuer that the app trusts, such as a workload's identity. Called for each sign-in. */
  readonly assertion?: () => Promise<string>
  /** Where requests go that have no route of their own: a channel or a group chat. Without it they cannot be delivered. */
  readonly conversation?: string
  /** By the reviewers' group: the id of a channel or group chat, or a {@link TeamsRoute}. */
  readonly routes?: { readonly [group: string]: string | TeamsRoute }
  /** Whether guests of the tenant may vote. People of other tenants never may. @default false */
  readonly allowGuests?: boolean
  /** Teams' Bot Connector, until an inbound message names the one of the tenant. @default 'https://smba.trafficmanager.net/teams/' */
  readonly serviceUrl?: string
  /** What the addresses of Bot Connectors that inbound messages name must begin with. @default ['https://smba.trafficmanager.net/'] */
  readonly serviceUrls?: readonly string[]
  /** Where the bot signs in. @default 'https://login.microsoftonline.com/' */
  readonly loginUrl?: string
  /** Names the keys that inbound messages are signed with. @default 'https://login.botframework.com/v1/.well-known/openidconfiguration' */
  readonly openIdMetadataUrl?: string
  /** How these addresses are reached: what may be reached although it is not on the internet, certificates, the deadline. */
  readonly network?: Pick<ClientOptions, 'allow' | 'allowHttp' | 'ca' | 'timeout'>
}

/** How the bot proves who it is. */
export type Credential =
  | { readonly type: 'password'; readonly password: string }
  | { readonly type: 'certificate'; readonly privateKey: string; readonly certificate: string }
  | { readonly type: 'federated'; readonly assertion: () => Promise<string> }

/** Options as the approver uses them. */
export interface ResolvedOptions {
  readonly name: string
  readonly appId: string
  readonly tenantId: string
  readonly credential: Credential
  readonly conversation: string | null
  readonly routes: ReadonlyMap<string, TeamsRoute>
  readonly allowGuests: boolean
  readonly serviceUrl: string
  readonly serviceUrls: readonly string[]
  readonly loginUrl: string
  readonly openIdMetadataUrl: string
  readonly network: NonNullable<TeamsApproverOptions['network']>
}

const KNOWN = [
  'name',
  'appId',
  'tenantId',
  'password',
  'certificate',
  'assertion',
  'conversation',
  'routes',
  'allowGuests',
  'serviceUrl',
  'serviceUrls',
  'loginUrl',
  'openIdMetadataUrl',
  'network',
] as const

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const CONVERSATION = /^19:[\w.%=+-]{1,200}@(thread\.(tacv2|skype|v2)|unq\.gbl\.spaces)$/
const LEAST_SECRET = 30
/** More messages than a delivery's reference has room for. */
export const MOST_USERS = 10

/** Whether a text is an id of Entra, in lower case. */
export function isGuid(text: string): boolean {
  return GUID.test(text)
}

/** Whether a conversation is a channel, where a message begins a thread. */
export function isChannel(conversation: string): boolean {
  return /@thread\.(tacv2|skype)$/.test(conversation)
}

/**
 * Checks the options.
 *
 * @throws OptionError for a wrong value or an unknown option, and when a credential is missing or short (T18)
 */
export function resolveOptions(options: TeamsApproverOptions): ResolvedOptions {
  checkOptions(options, KNOWN, 'teamsApprover')
  const { name = 'teams', conversation, allowGuests = false, network = {} } = options
  if (!isName(name)) throw wrong('name', NAME_FORM)
  if (conversation !== undefined) checkConversation(conversation, 'conversation')
  if (typeof allowGuests !== 'boolean') throw wrong('allowGuests', 'must be true or false')
  checkOptions(network, ['allow', 'allowHttp', 'ca', 'timeout'], 'teamsApprover.network')
  const allowHttp = network.allowHttp === true
  const address = (option: 'serviceUrl' | 'loginUrl', fallback: string): string =>
    slashed(options[option] ?? fallback, option, allowHttp)
  const serviceUrl = address('serviceUrl', 'https://smba.trafficmanager.net/teams/')
  return {
    name,
    appId: guid(options.appId, 'appId'),
    tenantId: guid(options.tenantId, 'tenantId'),
    credential: credentialOf(options),
    conversation: conversation ?? null,
    routes: routesOf(options.routes ?? {}),
    allowGuests,
    serviceUrl,
    serviceUrls: serviceUrlsOf(
      options.serviceUrls ?? ['https://smba.trafficmanager.net/'],
      serviceUrl,
      allowHttp,
    ),
    loginUrl: address('loginUrl', 'https://login.microsoftonline.com/'),
    openIdMetadataUrl: web(
      options.openIdMetadataUrl ?? 'https://login.botframework.com/v1/.well-known/openidconfiguration',
      'openIdMetadataUrl',
      allowHttp,
    ),
    network,
  }
}

function credentialOf({ password, certificate, assertion }: TeamsApproverOptions): Credential {
  const given = [password, certificate, assertion].filter((one) => one !== undefined)
  if (given.length !== 1) throw wrong('password', 'give exactly one of password, certificate and assertion')
  if (password !== undefined) {
    if (typeof password !== 'string' || password.trim().length < LEAST_SECRET)
      throw wrong(
        'password',
        `must have at least ${LEAST_SECRET} characters, as client secrets of Entra have`,
      )
    return { type: 'password', password }
  }
  if (assertion !== undefined) {
    if (typeof assertion !== 'function')
      throw wrong('assertion', 'must be a function that answers with a token')
    return { type: 'federated', assertion }
  }
  return { type: 'certificate', ...pairOf(certificate) }
}

function pairOf(pair: TeamsCertificate | undefined): TeamsCertificate {
  checkOptions(pair, ['privateKey', 'certificate'], 'teamsApprover.certificate')
  const { privateKey, certificate } = pair as TeamsCertificate
  let fits = false
  try {
    const key = createPrivateKey(privateKey)
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    fits =
      key.asymmetricKeyType === 'rsa' &&
      bits >= 2_048 &&
      new X509Certificate(certificate).checkPrivateKey(key)
  } catch {
    // What OpenSSL says of it may quote the key.
  }
  if (!fits)
    throw wrong(
      'certificate',
      'must be an RSA key of 2,048 bits or more and the certificate of that key, both in PEM',
    )
  return { privateKey, certificate }
}

function routesOf(routes: NonNullable<TeamsApproverOptions['routes']>): ReadonlyMap<string, TeamsRoute> {
  if (typeof routes !== 'object' || routes === null || Array.isArray(routes))
    throw wrong('routes', 'must be an object by group names')
  return new Map(
    Object.entries(routes).map(([group, route]) => {
      const where = `routes.${group}`
      const wanted = typeof route === 'string' ? { conversation: route } : route
      checkOptions(wanted, ['conversation', 'users'], `teamsApprover.${where}`)
      const { conversation, users = [] } = wanted
      if (conversation === undefined && users.length === 0)
        throw wrong(where, 'names neither a conversation nor users')
      if (conversation !== undefined) checkConversation(conversation, `${where}.conversation`)
      if (!Array.isArray(users) || users.length > MOST_USERS)
        throw wrong(`${where}.users`, `must be a list of at most ${MOST_USERS} object ids`)
      const ids = users.map((user) => guid(user, `${where}.users`))
      return [group, { ...(conversation === undefined ? {} : { conversation }), users: ids }] as const
    }),
  )
}

function checkConversation(conversation: unknown, option: string): void {
  if (typeof conversation !== 'string' || !CONVERSATION.test(conversation))
    throw wrong(option, 'must be the id of a channel (19:…@thread.tacv2) or of a group chat (19:…@thread.v2)')
}

function serviceUrlsOf(urls: readonly string[], own: string, allowHttp: boolean): readonly string[] {
  if (!Array.isArray(urls) || urls.length === 0) throw wrong('serviceUrls', 'must be a list of addresses')
  const allowed = urls.map((url) => slashed(url, 'serviceUrls', allowHttp))
  if (!allowed.some((url) => own.startsWith(url))) throw wrong('serviceUrls', 'must allow serviceUrl as well')
  return allowed
}

function slashed(url: unknown, option: string, allowHttp: boolean): string {
  const whole = web(url, option, allowHttp)
  if (!whole.endsWith('/')) throw wrong(option, 'must end with a slash')
  return whole
}

function web(url: unknown, option: string, allowHttp: boolean): string {
  if (typeof url !== 'string' || !URL.canParse(url))
    throw wrong(option, 'must be an address that begins with https://')
  const { protocol, username, password, search, hash, href } = new URL(url)
  if (protocol !== 'https:' && !(allowHttp && protocol === 'http:'))
    throw wrong(option, 'must be an address that begins with https://')
  if (`${username}${password}${search}${hash}` !== '')
    throw wrong(option, 'must hold no user, no query and no fragment')
  return href
}

function guid(id: unknown, option: string): string {
  if (typeof id === 'string' && isGuid(id.toLowerCase())) return id.toLowerCase()
  throw wrong(option, 'must be an id of Entra, as 00000000-0000-0000-0000-000000000000')
}

function wrong(option: string, problem: string): OptionError {
  return new OptionError(`teamsApprover.${option}`, problem)
}
