import type { Decision, DecisionGrant } from '../../decisions'
import type { Collected } from '../collector'
import { actionDetail } from './action-detail'
import type { Anchors } from './anchors'
import { type Built, code, NOTHING, part, person, said, table, time } from './markup'
import { decisionWords, outcomeWords } from './words'

/** The list of privileged actions, and each of them in full. */
export function actionsSection({ figures, shown }: Collected, anchors: Anchors): Built {
  const left = figures.actions - shown.length
  const cut =
    left > 0
      ? part`<p><b>${shown.length} of ${figures.actions} actions are shown here</b>, those with exceptions first; the other ${left} are in the CSV, one line each.</p>`
      : NOTHING
  if (shown.length === 0)
    return part`<section id="actions" aria-labelledby="h-actions"><h2 id="h-actions">Privileged actions</h2>${cut}<p>${figures.actions === 0 ? 'There is none in this period.' : 'None is shown in full.'}</p></section>`
  return part`<section id="actions" class="new-page" aria-labelledby="h-actions"><h2 id="h-actions">Privileged actions</h2>${cut}
${table(
  'In the order they were asked for. The number leads to the details',
  ['No.', 'Asked', 'Action', 'Agent', 'Decision', 'By', 'Outcome'],
  shown.map((decision) => row(decision, anchors)),
  'wide actions',
)}</section>
<section id="details" class="new-page" aria-labelledby="h-details"><h2 id="h-details">Details</h2>${shown.map((decision) => actionDetail(decision, anchors.get(decision.id) ?? 0))}</section>`
}

function row(decision: Decision, anchors: Anchors) {
  const { action, agent, exceptions, firstAt, id, onBehalfOf } = decision
  const number = anchors.get(id) ?? 0
  const [decided, tone] = decisionWords(decision)
  const [outcome, outcomeTone] = outcomeWords(decision)
  const flagged =
    exceptions.length === 0
      ? NOTHING
      : part` <span class="tag high" title="exceptions">${exceptions.length} !</span>`
  const behalf =
    onBehalfOf === null
      ? NOTHING
      : part`<div class="identity">for ${said(onBehalfOf.name ?? onBehalfOf.subject)}</div>`
  return part`<tr><td class="number"><a href="#action-${number.toString()}">${number}</a></td><td>${time(firstAt)}</td><td><b>${said(action)}</b>${flagged}</td><td>${said(agent.id)}${behalf}</td><td><span class="tag ${tone}">${decided}</span></td><td>${deciders(decision)}</td><td><span class="tag ${outcomeTone}">${outcome}</span></td></tr>`
}

/** Who decided, in few words. */
function deciders({ basis, grant, resolution, rules, votes }: Decision): Built {
  const approvals = votes.filter(({ counts }) => counts)
  if (resolution.status === 'rejected') return said(resolution.by?.name ?? resolution.by?.subject ?? '')
  if (approvals.length > 0) return names(approvals.map(({ actor }) => actor.name ?? actor.subject))
  if (basis === 'grant')
    return part`grant by ${names(grant?.givers.map(({ name, subject }) => name ?? subject) ?? ['unknown'])}`
  if (basis === 'policy' || resolution.status === 'denied') {
    const effect = basis === 'policy' ? 'allow' : 'deny'
    const rule = rules.find((one) => one.effect === effect)
    return rule === undefined ? NOTHING : part`<span class="identity">rule ${said(rule.id)}</span>`
  }
  return NOTHING
}

function names(all: readonly string[]): Built {
  return all.flatMap((name, at) => (at === 0 ? part`${said(name)}` : [part`, `, part`${said(name)}`]))
}

/** Standing grants: pre-approvals that actions rest on. */
export function grantsSection(grants: readonly DecisionGrant[]): Built {
  if (grants.length === 0) return NOTHING
  return part`<section id="grants" aria-labelledby="h-grants"><h2 id="h-grants">Standing grants</h2>
<p>All grants on record, also those given before the period.</p>
${table(
  'Who gave what to which agent, for how long',
  ['Grant', 'Action and agent', 'Given by', 'Given', 'Ends', 'Uses'],
  grants
    .slice(0, MOST_GRANTS)
    .map(
      ({ action, createdAt, expiresAt, givers, id, note, requesterId, revoked, used, uses }) =>
        part`<tr><td>${code(id)}</td><td><b>${said(action)}</b><div class="identity">${said(requesterId)}</div>${note === null || note === '' ? NOTHING : part`<div><q>${said(note)}</q></div>`}</td><td>${givers.flatMap((giver) => person(giver))}</td><td>${time(createdAt)}</td><td>${expiresAt === null ? NOTHING : time(expiresAt)}${revoked === null ? NOTHING : part`<div>revoked ${time(revoked.at)} by ${said(revoked.by?.name ?? revoked.by?.subject ?? 'somebody')}</div>`}</td><td class="number">${used} of ${uses ?? '?'}</td></tr>`,
    ),
  'wide',
)}</section>`
}

const MOST_GRANTS = 500
