import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Ctx, Site } from '../http/environment'
import { assetPath } from './asset-routes'

/** A piece of a page: whatever was put into it is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

/** What a page says of itself. */
export interface PageFacts {
  readonly title: string
  readonly status?: ContentfulStatusCode
  /** The part of the inbox that it belongs to. */
  readonly current?: 'waiting' | 'history'
}

/** A whole page around its content. */
export async function page(
  c: Ctx,
  site: Site,
  { title, status = 200, current }: PageFacts,
  content: Html,
): Promise<Response> {
  const { at, settings } = site
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
          <link rel="stylesheet" href="${at(assetPath('inbox.css'))}" />
          <link rel="icon" type="image/svg+xml" href="${at(assetPath('icon.svg'))}" />
          <script type="module" src="${at(assetPath('inbox.js'))}"></script>
        </head>
        <body ${session === null ? '' : html`data-events="${at('/events')}"`}>
          <a class="skip" href="#content">Skip to the content</a>
          ${demo ? html`<aside class="banner" aria-label="Notice">Made-up identities: anybody here can be anybody. For trying things out only.</aside>` : ''}
          <header class="bar">
            <a class="brand" href="${at('/requests')}">Gatewright</a>
            ${session === null ? '' : navigation(c, site, session.principal.name, current)}
          </header>
          <main id="content" tabindex="-1">${content}</main>
          <p id="said" class="unseen" role="status"></p>
          ${session === null ? '' : SHORTCUTS}
        </body>
      </html>`,
    status,
  )
}

function navigation(c: Ctx, { at }: Site, name: string, current: PageFacts['current']): Html {
  const link = (part: 'waiting' | 'history', path: string, label: string): Html =>
    html`<a href="${at(path)}" ${part === current ? html`aria-current="page"` : ''}>${label}</a>`
  return html`<nav aria-label="Main">${link('waiting', '/requests', 'Waiting')} ${link('history', '/history', 'History')}</nav>
    <div class="who">
      <button type="button" class="quiet" data-help hidden>Keys</button>
      <span class="name">${name}</span>
      <form method="post" action="${at('/sign-out')}">
        <input type="hidden" name="csrf" value="${c.get('csrf')}" />
        <button class="quiet">Sign out</button>
      </form>
    </div>`
}

/** Opened by the script alone, so it says only what the script does. */
const SHORTCUTS: Html = html`<dialog id="keys" aria-labelledby="keys-title">
  <h2 id="keys-title">Keys</h2>
  <dl class="keys">
    <div><dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next and previous request</dd></div>
    <div><dt><kbd>Enter</kbd></dt><dd>open it</dd></div>
    <div><dt><kbd>a</kbd></dt><dd>go to the button that approves; <kbd>Enter</kbd> there presses it</dd></div>
    <div><dt><kbd>r</kbd></dt><dd>write the reason to reject</dd></div>
    <div><dt><kbd>e</kbd></dt><dd>approve with changes</dd></div>
    <div><dt><kbd>?</kbd></dt><dd>this list</dd></div>
  </dl>
  <label class="check"><input type="checkbox" data-keys-on /> Use these keys</label>
  <form method="dialog"><button autofocus>Close</button></form>
</dialog>`
