import type { RequestListener } from 'node:http'
import type { Configuration } from 'oidc-provider'
import { clickProvider, type Login } from '../click-provider'

/** Somebody at a provider: the claims that it knows of them, `sub` among them, and how they sign in. */
export interface Account {
  readonly claims: Readonly<Record<string, unknown>> & { readonly sub: string }
  readonly amr: readonly string[]
}

/** How a provider of the world looks from outside. */
export interface Shape {
  readonly issuer: string
  /** The path before the configured routes. */
  readonly mount: string
  readonly people: Readonly<Record<string, Account>>
  /** Routes, claims by scope, and whatever else is told apart from other providers. */
  readonly configuration: Configuration
  /** What its discovery document says otherwise; `undefined`: does not say. */
  readonly discovery?: Readonly<Record<string, unknown>>
  readonly classes: (parameters: Readonly<Record<string, unknown>>) => readonly string[]
  /**
   * Its ID token.
   *
   * @param granted - the claims that the scopes and the claims parameter let through
   * @param known - all that is known of the person and the sign-in: `acr`, `amr`, `auth_time`
   */
  readonly idToken: (
    granted: Readonly<Record<string, unknown>>,
    known: Readonly<Record<string, unknown>>,
  ) => Record<string, unknown>
  /** Parameters of authorization requests that it takes no notice of. */
  readonly ignores?: readonly string[]
}

/** The program that signs people in there. */
export const CLIENT = { clientId: 'gatewright', clientSecret: 'of the client, and long enough' }

/** A provider of the world, on this computer. */
export interface ShapedProvider {
  readonly asked: readonly URLSearchParams[]
  readonly answer: RequestListener
  /** How long ago whoever clicks next signed in, in seconds: for a session that they had there already. */
  signedInAgo: number
}

/** @param url - of the review server whose sign-in with this id it knows */
export function shapedProvider(shape: Shape, url: string, id: string): ShapedProvider {
  const { issuer, mount, people, configuration, discovery = {}, ignores = [] } = shape
  const accounts = new Map(Object.values(people).map((account) => [account.claims.sub, account]))
  const { provider, asked, answer } = clickProvider({
    issuer,
    people: Object.fromEntries(Object.entries(people).map(([name, { claims }]) => [name, claims.sub])),
    configuration: {
      clients: [
        {
          client_id: CLIENT.clientId,
          client_secret: CLIENT.clientSecret,
          redirect_uris: [`${url}/sign-in/${id}/callback`],
          post_logout_redirect_uris: [`${url}/sign-in`],
          token_endpoint_auth_method: 'client_secret_post',
          ...(configuration.subjectTypes === undefined ? {} : { subject_type: 'pairwise' }),
        },
      ],
      findAccount: (_ctx, sub) => ({
        accountId: sub,
        claims: async () => ({ ...accounts.get(sub)?.claims, sub }),
      }),
      ...configuration,
    },
    classes: shape.classes,
    login: (account, [acr]): Login => ({
      amr: [...(accounts.get(account)?.amr ?? [])],
      ts: Math.floor(Date.now() / 1_000) - shaped.signedInAgo,
      ...(acr === undefined ? {} : { acr }),
    }),
  })
  provider.use(async (ctx, next) => {
    if (ignores.some((name) => name in ctx.query))
      ctx.query = Object.fromEntries(Object.entries(ctx.query).filter(([name]) => !ignores.includes(name)))
    await next()
    if (ctx.oidc?.route === 'discovery') Object.assign(ctx.body as object, discovery)
  })
  // Signed, bound to the client and dated by the provider as ever; only what it states is of the provider's kind.
  const { payload } = provider.IdToken.prototype
  provider.IdToken.prototype.payload = async function () {
    return shape.idToken(await payload.call(this), this.available)
  }
  const root = new URL(issuer).pathname
  const shaped: ShapedProvider = {
    signedInAgo: 0,
    asked,
    answer(request, response) {
      const { url: path = '/' } = request
      // Discovery stands under the issuer, everything else under the mount.
      const within = path.startsWith(`${root}/.well-known/`) ? mount + path.slice(root.length) : path
      if (mount !== '' && within.startsWith(mount))
        Object.assign(request, { originalUrl: within, url: within.slice(mount.length) })
      return answer(request, response)
    },
  }
  return shaped
}
