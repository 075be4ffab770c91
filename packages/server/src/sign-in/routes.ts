import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Ctx, Environment, Site } from '../http/environment'
import { fieldsOf } from '../http/form'
import { HttpProblem } from '../http/problems'
import { page } from '../inbox/page'
import { assertCsrf } from './csrf'
import { returnPath } from './return-path'
import type { SignIn, StepUp } from './sign-in'
import { SignInError } from './sign-in'

/** Signing in and out. Starting a sign-in decides nothing; choosing who one is, and signing out, are posted. */
export function signInRoutes(site: Site): Hono<Environment> {
  const { settings, sessions, at } = site
  const app = new Hono<Environment>()
  const providerOf = (c: Ctx): SignIn => {
    const provider = settings.signIns.find(({ id }) => id === c.req.param('provider'))
    if (provider === undefined) throw new HttpProblem(404, 'not-found', 'There is no such way to sign in.')
    return provider
  }
  const callbackOf = (provider: SignIn): string =>
    `${settings.url.origin}${at(`/sign-in/${provider.id}/callback`)}`

  app.get('/sign-in', (c) => {
    const returnTo = returnPath(c.req.query('return'), settings.base)
    const [only, ...others] = settings.signIns
    if (only !== undefined && others.length === 0 && !only.demo)
      return c.redirect(`${at(`/sign-in/${only.id}`)}?return=${encodeURIComponent(returnTo)}`)
    return page(c, site, { title: 'Sign in' }, choices(site, returnTo))
  })

  app.get('/sign-in/:provider', async (c) => {
    const provider = providerOf(c)
    const returnTo = returnPath(c.req.query('return'), settings.base)
    if (provider.demo) return page(c, site, { title: 'Sign in' }, choices(site, returnTo))
    const { url, ...pending } = await provider.begin(callbackOf(provider), stepUpOf(c))
    await sessions.remember(c, { ...pending, provider: provider.id, returnTo })
    return c.redirect(url.href)
  })

  app.get('/sign-in/:provider/callback', async (c) => {
    const provider = providerOf(c)
    const pending = await sessions.recall(c)
    if (pending === null || pending.provider !== provider.id)
      throw new SignInError(
        'failed',
        'This sign-in was not begun in this browser, or too long ago. Sign in again.',
      )
    // The address that the provider answered to, whatever host a proxy names.
    const answered = new URL(callbackOf(provider))
    answered.search = new URL(c.req.url).search
    try {
      await sessions.begin(c, provider.id, await provider.finish(answered, pending))
    } catch (error) {
      if (!(error instanceof SignInError) || error.reason !== 'refused') throw error
      return refused(c, site, provider, pending.returnTo, error)
    }
    return c.redirect(pending.returnTo, 303)
  })

  app.post('/sign-in/:provider', async (c) => {
    const provider = providerOf(c)
    const form = await fieldsOf(c)
    const person = provider.people.find(({ subject }) => subject === form.person)
    if (!provider.demo || person === undefined)
      throw new SignInError('refused', 'There is no such person to sign in as.')
    await sessions.begin(c, provider.id, {
      ...person,
      assurance: { ...person.assurance, authTime: settings.now() },
    })
    return c.redirect(returnPath(String(form.return ?? ''), settings.base), 303)
  })

  app.post('/sign-out', async (c) => {
    const session = c.get('session')
    if (session !== null) await assertCsrf(c, site, session)
    sessions.end(c)
    const provider = settings.signIns.find(({ id }) => id === session?.provider)
    const elsewhere = (await provider?.endSessionUrl(`${settings.url.origin}${at('/sign-in')}`)) ?? null
    c.set('session', null)
    return page(
      c,
      site,
      { title: 'Signed out' },
      html`<h1>You are signed out</h1>
        ${elsewhere === null ? '' : html`<p><a href="${elsewhere}">Sign out at the identity provider too</a></p>`}
        <p><a href="${at('/sign-in')}">Sign in again</a></p>`,
    )
  })

  return app
}

/** A page asks for a fresher or stronger sign-in by the address it links to: asking for more than needed harms nobody. */
function stepUpOf(c: Ctx): StepUp {
  const maxAge = Number(c.req.query('max_age'))
  const acr = c.req.query('acr')?.split(' ').filter(Boolean)
  return {
    ...(c.req.query('max_age') !== undefined && Number.isSafeInteger(maxAge) && maxAge >= 0
      ? { maxAge }
      : {}),
    ...(acr === undefined || acr.length === 0 || acr.length > 10 ? {} : { acr }),
    ...(c.req.query('account') === 'another' ? { another: true } : {}),
  }
}

/** Who is signed in at the provider with an account that is good for nothing here would be led back to this page for ever. */
function refused(c: Ctx, site: Site, provider: SignIn, returnTo: string, { message }: SignInError) {
  const query = new URLSearchParams({ return: returnTo, account: 'another' })
  return page(
    c,
    site,
    { title: 'Refused', status: 403 },
    html`<h1>Refused</h1>
      <p>${message}</p>
      <p><small>Request ${c.get('requestId')}</small></p>
      <p><a class="button" href="${site.at(`/sign-in/${provider.id}`)}?${query}">Sign in with another account</a></p>`,
  )
}

function choices({ settings, at }: Site, returnTo: string) {
  return html`<h1>Sign in</h1>
    <p>To see what waits for approval, say who you are.</p>
    <ul class="choices">
      ${settings.signIns.map((provider) =>
        provider.demo
          ? provider.people.map(
              ({ subject, name, groups }) => html`<li>
                <form method="post" action="${at(`/sign-in/${provider.id}`)}">
                  <input type="hidden" name="return" value="${returnTo}" />
                  <button name="person" value="${subject}">
                    ${name}${groups.length === 0 ? '' : html` <small>${groups.join(', ')}</small>`}
                  </button>
                </form>
              </li>`,
            )
          : html`<li>
              <a class="button" href="${at(`/sign-in/${provider.id}`)}?return=${encodeURIComponent(returnTo)}"
                >Sign in with ${provider.title}</a
              >
            </li>`,
      )}
    </ul>`
}
