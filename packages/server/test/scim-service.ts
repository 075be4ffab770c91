import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeUser {
  readonly id: string
  readonly externalId?: string
  readonly userName?: string
  readonly displayName?: string
  readonly active?: unknown
  readonly [attribute: string]: unknown
}

export interface FakeGroup {
  readonly id: string
  readonly displayName: string
  readonly members?: readonly { readonly value: string; readonly type?: string }[]
}

/** A small SCIM 2.0 service that understands what RFC 7644 says and refuses anything else. */
export interface ScimService {
  readonly url: string
  users: FakeUser[]
  groups: FakeGroup[]
  /** Answers in place of the service, when set. */
  instead: ((path: string, response: ServerResponse) => void) | null
  /** The most that one page holds, whatever is asked for. */
  pageSize: number
  ignoresFilters: boolean
  readonly asked: string[]
  close(): Promise<void>
}

const TOKEN = 'the token of the service'
const FILTER = /^([\w:.-]+) eq ("(?:[^"\\]|\\.)*")$/

export async function scimService(): Promise<ScimService> {
  const listener = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://service')
    service.asked.push(`${url.pathname}?${url.searchParams}`)
    if (service.instead !== null) return service.instead(url.pathname, response)
    if (request.method !== 'GET') return refuse(response, 405)
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return refuse(response, 401)
    if (request.headers.accept !== 'application/scim+json') return refuse(response, 406)
    const [, kind, id] = /^\/scim\/v2\/(Users|Groups)(?:\/([^/]+))?$/.exec(url.pathname) ?? []
    const all: readonly Readonly<Record<string, unknown>>[] =
      kind === 'Users' ? service.users : kind === 'Groups' ? (service.groups as never) : []
    if (kind === undefined) return refuse(response, 404)
    if (id !== undefined) {
      const one = all.find((resource) => resource.id === decodeURIComponent(id))
      return one === undefined ? refuse(response, 404) : answer(response, one)
    }
    const [, attribute = '', text = '""'] = FILTER.exec(url.searchParams.get('filter') ?? '') ?? []
    const start = Number(url.searchParams.get('startIndex'))
    const count = Number(url.searchParams.get('count'))
    if (attribute === '' || !(start >= 1) || !(count >= 1)) return refuse(response, 400)
    const value: unknown = JSON.parse(text)
    const found = service.ignoresFilters ? all : all.filter((resource) => matches(resource, attribute, value))
    const page = found.slice(start - 1, start - 1 + Math.min(count, service.pageSize))
    answer(response, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: found.length,
      startIndex: start,
      itemsPerPage: page.length,
      Resources: page,
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const service: ScimService = {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/scim/v2`,
    users: [],
    groups: [],
    instead: null,
    pageSize: 100,
    ignoresFilters: false,
    asked: [],
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        listener.closeAllConnections()
      }),
  }
  return service
}

/** As RFC 7644 has it: without case, for attributes that do not say otherwise. */
function matches(resource: Readonly<Record<string, unknown>>, attribute: string, value: unknown): boolean {
  if (attribute === 'members.value')
    return ((resource.members ?? []) as readonly { value: string }[]).some((member) => member.value === value)
  return String(resource[attribute] ?? '').toLowerCase() === String(value).toLowerCase()
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/scim+json' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number): void {
  response
    .writeHead(status, { 'content-type': 'application/scim+json' })
    .end(JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status) }))
}
