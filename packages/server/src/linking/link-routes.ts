import { makeVisible } from '@gatewright/core'
import type { Invitation } from '@gatewright/core/review'
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Environment, Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import { plainForm, readForm } from '../inbox/forms'
import { visible } from '../inbox/leaves-tree'
import { page } from '../inbox/page'
import { requireSession, sessionOf } from '../inbox/require-session'
import { assertCsrf } from '../sign-in/csrf'

/** The ceremony that links a chat identity to whoever is signed in. Opening an invitation changes nothing (T29). */
export function linkRoutes(site: Site): Hono<Environment> {
  const { access } = site
  const app = new Hono<Environment>()
  app.use('/link/*', requireSession(site))

  app.get('/link/:token', (c) => {
    const token = c.req.param('token')
    const { issuer, subject, name, approver } = invitationOf(token)
    const { principal } = sessionOf(c)
    return page(
      c,
      site,
      { title: 'Link an identity' },
      html`<h1>Is this you?</h1>
        <dl class="pairs">
          <div><dt>In ${shown(approver)}</dt><dd><strong>${shown(name)}</strong> <code>${shown(subject)}</code> at <code>${shown(issuer)}</code></dd></div>
          <div><dt>Signed in here as</dt><dd><strong>${shown(principal.name)}</strong> <code>${shown(principal.subject)}</code> at <code>${shown(principal.issuer)}</code></dd></div>
        </dl>
        <div class="notice danger">
          <p>
            <strong>From then on, whoever uses that account votes as you.</strong> Link it only if it is yours and you asked for
            this yourself, a moment ago. If somebody sent you this address, close the page.
          </p>
        </div>
        <form method="post" action="${site.at(`/link/${encodeURIComponent(token)}`)}">
          <input type="hidden" name="csrf" value="${c.get('csrf')}" />
          <div class="buttons">
            <button>Yes, both are me: link them</button>
            <a class="button" href="${site.at('/requests')}">No</a>
          </div>
        </form>`,
    )
  })

  app.post('/link/:token', async (c) => {
    const session = sessionOf(c)
    await assertCsrf(c, site, session)
    await readForm(c, site, plainForm)
    const token = c.req.param('token')
    const { approver, name } = invitationOf(token)
    const person = await access.identities.link(token, session.principal)
    return page(
      c,
      site,
      { title: 'Linked' },
      html`<h1>Linked</h1>
        <p><strong>${shown(name)}</strong> in ${shown(approver)} votes as <strong>${shown(person.name)}</strong> from now on.</p>
        <p><a href="${site.at('/requests')}">To what waits</a></p>`,
    )
  })

  function invitationOf(token: string): Invitation {
    const invitation = access.identities.open(token)
    if (invitation !== null) return invitation
    throw new HttpProblem(
      404,
      'invitation',
      'This invitation is not good, or no longer: ask for another one where you got it.',
    )
  }

  return app
}

/** A transport's words, with nothing hidden in them (T16). */
function shown(text: string) {
  return visible(makeVisible(text).text)
}
