import type { Principal } from '@gatewright/core'
import type { ReviewServer } from '@gatewright/server'
import { ORIGIN } from './house'

/** An answer, read. */
export interface Page {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Where it leads, within the server. */
  readonly to: string
}

/** A browser without scripts, as far as the server sees: it keeps cookies and sends forms. */
export interface Visitor {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Page>
  /** Sends a form, as browsers do from a page of the server. */
  post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Page>
  /** This session's token. */
  csrf(): Promise<string>
  /** What the page of a request carries in its form: token and digest. */
  ticket(requestId: string): Promise<{ readonly csrf: string; readonly digest: string }>
  readonly cookies: Map<string, string>
}

/** Somebody's browser, signed in; or nobody's. */
export async function visit(server: ReviewServer, somebody: Principal | null): Promise<Visitor> {
  const cookies = new Map<string, string>()

  async function send(path: string, init: RequestInit): Promise<Page> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = new Headers(init.headers)
    if (cookie !== '') headers.set('Cookie', cookie)
    const response = await server.fetch(
      new Request(`${ORIGIN}${path}`, { ...init, headers, redirect: 'manual' }),
    )
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const to = response.headers.get('location') ?? ''
    return { status: response.status, headers: response.headers, text: await response.text(), to }
  }

  const visitor: Visitor = {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, fields, headers = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: ORIGIN, ...headers },
      }),
    csrf: async () => field((await visitor.get('/nothing-here')).text, 'csrf'),
    async ticket(requestId) {
      const { text } = await visitor.get(`/requests/${requestId}`)
      return { csrf: field(text, 'csrf'), digest: field(text, 'digest') }
    },
  }
  if (somebody !== null) await visitor.post('/sign-in/dev', { person: somebody.subject, return: '/requests' })
  return visitor
}

/** The value of a hidden field. */
export function field(text: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? ''
}
