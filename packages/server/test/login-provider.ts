import { createServer } from 'node:http'
import Provider, { interactionPolicy } from 'oidc-provider'

/** A certified OpenID provider on this computer, at which everybody signs in by a click. */
export interface IdentityProvider {
  readonly issuer: string
  /** Parameters of the authorization requests so far. */
  readonly asked: readonly URLSearchParams[]
  close(): Promise<void>
}

export const STRONG = 'urn:example:phishing-resistant'

const GROUPS: Readonly<Record<string, readonly string[]>> = { ada: ['ops'], eve: ['sales'] }

/** Starts one for one client. Whoever is asked for a class proves it by signing in anew. */
export async function startIdentityProvider(port: number, redirectUri: string): Promise<IdentityProvider> {
  const issuer = `http://localhost:${port}`
  const policy = interactionPolicy.base()
  policy.get('login')?.checks.add(
    new interactionPolicy.Check('acr_values', 'a stronger sign-in is asked for', ({ oidc }) => {
      const wanted = typeof oidc.params?.acr_values === 'string' ? oidc.params.acr_values.split(' ') : []
      return wanted.length > 0 && !wanted.includes(oidc.session?.acr ?? '')
    }),
  )
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'gatewright',
        client_secret: 'of the client, and long enough',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    acrValues: [STRONG],
    claims: { openid: ['sub'], profile: ['name', 'groups'], acr: null, auth_time: null },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { policy, url: (_ctx, { uid }) => `/sign-in-here/${uid}` },
    cookies: { keys: ['a key for cookies'] },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, name: `${sub} from the provider`, groups: [...(GROUPS[sub] ?? [])] }),
    }),
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId,
        accountId: oidc.session?.accountId,
      })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
  })
  const asked: URLSearchParams[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', issuer)
    if (url.pathname === '/auth') asked.push(url.searchParams)
    if (!url.pathname.startsWith('/sign-in-here/')) return provider.callback()(request, response)
    const who = url.searchParams.get('who')
    if (who === null) {
      const links = Object.keys(GROUPS).map((name) => `<a href="?who=${name}">I am ${name}</a>`)
      response.setHeader('Content-Type', 'text/html')
      response.end(`<!doctype html><title>Identity provider</title>${links.join(' ')}`)
      return
    }
    const { params } = await provider.interactionDetails(request, response)
    const acr = typeof params.acr_values === 'string' ? { acr: STRONG } : {}
    await provider.interactionFinished(request, response, { login: { accountId: who, ...acr } })
  })
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
  return {
    issuer,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
