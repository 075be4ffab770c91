import { clickProvider } from './click-provider'
import { openListener } from './listener'

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
export async function startIdentityProvider(redirectUri: string): Promise<IdentityProvider> {
  const listener = await openListener()
  const issuer = `http://127.0.0.1:${listener.port}`
  const { asked, answer } = clickProvider({
    issuer,
    people: { ada: 'ada', eve: 'eve' },
    configuration: {
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
      findAccount: (_ctx, sub) => ({
        accountId: sub,
        claims: async () => ({ sub, name: `${sub} from the provider`, groups: [...(GROUPS[sub] ?? [])] }),
      }),
    },
    classes: ({ acr_values: values }) => (typeof values === 'string' ? values.split(' ') : []),
    login: (_, classes) => (classes.length === 0 ? {} : { acr: STRONG }),
  })
  listener.answer(answer)
  return { issuer, asked, close: listener.close }
}
