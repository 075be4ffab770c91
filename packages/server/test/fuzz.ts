/** What malformed requests are made of. */
export interface FuzzParts {
  readonly ids: readonly string[]
  readonly digests: readonly string[]
  readonly cookies: readonly string[]
  readonly tokens: readonly string[]
  /** Never used as they are. */
  readonly spoiltTokens: readonly string[]
}

/** Makes malformed requests, the same ones for the same seed. */
export interface Fuzz {
  request(): Request
  /** What may not even be HTTP. */
  bytes(): Buffer
  /** The last one, in short. */
  last(): string
}

const BASE = 'https://approvals.test/base'
const METHODS = [
  'GET',
  'POST',
  'POST',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PROPFIND',
  'get',
  'FOO-BAR',
]
const ODD = [
  '%00',
  '%ff',
  '%',
  '%zz',
  '..',
  '.',
  '//',
  '\\',
  '\u202e',
  'é',
  '%2e%2e',
  '{id}',
  ':id',
  '*',
  '#',
  ' ',
  "'",
  '"',
  '<b>',
  '%E2%80%AE',
  '🙂',
  '__proto__',
  'constructor',
]
const TYPES = [
  'application/json',
  'application/json',
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=x',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  '',
  'application/',
  ';',
  'application/cloudevents+json',
]

/** mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** @param seed - names the whole sequence */
export function createFuzz(seed: number, parts: FuzzParts): Fuzz {
  const next = random(seed)
  const below = (most: number): number => Math.floor(next() * most)
  const chance = (one: number): boolean => next() < one
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  let told = ''

  const noise = (most: number): string =>
    Array.from({ length: below(most) }, () =>
      chance(0.7) ? String.fromCharCode(32 + below(95)) : String.fromCharCode(below(0x3000)),
    ).join('')

  function spoil(text: string): string {
    const at = below(text.length + 1)
    switch (below(5)) {
      case 0:
        return text.slice(0, at)
      case 1:
        return text.slice(0, at) + pick(ODD) + text.slice(at)
      case 2:
        return `${text.slice(0, at)}${String.fromCharCode(33 + below(90))}${text.slice(at + 1)}`
      case 3:
        return text.slice(0, at) + text.slice(at + 1 + below(5))
      default:
        return text + noise(20)
    }
  }

  function path(): string {
    const id = chance(0.8) ? pick(parts.ids) : spoil(pick(parts.ids))
    const known = [
      '/api/v1/requests',
      `/api/v1/requests/${id}`,
      `/api/v1/requests/${id}/votes`,
      `/api/v1/requests/${id}/votes`,
      `/api/v1/requests/${id}/cancel`,
      `/api/v1/requests/${id}/claim`,
      `/api/v1/requests/${id}/heartbeat`,
      `/api/v1/requests/${id}/outcome`,
      `/api/v1/requests/${id}/events`,
      '/api/v1/events',
      '/api/v1/statistics',
      '/api/openapi.json',
      '/api',
      '/api/v1',
      '/',
      '/requests',
      `/requests/${id}`,
      `/requests/${id}/votes`,
      '/history',
      '/sign-in',
      '/sign-in/test',
      '/sign-in/test/callback',
      '/sign-out',
      '/link/x',
      '/approvers/desk/x',
      '/approvers/x/y',
      '/assets/inbox.css',
      '/healthz',
    ]
    const chosen = chance(0.85) ? pick(known) : spoil(pick(known))
    return chance(0.3) ? `${chosen}?${query()}` : chosen
  }

  function query(): string {
    const names = [
      'status',
      'action',
      'requester',
      'limit',
      'cursor',
      'createdAfter',
      'most',
      'return',
      'max_age',
      'code',
      'state',
      'x',
      'wait',
      '__proto__',
      '',
    ]
    const values = [
      'pending',
      'x',
      '-1',
      '1e9',
      '9'.repeat(40),
      '',
      '%00',
      '%ff',
      'NaN',
      '[]',
      '0',
      'pending,approved',
    ]
    return Array.from({ length: 1 + below(4) }, () => {
      const name = pick(names)
      // A wait that is granted would be waited for.
      const value =
        name === 'wait'
          ? pick(['0', '-1', 'x', '61', ''])
          : chance(0.8)
            ? pick(values)
            : encodeURIComponent(safe(noise(30)))
      return `${name}=${value}`
    }).join('&')
  }

  const safe = (text: string): string => text.replace(/[\ud800-\udfff]/g, '')

  function headers(): [string, string][] {
    const list: [string, string][] = []
    if (chance(0.6)) list.push(['authorization', authorization()])
    if (chance(0.3)) list.push(['cookie', chance(0.5) ? pick(parts.cookies) : spoil(pick(parts.cookies))])
    if (chance(0.1)) list.push(['x-csrf-token', spoil('token')])
    if (chance(0.2)) list.push(['idempotency-key', chance(0.5) ? `k${below(50)}` : noise(300)])
    if (chance(0.1)) list.push(['origin', pick(['https://evil.test', 'null', 'https://approvals.test'])])
    if (chance(0.1))
      list.push([
        pick([
          'x-forwarded-for',
          'host',
          'accept',
          'range',
          'if-none-match',
          'content-encoding',
          'x-http-method-override',
        ]),
        noise(40),
      ])
    return list
  }

  function authorization(): string {
    if (chance(0.6)) return `Bearer ${pick(parts.tokens)}`
    const token = pick([...parts.tokens, ...parts.spoiltTokens])
    const spoilt = spoil(token)
    return `${pick(['Bearer', 'bearer', 'Basic', '', 'Bearer Bearer'])} ${spoilt === token ? 'x' : spoilt}`
  }

  function value(depth = 0): unknown {
    switch (below(depth > 3 ? 6 : 9)) {
      case 0:
        return noise(40)
      case 1:
        return pick([0, -1, 1e308, 2 ** 53, -0, 0.1])
      case 2:
        return pick([true, false, null])
      case 3:
        return pick(parts.digests)
      case 4:
        return pick(['approve', 'reject', 'succeeded', 'failed', 'data.export', 'x'.repeat(5_000)])
      case 5:
        return pick(parts.ids)
      case 6:
        return Array.from({ length: below(5) }, () => value(depth + 1))
      default:
        return Object.fromEntries(
          Array.from({ length: below(6) }, () => [
            pick(['a', 'path', 'value', 'remove', '$type', 'constructor', 'actor', noise(8)]),
            value(depth + 1),
          ]),
        )
    }
  }

  function body(): string {
    const shapes = [
      { decision: 'approve', digest: pick(parts.digests), note: value(), edits: value() },
      { decision: 'approve', digest: pick(parts.digests) },
      { decision: 'approve', digest: pick(parts.digests), edits: [{ path: '/table', value: value() }] },
      { action: 'data.export', arguments: value(), callId: `c${below(100)}` },
      { action: noise(20), arguments: { a: value() }, callId: noise(20), runId: value() },
      { argumentsDigest: pick(parts.digests), claimId: noise(20), lease: value() },
      { fencingToken: noise(30), status: 'succeeded', summary: value() },
      { reason: value() },
    ]
    const shape: Record<string, unknown> = { ...pick(shapes) }
    if (chance(0.4))
      shape[pick(['actor', 'status', 'votes', 'id', 'requester', 'onBehalfOf', '__proto__', noise(6)])] =
        value()
    if (chance(0.3)) shape[pick(Object.keys(shape))] = value()
    const text = chance(0.05)
      ? JSON.stringify(value())
      : chance(0.02)
        ? '['.repeat(below(20_000))
        : JSON.stringify(shape)
    return chance(0.15) ? spoil(text) : text
  }

  /** Well-formed up to its fields: what reaches the routes. */
  function deepRequest(): Request {
    const operation = pick(['', 'votes', 'cancel', 'claim', 'heartbeat', 'outcome'])
    const path = operation === '' ? '/api/v1/requests' : `/api/v1/requests/${pick(parts.ids)}/${operation}`
    const content = body()
    told = `POST ${path} ${content.slice(0, 500)}`
    const authorization = `Bearer ${pick(parts.tokens)}`
    const headers = { authorization, 'content-type': 'application/json' }
    return new Request(BASE + path, { method: 'POST', headers, body: content })
  }

  function request(): Request {
    if (chance(0.5)) return deepRequest()
    for (;;) {
      const method = pick(METHODS)
      const url = BASE + path()
      const sends = method !== 'GET' && method !== 'HEAD' && method !== 'get' && chance(0.9)
      const sent = headers()
      if (sends && chance(0.95)) sent.push(['content-type', pick(TYPES)])
      const content = sends ? (chance(0.05) ? Buffer.from(noise(200), 'latin1') : body()) : undefined
      told = `${method} ${url} ${JSON.stringify(sent)} ${String(content).slice(0, 500)}`
      try {
        return new Request(url, {
          method,
          headers: sent,
          ...(content === undefined ? {} : { body: content as never }),
        })
      } catch {
        // No program can send that through fetch; another one.
      }
    }
  }

  function bytes(): Buffer {
    const content = Buffer.from(chance(0.5) ? body() : noise(300), chance(0.5) ? 'utf8' : 'latin1')
    const length = chance(0.6) ? content.length : pick([-1, 0, content.length + 5, 99_999_999, 'x'])
    const lines = [
      `${chance(0.8) ? pick(METHODS) : noise(10)} ${chance(0.8) ? `/base${path()}` : noise(40)} ${pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', ''])}`,
      ...(chance(0.95) ? ['Host: approvals.test'] : []),
      'Connection: close',
      ...headers().map(([name, held]) => `${name}: ${held}`),
      ...(chance(0.9) ? [`Content-Type: ${pick(TYPES)}`] : []),
      ...(chance(0.8) ? [`Content-Length: ${length}`] : []),
      ...(chance(0.1) ? [`Transfer-Encoding: ${pick(['chunked', 'gzip', 'chunked, chunked', 'x'])}`] : []),
      ...(chance(0.05) ? [noise(50)] : []),
      ...(chance(0.02) ? [`X-Long: ${'x'.repeat(20_000)}`] : []),
    ]
    const end = chance(0.95) ? '\r\n' : '\n'
    told = lines.join(' | ').slice(0, 1_000)
    return Buffer.concat([Buffer.from(lines.join(end) + end + end, chance(0.9) ? 'utf8' : 'latin1'), content])
  }

  return { request, bytes, last: () => told }
}
