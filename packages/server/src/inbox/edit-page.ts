import { createHash } from 'node:crypto'
import type { ArgumentEdit, Json } from '@gatewright/core'
import { editsBetween, makeVisible, readVisible, shownArguments } from '@gatewright/core'
import { html } from 'hono/html'
import type { Ctx, Site } from '../http/environment'
import { changesTable, visible } from './leaves-tree'
import { page } from './page'
import { type Notice, noticeBox, type RequestView } from './request-page'

/** What somebody wrote in the editor, read. */
export type Edited =
  | { readonly edits: readonly ArgumentEdit[] }
  /** Why it cannot be taken, in words. */
  | { readonly problem: string }

/** The changes that a text makes to the arguments of the document that was shown. */
export function readEdited({ review }: RequestView, text: string): Edited {
  let after: Json
  try {
    after = JSON.parse(text) as Json
  } catch (error) {
    return { problem: `It is not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}.` }
  }
  const read = editsBetween(review.content, after)
  if ('problem' in read) return read
  if (read.edits.length === 0)
    return { problem: 'Nothing is changed. To approve the arguments as they are, go back to the request.' }
  return read
}

/** What the editor shows. */
export interface EditorState {
  readonly text?: string
  readonly note?: string
  readonly notice?: Notice | null
  /** Changes to confirm: those of `text`. */
  readonly edits?: readonly ArgumentEdit[]
  readonly status?: 200 | 403 | 409 | 422 | 503
}

/** The page on which somebody changes arguments, sees what would change, and approves that. */
export function editPage(
  c: Ctx,
  site: Site,
  { review, request }: RequestView,
  { text, note = '', notice = null, edits = [], status = 200 }: EditorState,
): Response | Promise<Response> {
  const path = site.at(`/requests/${request.id}`)
  const shown = shownArguments(review.content)
  const written = text ?? JSON.stringify(shown.value, null, 2)
  const { noteFor } = review.content
  const rows = Math.min(30, Math.max(8, written.split('\n').length + 1))
  return page(
    c,
    site,
    { title: 'Approve with changes', status, current: 'waiting' },
    html`<article class="editor">
      <p><a href="${path}">Back to the request</a></p>
      <h1>Approve with changes</h1>
      <p>
        Change what should be different. The result is checked by the tool's schema and by policy, and earlier approvals no
        longer count: they were of other arguments.
      </p>
      ${notice === null ? '' : noticeBox(notice)}
      ${
        edits.length === 0
          ? ''
          : changesTable(
              edits.map((edit) => changeOf(edit, shown.value)),
              'What you would change',
            )
      }
      <form method="post" action="${path}/edit" class="vote">
        <input type="hidden" name="csrf" value="${c.get('csrf')}" />
        <input type="hidden" name="digest" value="${review.digest}" />
        ${edits.length === 0 ? '' : html`<input type="hidden" name="previewed" value="${fingerprint(written)}" />`}
        <label for="arguments">Arguments as JSON</label>
        <textarea id="arguments" name="arguments" class="code" rows="${rows}" spellcheck="false" autocapitalize="off" autocomplete="off">${written}</textarea>
        ${
          shown.held.size === 0
            ? ''
            : html`<details open>
                <summary>What cannot be changed here</summary>
                <ul>${[...shown.held].map(([at, why]) => html`<li><code>${visible(at === '' ? '(all)' : at)}</code> ${why}: leave it as it is, or remove it.</li>`)}</ul>
              </details>`
        }
        <label for="note">Note <small>(${noteFor.approve ? 'needed' : 'optional'}; others and the agent see it)</small></label>
        <textarea id="note" name="note" rows="2" maxlength="4000">${note}</textarea>
        <div class="buttons">
          <button name="step" value="preview">Show what would change</button>
          ${edits.length === 0 ? '' : html`<button class="approve" name="step" value="approve">Approve with these changes</button>`}
        </div>
      </form>
    </article>`,
  )
}

/** Names a text, so that what is approved is what was previewed. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function changeOf(edit: ArgumentEdit, before: Json) {
  return {
    path: edit.path,
    before: jsonAt(before, edit.path),
    after: edit.remove === true ? null : wordsOf(edit.value),
  }
}

/** What stands at a place of the shown arguments; `null` where there is nothing. */
function jsonAt(root: Json, path: string): string | null {
  let value: Json | undefined = root
  for (const step of path.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null
    value = (value as Readonly<Record<string, Json>>)[key]
  }
  return value === undefined ? null : wordsOf(value)
}

/** A text's escapes stay as they are shown; what somebody wrote anew is made visible. */
function wordsOf(value: Json): string {
  const text = JSON.stringify(value)
  return makeVisible(readVisible(text)).text
}
