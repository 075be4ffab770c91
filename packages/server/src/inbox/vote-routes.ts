import type { VoteReceipt, VoteRefusal } from '@gatewright/core'
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Ctx, Environment, Site } from '../http/environment'
import { assertCsrf } from '../sign-in/csrf'
import { editPage, fingerprint, readEdited } from './edit-page'
import { leaveFlash } from './flash'
import { editForm, readForm, voteForm } from './forms'
import { type Notice, type RequestView, requestPage, viewOf, whatChanged } from './request-page'
import { sessionOf } from './require-session'
import type { ShownDocuments } from './shown-documents'
import { findVisible, noSuchRequest } from './visible-requests'

const CHANNEL = 'inbox'

const STATUSES: Readonly<Record<VoteRefusal, 403 | 409 | 422 | 503>> = {
  'not-found': 403,
  'not-human': 403,
  'own-request': 403,
  assurance: 403,
  digest: 409,
  'incomplete-view': 409,
  'note-needed': 422,
  'earlier-stage': 409,
  'identity-unavailable': 503,
  'edit-invalid': 422,
  'edit-denied': 422,
  'edit-unsupported': 422,
}

/** Votes: posted, by a page of this session, on the document that page showed. No GET decides anything (T29). */
export function voteRoutes(site: Site, shown: ShownDocuments): Hono<Environment> {
  const app = new Hono<Environment>()

  app.post('/requests/:id/vote', async (c) => {
    const session = sessionOf(c)
    await assertCsrf(c, site, session)
    const { decision, digest, note } = await readForm(c, site, voteForm)
    const id = idOf(c)
    // I5, T03: who votes comes from the session, and from nowhere else.
    const receipt = await site.gate.vote(
      { requestId: id, decision, digest, actor: session.principal, ...noted(note) },
      { channel: CHANNEL },
    )
    if (receipt.status !== 'refused') return answered(c, site, id, receipt)
    const view = await viewOf(site, await findVisible(site, id, session.principal), c)
    return requestPage(c, site, view, {
      notice: refusal(view, receipt, shown, digest),
      note: note ?? '',
      status: STATUSES[receipt.reason],
    })
  })

  app.get('/requests/:id/edit', async (c) => {
    const view = await editable(c, site)
    if (view === null) return c.redirect(site.at(`/requests/${idOf(c)}`), 303)
    shown.keep(view.review)
    return editPage(c, site, view, {})
  })

  app.post('/requests/:id/edit', async (c) => {
    const session = sessionOf(c)
    await assertCsrf(c, site, session)
    const { arguments: text, digest, note, previewed, step } = await readForm(c, site, editForm)
    const id = idOf(c)
    const view = await viewOf(site, await findVisible(site, id, session.principal), c)
    const state = { text, note: note ?? '' }
    // T38: what was written is meant for the document that was shown, and for no other.
    if (view.review.digest !== digest)
      return requestPage(c, site, view, {
        notice: changed(
          'The request is not what you were shown, so nothing was approved.',
          view,
          shown,
          digest,
        ),
        note: state.note,
        status: 409,
      })
    const edited = readEdited(view, text)
    if ('problem' in edited)
      return editPage(c, site, view, {
        ...state,
        notice: { tone: 'danger', text: edited.problem },
        status: 422,
      })
    if (step === 'preview') return editPage(c, site, view, { ...state, edits: edited.edits })
    if (previewed !== fingerprint(text)) {
      const notice = {
        tone: 'warning',
        text: 'You changed it again: this is what would change now.',
      } as const
      return editPage(c, site, view, { ...state, edits: edited.edits, notice })
    }
    const receipt = await site.gate.vote(
      {
        requestId: id,
        decision: 'approve',
        digest,
        actor: session.principal,
        edits: edited.edits,
        ...noted(note),
      },
      { channel: CHANNEL },
    )
    if (receipt.status !== 'refused') return answered(c, site, id, receipt)
    const now = await viewOf(site, await findVisible(site, id, session.principal), c)
    const notice = refusal(now, receipt, shown, digest)
    const status = STATUSES[receipt.reason]
    return status === 422
      ? editPage(c, site, now, { ...state, notice, edits: edited.edits, status })
      : requestPage(c, site, now, { notice, note: state.note, status })
  })

  return app
}

/** A request that this person may approve with changes now; else `null`. */
async function editable(c: Ctx, site: Site): Promise<RequestView | null> {
  const view = await viewOf(site, await findVisible(site, idOf(c), sessionOf(c).principal), c)
  return view.ballot?.approval === 'counts' || view.ballot?.approval === 'voted' ? view : null
}

/** What the store holds is shown by the page that follows: an answer is only words beside it (T42). */
async function answered(
  c: Ctx,
  site: Site,
  requestId: string,
  { status, message }: Exclude<VoteReceipt, { status: 'refused' }>,
): Promise<Response> {
  await leaveFlash(c, site, { session: sessionOf(c).id, requestId, status, message })
  return c.redirect(site.at(`/requests/${requestId}`), 303)
}

function refusal(
  view: RequestView,
  { reason, message }: Extract<VoteReceipt, { status: 'refused' }>,
  shown: ShownDocuments,
  digest: string,
): Notice {
  const text = reason === 'not-found' ? 'You may see this request, and not vote on it.' : message
  return reason === 'digest'
    ? changed(text, view, shown, digest)
    : { tone: 'danger', text: `${text} Nothing was counted.` }
}

function changed(
  text: string,
  { review, request }: RequestView,
  shown: ShownDocuments,
  digest: string,
): Notice {
  return {
    tone: 'warning',
    text: `${text} Nothing was counted.`,
    more: html`${whatChanged(review, shown.argumentsOf(request.id, digest))}`,
  }
}

function idOf(c: Ctx): string {
  const id = c.req.param('id') ?? ''
  if (id === '' || id.length > 100) throw noSuchRequest()
  return id
}

function noted(note: string | undefined) {
  return note === undefined || note === '' ? {} : { note }
}
