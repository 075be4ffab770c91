import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Ctx, Site } from '../http/environment'

/** A piece of a page: whatever was put into it is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

/** What a page says of itself. */
export interface PageFacts {
  readonly title: string
  readonly status?: ContentfulStatusCode
}

/** A whole page around its content. */
export function page(
  c: Ctx,
  { at, settings }: Site,
  { title, status = 200 }: PageFacts,
  content: Html,
): Response | Promise<Response> {
  const session = c.get('session')
  const demo = settings.signIns.some((provider) => provider.demo)
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title} · Gatewright</title>
          <link rel="stylesheet" href="${at('/assets/inbox.css')}" />
          <script type="module" src="${at('/assets/inbox.js')}"></script>
        </head>
        <body>
          <a class="skip" href="#content">Skip to the content</a>
          ${demo ? html`<p class="banner" role="note">Made-up identities: anybody here can be anybody. For trying things out only.</p>` : ''}
          <header>
            <a class="brand" href="${at('/requests')}">Gatewright</a>
            ${
              session === null
                ? ''
                : html`<nav aria-label="Main">
                      <a href="${at('/requests')}">Waiting</a>
                      <a href="${at('/history')}">History</a>
                    </nav>
                    <form class="who" method="post" action="${at('/sign-out')}">
                      <input type="hidden" name="csrf" value="${c.get('csrf')}" />
                      <span>${session.principal.name}</span>
                      <button class="quiet">Sign out</button>
                    </form>`
            }
          </header>
          <main id="content" tabindex="-1">${content}</main>
        </body>
      </html>`,
    status,
  )
}
