import type { RequestListener } from 'node:http'
import Provider, { type Configuration, type InteractionResults, interactionPolicy } from 'oidc-provider'

/** What somebody's click at a provider makes of their sign-in there. */
export type Login = Omit<NonNullable<InteractionResults['login']>, 'accountId'>

/** What differs from provider to provider. */
export interface ClickProviderOptions {
  readonly issuer: string
  /** Who can be clicked: the text of their link, and their account. */
  readonly people: Readonly<Record<string, string>>
  readonly configuration: Configuration
  /** The classes that an authorization request asks for: whoever reached none of them signs in anew. */
  readonly classes: (parameters: Readonly<Record<string, unknown>>) => readonly string[]
  /** @param classes - those that are asked for */
  readonly login: (account: string, classes: readonly string[]) => Login
}

/** A certified OpenID provider at which everybody signs in by a click. */
export interface ClickProvider {
  readonly provider: Provider
  /** Parameters of the authorization requests so far. */
  readonly asked: readonly URLSearchParams[]
  readonly answer: RequestListener
}

const PAGE = '/sign-in-here/'

/** Makes one; it answers wherever it is put. */
export function clickProvider(options: ClickProviderOptions): ClickProvider {
  const { issuer, people, configuration, classes, login } = options
  const policy = interactionPolicy.base()
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0)
  policy.get('login')?.checks.add(
    new interactionPolicy.Check('classes', 'a stronger sign-in is asked for', ({ oidc }) => {
      const wanted = classes(oidc.params ?? {})
      return wanted.length > 0 && !wanted.includes(oidc.session?.acr ?? '')
    }),
  )
  const provider = new Provider(issuer, {
    ...configuration,
    features: { devInteractions: { enabled: false }, ...configuration.features },
    interactions: { policy, url: (_ctx, { uid }) => `${PAGE}${uid}` },
    cookies: { keys: ['a key for cookies'] },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId,
        accountId: oidc.session?.accountId,
      })
      grant.addOIDCScope([...(oidc.requestParamScopes ?? [])].join(' '))
      grant.addOIDCClaims([...(oidc.requestParamClaims ?? [])])
      await grant.save()
      return grant
    },
  })
  const asked: URLSearchParams[] = []
  let answers: RequestListener | null = null
  return {
    provider,
    asked,
    async answer(request, response) {
      const url = new URL(request.url ?? '/', issuer)
      if (url.searchParams.has('code_challenge')) asked.push(url.searchParams)
      if (!url.pathname.startsWith(PAGE)) {
        // Made when it is first asked: middleware may be added until then.
        answers ??= provider.callback()
        return void answers(request, response)
      }
      const account = people[url.searchParams.get('who') ?? '']
      if (account === undefined) {
        const links = Object.keys(people).map((name) => `<a href="?who=${name}">I am ${name}</a>`)
        response.setHeader('Content-Type', 'text/html')
        response.end(`<!doctype html><title>Identity provider</title>${links.join(' ')}`)
        return
      }
      const { params } = await provider.interactionDetails(request, response)
      const proved = { accountId: account, ...login(account, classes(params)) }
      await provider.interactionFinished(request, response, { login: proved, select_account: {} })
    },
  }
}
