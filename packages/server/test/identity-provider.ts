import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** A real OpenID provider on this computer. */
export interface IdentityProvider {
  readonly issuer: string
  /** Signs somebody in at a client, as a browser does, and gives their ID token. */
  idToken(client: string, person: string): Promise<string>
  close(): Promise<void>
}

const CALLBACK = 'https://approvals.test/callback'

/** Starts one. Whoever signs in as `name` is in the groups of that name. */
export async function identityProvider(
  clients: readonly string[],
  groups: Readonly<Record<string, readonly string[]>>,
): Promise<IdentityProvider> {
  const listener = createServer()
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: clients.map((client_id) => ({
      client_id,
      client_secret: `the secret of ${client_id}`,
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    })),
    claims: { openid: ['sub', 'name', 'groups'] },
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    cookies: { keys: ['a key of the provider'] },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, name: accountId, groups: groups[accountId] ?? [] }),
    }),
  })
  listener.on('request', provider.callback())

  return {
    issuer,
    async idToken(client, person) {
      const browse = browser(issuer)
      const query = new URLSearchParams({
        client_id: client,
        redirect_uri: CALLBACK,
        response_type: 'code',
        scope: 'openid',
      })
      let at = await browse(`/auth?${query}`)
      while (!at.startsWith(CALLBACK)) {
        const page = new URL(at, issuer).pathname
        at = page.startsWith('/interaction/')
          ? await browse(page, await browse.form(page, person))
          : await browse(page)
      }
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code: new URL(at).searchParams.get('code') ?? '',
          redirect_uri: CALLBACK,
          client_id: client,
          client_secret: `the secret of ${client}`,
        }),
      })
      const { id_token: token } = (await response.json()) as { id_token?: string }
      if (token === undefined) throw new Error(`the provider gave no token: ${response.status}`)
      return token
    },
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        listener.closeAllConnections()
      }),
  }
}

/** Follows nothing by itself: answers with where it is sent next. */
function browser(issuer: string) {
  const cookies = new Map<string, string>()
  const send = async (path: string, form?: URLSearchParams): Promise<Response> => {
    const response = await fetch(`${issuer}${path}`, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=')
      cookies.set(name, value)
    }
    return response
  }
  const browse = async (path: string, form?: URLSearchParams): Promise<string> => {
    const response = await send(path, form)
    const location = response.headers.get('location')
    if (location === null)
      throw new Error(`${path} leads nowhere: ${response.status} ${await response.text()}`)
    return location
  }
  return Object.assign(browse, {
    /** What the page at this path asks for: a name, or consent. */
    async form(path: string, person: string): Promise<URLSearchParams> {
      const page = await (await send(path)).text()
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? ''
      return new URLSearchParams(prompt === 'login' ? { prompt, login: person, password: 'x' } : { prompt })
    },
  })
}
