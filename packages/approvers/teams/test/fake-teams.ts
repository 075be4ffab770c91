import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import { problemsOf } from './card-schema'

export const TENANT = '11111111-1111-4111-8111-111111111111'
export const APP = '22222222-2222-4222-8222-222222222222'
export const PASSWORD = 'a~password~of~forty~characters~~~~~~~~~~'
export const CHANNEL = '19:ops0000000000@thread.tacv2'

/** Somebody whom Teams knows. */
export interface FakePerson {
  readonly id: string
  readonly aadObjectId: string
  readonly name: string
  readonly tenantId: string
  readonly userRole: string
}

/** A person of the tenant; the number makes them somebody else. */
export function somebody(number: number, more: Partial<FakePerson> = {}): FakePerson {
  const tail = String(number).padStart(12, '0')
  return {
    id: `29:1${'q'.repeat(70)}${tail}`,
    aadObjectId: `33333333-3333-4333-8333-${tail}`,
    name: number === 1 ? 'Ada' : `Person ${number}`,
    tenantId: TENANT,
    userRole: 'user',
    ...more,
  }
}

export const ADA = somebody(1)

/** A message as it stands. */
export interface FakeMessage {
  readonly conversation: string
  readonly id: string
  card: unknown
  updates: number
}

/** What a call is answered with in place of what it would be. */
export type Fault = (request: { readonly method: string; readonly path: string }) =>
  | {
      readonly status: number
      readonly headers?: Record<string, string>
      readonly code?: string
      readonly lost?: true
    }
  | undefined

const MOST_BYTES = 28 * 1_024
let pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined
/** One key for all tests: making it takes its time. */
export function keyPair() {
  pair ??= generateKeyPairSync('rsa', { modulusLength: 2_048 })
  return pair
}

/**
 * Teams, as a bot sees it: the sign-in, the Bot Connector, the published keys. Holds every call to what the service
 * documents; what breaks it stands in `breaches`.
 */
export async function fakeTeams(now: () => number = Date.now) {
  const messages: FakeMessage[] = []
  const breaches: string[] = []
  const calls: string[] = []
  const signIns: URLSearchParams[] = []
  const stalled: ServerResponse[] = []
  const tokens = new Map<string, number>()
  const state = {
    people: [ADA] as readonly FakePerson[],
    fault: (() => undefined) as Fault,
    stall: false,
    keys: [publicJwk('k1', ['msteams'])] as readonly object[],
    tokenSeconds: 3_600,
  }
  let last = 1_700_000_000_000

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      breaches.push(`the fake failed: ${error}`)
      response.writeHead(500).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request
    const body = await bodyOf(request)
    calls.push(`${method} ${decodeURIComponent(url)}`)
    if (state.stall) return void stalled.push(response)
    const fault = state.fault({ method, path: decodeURIComponent(url) })
    if (fault !== undefined && !fault.lost) {
      const text =
        fault.code === undefined ? '' : JSON.stringify({ error: { code: fault.code, message: 'no' } })
      return void response.writeHead(fault.status, fault.headers).end(text)
    }
    const told = url.startsWith('/teams/')
      ? connector(method, url, body, request)
      : wellKnown(method, url, body, request)
    if (fault?.lost) return void response.destroy()
    if (told === null)
      return void response.writeHead(404).end(JSON.stringify({ error: { code: 'NotFound' } }))
    response
      .writeHead(told.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(told.body ?? {}))
  }

  type Told = { readonly status: number; readonly body?: object } | null

  function wellKnown(method: string, url: string, body: string, request: IncomingMessage): Told {
    if (url === '/metadata')
      return { status: 200, body: { issuer: 'https://api.botframework.com', jwks_uri: `${base}keys` } }
    if (url === '/keys') return { status: 200, body: { keys: state.keys } }
    if (url !== `/${TENANT}/oauth2/v2.0/token` || method !== 'POST') return null
    const form = new URLSearchParams(body)
    signIns.push(form)
    if (request.headers['content-type'] !== 'application/x-www-form-urlencoded')
      breaches.push('the sign-in is no form')
    const secret = form.get('client_secret')
    const fits =
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_id') === APP &&
      form.get('scope') === 'https://api.botframework.com/.default' &&
      (secret === PASSWORD ||
        form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    if (!fits)
      return {
        status: 401,
        body: { error: 'invalid_client', error_codes: [7000215], error_description: `secret ${secret}` },
      }
    const token = randomUUID()
    tokens.set(token, now() + state.tokenSeconds * 1_000)
    return {
      status: 200,
      body: { token_type: 'Bearer', expires_in: state.tokenSeconds, access_token: token },
    }
  }

  function connector(method: string, url: string, body: string, request: IncomingMessage): Told {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if ((tokens.get(token) ?? 0) <= now()) {
      if (!tokens.has(token)) breaches.push('a call has no token of ours')
      return { status: 401 }
    }
    const [path = '', query = ''] = url.slice('/teams/v3/conversations'.length).split('?')
    const [, conversation, kind, id, ...more] = path.split('/').map(decodeURIComponent)
    if (more.length > 0) return null
    if (body !== '' && Buffer.byteLength(body) > MOST_BYTES) return tooBig(Buffer.byteLength(body))
    const told = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>)
    if (conversation === undefined && method === 'POST') return create(told)
    if (conversation === undefined) return null
    if (kind === 'activities' && id === undefined && method === 'POST') return post(conversation, told)
    if (kind === 'activities' && method === 'PUT') return replace(conversation, id, told)
    if (kind === 'activities' && method === 'DELETE') return remove(conversation, id)
    if (kind === 'pagedmembers' && /^pageSize=\d+$/.test(query)) {
      if (!(Number(query.slice(9)) >= 50 && Number(query.slice(9)) <= 500))
        breaches.push(`pageSize is ${query}`)
      return { status: 200, body: { members: state.people.slice(0, Number(query.slice(9))) } }
    }
    const person = state.people.find((one) => one.id === id)
    if (kind === 'members' && method === 'GET')
      return person === undefined
        ? { status: 404, body: { error: { code: 'MemberNotFoundInConversation' } } }
        : { status: 200, body: person }
    return null
  }

  function tooBig(bytes: number): Told {
    breaches.push(`a message of ${bytes} bytes`)
    return { status: 413, body: { error: { code: 'MessageSizeTooBig' } } }
  }

  function create(told: Record<string, unknown>): Told {
    const { bot, tenantId, isGroup, members, channelData, activity } = told as {
      bot?: { id?: string }
      tenantId?: string
      isGroup?: boolean
      members?: readonly { id: string }[]
      channelData?: { tenant?: { id: string }; channel?: { id: string } }
      activity?: Record<string, unknown>
    }
    if (bot?.id !== `28:${APP}` || tenantId !== TENANT || channelData?.tenant?.id !== TENANT)
      breaches.push('a conversation without bot or tenant')
    if (isGroup !== true) {
      const [one] = members ?? []
      if (members?.length !== 1 || one === undefined || activity !== undefined)
        breaches.push('a chat that is not with one person')
      const known = state.people.some(({ aadObjectId }) => aadObjectId === one?.id)
      return known
        ? { status: 201, body: { id: `a:chat-with-${one?.id}` } }
        : { status: 403, body: { error: { code: 'BotNotInConversationRoster' } } }
    }
    const id = channelData?.channel?.id
    if (id === undefined || activity === undefined) {
      breaches.push('a thread without channel or message')
      return { status: 400 }
    }
    last += 1
    const conversation = `${id};messageid=${last}`
    keep(conversation, String(last), activity)
    return { status: 201, body: { id: conversation, activityId: String(last) } }
  }

  function post(conversation: string, activity: Record<string, unknown>): Told {
    if (/@thread\.(tacv2|skype)/.test(conversation))
      breaches.push('a message into a channel without a thread')
    last += 1
    keep(conversation, `1:${last}`, activity)
    return { status: 201, body: { id: `1:${last}` } }
  }

  function replace(conversation: string, id: string | undefined, activity: Record<string, unknown>): Told {
    const message = messages.find((one) => one.conversation === conversation && one.id === id)
    if (message === undefined)
      return { status: 404, body: { error: { code: 'ActivityNotFoundInConversation' } } }
    message.card = cardOf(activity)
    message.updates += 1
    return { status: 200, body: { id } }
  }

  function remove(conversation: string, id: string | undefined): Told {
    const at = messages.findIndex((one) => one.conversation === conversation && one.id === id)
    if (at >= 0) messages.splice(at, 1)
    return { status: at >= 0 ? 200 : 404 }
  }

  function keep(conversation: string, id: string, activity: Record<string, unknown>): void {
    messages.push({ conversation, id, card: cardOf(activity), updates: 0 })
  }

  function cardOf({ type, attachments, summary }: Record<string, unknown>): unknown {
    const [first] = (attachments ?? []) as readonly {
      readonly contentType?: string
      readonly content?: unknown
    }[]
    if (type !== 'message' || first?.contentType !== 'application/vnd.microsoft.card.adaptive')
      breaches.push('no message with a card')
    if (typeof summary !== 'string' || summary === '')
      breaches.push('a message that notifications cannot name')
    checkCard(first?.content)
    return first?.content
  }

  function checkCard(card: unknown): void {
    breaches.push(...problemsOf(card).map((problem) => `a card: ${problem}`))
    const bytes = Buffer.byteLength(JSON.stringify(card))
    if (bytes > MOST_BYTES) breaches.push(`a card of ${bytes} bytes`)
  }

  return {
    base,
    serviceUrl: `${base}teams/`,
    state,
    messages,
    breaches,
    calls,
    signIns,
    checkCard,
    /** Ends every token: the next call is refused. */
    revokeTokens: () => void [...tokens.keys()].forEach((token) => void tokens.set(token, 0)),
    async close(): Promise<void> {
      for (const response of stalled) response.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The fake, in the hands of a test. */
export type FakeTeams = Awaited<ReturnType<typeof fakeTeams>>

/** A key as it is published. */
export function publicJwk(kid: string, endorsements: readonly string[]): object {
  const { kty, n, e } = keyPair().publicKey.export({ format: 'jwk' })
  return { kty, use: 'sig', kid, x5t: kid, n, e, endorsements }
}

/** What a token of the Bot Connector says, unless a test says otherwise. */
export interface TokenParts {
  readonly issuer?: string
  readonly audience?: string
  readonly serviceurl?: unknown
  readonly expiresIn?: number
  readonly notBeforeIn?: number
  readonly kid?: string
  readonly key?: KeyObject
}

/** A token as the Bot Connector signs it. */
export function tokenOf(teams: FakeTeams, nowMs: number, parts: TokenParts = {}): Promise<string> {
  const now = Math.floor(nowMs / 1_000)
  const { issuer = 'https://api.botframework.com', audience = APP, kid = 'k1' } = parts
  const serviceurl = 'serviceurl' in parts ? parts.serviceurl : teams.serviceUrl
  return new SignJWT({ serviceurl })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setNotBefore(now + (parts.notBeforeIn ?? 0))
    .setExpirationTime(now + (parts.expiresIn ?? 3_600))
    .sign(parts.key ?? keyPair().privateKey)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
