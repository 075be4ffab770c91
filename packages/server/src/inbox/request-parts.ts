import type { ReviewContent, ReviewDocument, ReviewLeaf } from '@gatewright/core'
import { shownArguments } from '@gatewright/core'
import { html } from 'hono/html'
import { type Change, changesTable, leafValue, leavesTree, visible } from './leaves-tree'
import type { Html } from './page'
import { moment, statusLabel } from './words'

/** What the page of a request may compare it with. */
export interface LastApproval {
  readonly path: string
  readonly by: string | null
  readonly at: number
  readonly changes: readonly Change[]
}

/** Everything of a document that is approved, and how it compares with the past. */
export function documentSections(
  review: ReviewDocument,
  lastApproval: LastApproval | null,
  now: number,
): Html {
  const { content } = review
  return html`${content.missing.length === 0 ? '' : html`<p class="notice danger">Not everything is shown: ${content.missing.join('; ')}.</p>`}
    ${content.description === null ? '' : html`<p class="lead">${visible(content.description)}</p>`}
    ${callSection(content)}
    ${content.edited === null ? '' : section('edited', 'Changed by a reviewer', html`<p>${visible(content.edited.by)} changed the arguments. Everybody approves the changed ones.</p>${changesTable(content.edited.changes, 'What was proposed, and what would run')}`)}
    ${section('arguments', 'Arguments', html`${leavesTree(content.arguments)}${rawJson(content)}`)}
    ${lastApproval === null ? '' : lastApprovalSection(lastApproval, now)}
    ${riskSection(content)} ${contextSection(content)}
    ${content.pins.length === 0 ? '' : section('pins', 'Pinned content', html`<p>If any of these changes before the call runs, it is refused.</p><dl class="pairs">${content.pins.map(({ name, digest }) => pair(name, html`<code class="digest">${digest}</code>`))}</dl>`)}
    ${rulesSection(content)}`
}

function callSection(content: ReviewContent): Html {
  const { requester, onBehalfOf, intent } = content
  return section(
    'call',
    'Who asks',
    html`<dl class="pairs">
        ${pair('Agent', html`${visible(requester.name)}${requester.name === requester.id ? '' : html` <code>${visible(requester.id)}</code>`}`)}
        ${pair('Answers for it', requester.owner === null ? 'nobody' : visible(requester.owner))}
        ${pair('Acts for', onBehalfOf === null ? 'nobody in particular' : visible(onBehalfOf))}
      </dl>
      ${
        intent === null
          ? ''
          : html`<figure class="said">
              <figcaption>The agent says <small>(its own words, checked by nobody)</small></figcaption>
              <blockquote>${leafValue(intent.leaf)}</blockquote>
            </figure>`
      }`,
  )
}

function rawJson(content: ReviewContent): Html {
  const text = JSON.stringify(shownArguments(content).value, null, 2)
  return html`<details class="raw">
    <summary>Raw JSON</summary>
    <div class="copying"><button type="button" class="quiet" data-copy="raw-json" hidden>Copy</button></div>
    <pre id="raw-json" tabindex="0" aria-label="Arguments as JSON">${text}</pre>
  </details>`
}

function lastApprovalSection({ path, by, at, changes }: LastApproval, now: number): Html {
  const source = html`<a href="${path}">the last one that was approved</a> (${by === null ? '' : html`by ${visible(by)}, `}${moment(at, now)})`
  return section(
    'compared',
    'Compared with the last approval',
    changes.length === 0
      ? html`<p>What is shown of the arguments equals ${source}.</p>`
      : html`<p>Against ${source}:</p>${changesTable(changes, 'Arguments that differ')}`,
  )
}

function riskSection({ risk }: ReviewContent): Html {
  return section(
    'risk',
    'Risk',
    html`<p>${risk.level}, ${Math.round(risk.score * 100)} of 100</p>
      ${risk.reasons.length === 0 ? html`<p class="none">No signal gave a reason.</p>` : html`<ul>${risk.reasons.map((reason) => html`<li>${visible(reason)}</li>`)}</ul>`}`,
  )
}

const FACTS = [
  ['resource', 'Resource'],
  ['impact', 'Impact'],
  ['scope', 'Requested scope'],
  ['lineage', 'Lineage'],
  ['labels', 'Labels'],
] as const

function contextSection({ context }: ReviewContent): Html {
  if (context.status === 'none') return html``
  const title = 'What the program knows of it'
  if (context.status === 'unavailable')
    return section(
      'context',
      title,
      html`<p class="notice danger">The facts could not be looked up: ${visible(context.reason)}</p>`,
    )
  return section(
    'context',
    title,
    html`<div class="facets">
      ${FACTS.map(([name, heading]) => {
        const leaves: readonly ReviewLeaf[] = context[name]
        return leaves.length === 0 ? '' : html`<div><h3>${heading}</h3>${leavesTree(leaves)}</div>`
      })}
    </div>`,
  )
}

function rulesSection({ rules, stages }: ReviewContent): Html {
  return section(
    'rules',
    'Why it is asked, and of whom',
    html`<ul>
        ${rules.map(({ id, version, reason }) => html`<li><code>${id}</code> version ${version}${reason === null ? '' : html`: ${visible(reason)}`}</li>`)}
      </ul>
      ${rules.length === 0 ? html`<p>No rule spoke of it: the default requirement asks.</p>` : ''}
      <ol class="stages">
        ${stages.map(({ stage, reviewers, atLeast, assurance }) => html`<li><strong>${stage}</strong>: ${atLeast} of ${reviewers}${assurance === null ? '' : html`, ${assurance}`}</li>`)}
      </ol>`,
  )
}

/** Past decisions on the same kind of call. */
export function similarList(
  { progress }: ReviewDocument,
  pathOf: (requestId: string) => string | null,
  now: number,
): Html {
  if (progress.similar.length === 0) return html``
  return section(
    'similar',
    'Similar calls before',
    html`<ul class="similar">
      ${progress.similar.map(({ requestId, status, by, at, sameArguments }) => {
        const path = pathOf(requestId)
        const what = `${statusLabel(status)}${sameArguments ? ', same arguments' : ''}`
        return html`<li>${path === null ? what : html`<a href="${path}">${what}</a>`} <small>${by === null ? '' : html`${visible(by)}, `}${moment(at, now)}</small></li>`
      })}
    </ul>`,
  )
}

/** A part of a page under its own heading. */
export function section(id: string, title: string, content: Html): Html {
  return html`<section aria-labelledby="${id}-title" class="part ${id}">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`
}

function pair(name: string, value: Html | string): Html {
  return html`<div><dt>${visible(name)}</dt><dd>${value}</dd></div>`
}
