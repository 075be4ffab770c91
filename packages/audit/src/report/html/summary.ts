import { EXCEPTIONS } from '../../decisions'
import type { Collected } from '../collector'
import { type Built, NOTHING, part, person, said, table } from './markup'

/** The figures that come first. */
export function summarySection({ exceptions, figures }: Collected): Built {
  const { actions, asked, dual, outcomes, ran, resolutions, separation } = figures
  const grave = exceptions
    .filter(({ code }) => EXCEPTIONS[code].severity === 'high')
    .reduce((sum, { count }) => sum + count, 0)
  const looks = exceptions
    .filter(({ code }) => EXCEPTIONS[code].severity === 'medium')
    .reduce((sum, { count }) => sum + count, 0)
  const started = total(ran)
  return part`<section id="summary" aria-labelledby="h-summary"><h2 id="h-summary">In figures</h2>
<ul class="figures">${[
    figure(actions, 'privileged actions on record'),
    figure(asked, 'that people were asked about'),
    figure(started, 'that were let run'),
    figure(dual, 'of them approved by two or more people'),
    figure(separation.broken, 'approved by their own requester', separation.broken > 0 ? 'bad' : ''),
    figure(grave, 'exceptions that need an explanation', grave > 0 ? 'bad' : ''),
    figure(looks, 'exceptions that want a look', looks > 0 ? 'warn' : ''),
    figure(figures.credentialsIssued, 'credentials issued to single actions'),
  ]}</ul>
<div class="split">${[
    counts('How decisions ended', 'Decision', resolutions, RESOLUTIONS),
    counts('On what basis actions ran', 'Basis', ran, BASES),
    counts('How they came out', 'Outcome', outcomes, OUTCOMES),
    counts(
      'Separation of duties, where people’s word let it run',
      'Approvers and requester',
      {
        held: separation.held,
        broken: separation.broken,
        undeterminable: separation.undeterminable,
        nobodyExcluded: separation.nobodyExcluded,
      },
      SEPARATION,
    ),
  ].flat()}</div></section>`
}

const RESOLUTIONS: Readonly<Record<string, string>> = {
  approved: 'approved',
  rejected: 'rejected by a person',
  expired: 'expired undecided',
  cancelled: 'cancelled',
  undeliverable: 'reached too few people',
  lapsed: 'approved, and lapsed unused',
  invalidated: 'approved, and fell before it ran',
  pending: 'still waiting at the log’s end',
  denied: 'denied by a rule, nobody asked',
  refused: 'refused (too many, or rejected just before)',
}

const BASES: Readonly<Record<string, string>> = {
  votes: 'people’s votes',
  policy: 'a rule that allows it',
  grant: 'a standing grant',
  observe: 'none: its gate only observed',
}

const OUTCOMES: Readonly<Record<string, string>> = {
  succeeded: 'succeeded',
  failed: 'failed (the function threw)',
  blocked: 'blocked at the last moment, nothing ran',
  unknown: 'unknown',
  open: 'no outcome in the log',
}

const SEPARATION: Readonly<Record<string, string>> = {
  held: 'different people',
  broken: 'the same person',
  nobodyExcluded: 'the agent has no owner and acted for nobody: nobody was excluded',
  undeterminable: 'cannot be told: identities are committed, or the grant is in no log',
}

function figure(count: number, name: string, className = '') {
  return part`<li class="${className}"><b>${count}</b> <span>${name}</span></li>`
}

function counts(
  caption: string,
  head: string,
  values: Readonly<Record<string, number>>,
  names: Readonly<Record<string, string>>,
): Built {
  const known = Object.keys(names)
  const rows = [...known, ...Object.keys(values).filter((name) => !known.includes(name))].flatMap((name) => {
    const count = values[name] ?? 0
    return count === 0
      ? []
      : [part`<tr><th scope="row">${names[name] ?? name}</th><td class="number">${count}</td></tr>`]
  })
  if (rows.length === 0) return NOTHING
  return part`<div>${table(caption, [head, 'Number'], rows)}</div>`
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

const MOST_NAMES = 200

/** Who decided, and which agents asked. */
export function peopleSection({ agents, reviewers }: Collected): Built {
  return part`<section id="people" aria-labelledby="h-people"><h2 id="h-people">People and agents</h2>
${
  reviewers.length === 0
    ? part`<p>Nobody voted on any of these actions.</p>`
    : table(
        `People who voted${more(reviewers.length)}`,
        ['Person', 'Sign-in', 'Approvals', 'Rejections'],
        reviewers
          .slice(0, MOST_NAMES)
          .map(
            ({ approvals, person: who, rejections }) =>
              part`<tr><td>${person(who)}</td><td>${said(who.method ?? 'not stated')}</td><td class="number">${approvals}</td><td class="number">${rejections}</td></tr>`,
          ),
      )
}
${
  agents.length === 0
    ? NOTHING
    : table(
        `Agents that asked${more(agents.length)}`,
        ['Agent', 'Owner', 'Actions', 'Let run'],
        agents
          .slice(0, MOST_NAMES)
          .map(
            ({ actions, id, owner, ran }) =>
              part`<tr><td>${said(id)}</td><td>${person(owner)}</td><td class="number">${actions}</td><td class="number">${ran}</td></tr>`,
          ),
      )
}</section>`
}

function more(count: number): string {
  return count > MOST_NAMES ? `: the first ${MOST_NAMES} of ${count.toLocaleString('en-US')}` : ''
}
