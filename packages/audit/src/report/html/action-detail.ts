import { type Decision, EXCEPTIONS } from '../../decisions'
import { receiptCommand } from '../receipt-command'
import { readableDuration } from '../times'
import { firstCharacters } from '../visible-text'
import { type Built, code, fact, NOTHING, part, person, quoted, said, table, time } from './markup'
import { decisionWords, outcomeWords } from './words'

/** One action, with everything that the log tells of it. */
export function actionDetail(decision: Decision, number: number) {
  const { action, firstAt } = decision
  const [decided, tone] = decisionWords(decision)
  const [outcome, outcomeTone] = outcomeWords(decision)
  return part`<article id="action-${number.toString()}"><h3>No. ${number} ${said(action)} <span class="tag ${tone}">${decided}</span> <span class="tag ${outcomeTone}">${outcome}</span> <span class="at">${time(firstAt)}</span></h3>
${exceptions(decision)}<dl>${[...asked(decision), ...decidedBy(decision), ...ran(decision)].flat()}</dl>
${argumentsTable(decision)}${editsTable(decision)}${votesTable(decision)}${credentialsTable(decision)}
<div class="receipt"><p class="small">This makes its receipt, to be verified offline:</p><pre>${receiptCommand(decision)}</pre></div></article>`
}

function exceptions({ exceptions: unusual }: Decision): Built {
  if (unusual.length === 0) return NOTHING
  return part`<ul class="plain">${unusual.map(
    ({ code: kind, text }) =>
      part`<li><span class="tag ${EXCEPTIONS[kind].severity}">${kind}</span> ${said(text)}</li>`,
  )}</ul>`
}

function asked({ agent, id, intent, kind, model, onBehalfOf, place, source }: Decision): readonly Built[] {
  return [
    fact(kind === 'request' ? 'Request' : 'Call', code(id)),
    fact(
      'Agent',
      part`${said(agent.id)}${agent.name === null || agent.name === agent.id ? NOTHING : part` (${said(agent.name)})`}`,
    ),
    fact('Its owner', kind === 'denied' || kind === 'refused' ? null : person(agent.owner)),
    fact('Acting for', kind === 'refused' ? null : person(onBehalfOf)),
    fact('Model', model === null ? null : said(model)),
    fact('The agent says', intent === null ? null : quoted(intent)),
    fact('Gate', said(source)),
    fact('Found in', part`${code(place.directory)}, entry ${place.index}`),
  ]
}

function decidedBy(decision: Decision): readonly Built[] {
  const { basis, expiresAt, grant, policyHash, quorum, resolution, retryOf, risk, rules, separated } =
    decision
  return [
    fact('Rules', rules.length === 0 ? null : rulesList(rules)),
    fact('Policy hash', policyHash === null ? null : code(policyHash)),
    fact('Risk', risk === null ? null : said(risk)),
    fact(
      'Required',
      quorum === null ? null : part`${peopleWords(quorum.required)}: ${said(quorum.stages.join('; '))}`,
    ),
    fact(
      'Approved by',
      quorum === null || basis === 'grant' || basis === 'observe'
        ? null
        : part`${quorum.approved} of ${peopleWords(quorum.required)}${quorum.met ? '' : ' (quorum not reached)'}`,
    ),
    fact(
      'Separation',
      separated === null
        ? null
        : part`${separated ? 'approvers are other people than owner and principal' : 'NOT SEPARATE: an approver is the owner or the principal'}`,
    ),
    fact(
      'Ran on',
      basis === null ? null : part`${said(basis)}${grant === null ? NOTHING : part` ${code(grant.id)}`}`,
    ),
    fact('Grant given by', grant === null ? null : grant.givers.flatMap((giver) => person(giver))),
    fact('Votes from', retryOf === null ? null : part`the attempt before it, ${code(retryOf)}`),
    fact('Resolution', part`${resolution.status} ${time(resolution.at)}`),
    fact('By', resolution.by === null ? null : person(resolution.by)),
    fact('Reason', resolution.reason === null ? null : quoted(resolution.reason)),
    fact('Could be decided until', expiresAt === null || quorum === null ? null : time(expiresAt)),
  ]
}

function peopleWords(count: number): string {
  return count === 1 ? '1 person' : `${count} people`
}

function rulesList(rules: Decision['rules']): Built {
  return rules.flatMap(
    ({ effect, failed, id, reason, version }, at) =>
      part`${at === 0 ? '' : '; '}${said(id)} (version ${version ?? '?'}): ${said(effect)}${failed ? ', failed' : ''}${reason === null ? NOTHING : part` ${quoted(reason)}`}`,
  )
}

function ran({ argumentsDigest, execution, proposedDigest, recordedSteps }: Decision): readonly Built[] {
  const digest = fact('Arguments digest', argumentsDigest === null ? null : code(argumentsDigest))
  const proposed = fact(
    'As proposed',
    proposedDigest === null || proposedDigest === argumentsDigest ? null : code(proposedDigest),
  )
  if (execution === null) return [digest, proposed]
  const { durationMs, endedAt, late, reconciled, resultDigest, startedAt, summary } = execution
  return [
    digest,
    proposed,
    fact('Started', time(startedAt)),
    fact(
      'Ended',
      endedAt === null
        ? null
        : part`${time(endedAt)}${durationMs === null ? NOTHING : part`, after ${readableDuration(durationMs)}`}`,
    ),
    fact('Result digest', resultDigest === null ? null : code(resultDigest)),
    fact('Result, in short', summary === null || summary === '' ? null : quoted(summary)),
    fact('Later known', late === null ? null : part`${said(late.status)} ${time(late.at)}`),
    fact('Settled', reconciled === null ? null : time(reconciled.at)),
    fact('Settled by', reconciled === null ? null : person(reconciled.by)),
    fact('Found out', reconciled?.note == null ? null : quoted(reconciled.note)),
    fact('Steps recorded', recordedSteps === 0 ? null : part`${recordedSteps}`),
  ]
}

const MOST_LEAVES = 40
const MOST_TEXT = 400

function argumentsTable({ arguments: leaves, edits }: Decision): Built {
  if (leaves.length === 0) return NOTHING
  const left = leaves.length - MOST_LEAVES
  return table(
    `${edits.length === 0 ? 'Arguments' : 'Arguments as proposed'}, as the log has them${left > 0 ? `: the first ${MOST_LEAVES}, and ${left} more in the CSV` : ''}`,
    ['Place', 'Value'],
    leaves
      .slice(0, MOST_LEAVES)
      .map(
        ([path, text]) =>
          part`<tr><th scope="row">${code(path === '' ? '(all)' : path)}</th><td>${cut(text)}</td></tr>`,
      ),
    'facts',
  )
}

function editsTable({ edits }: Decision): Built {
  if (edits.length === 0) return NOTHING
  return table(
    'What reviewers changed',
    ['Place', 'Before', 'After'],
    edits
      .slice(0, MOST_LEAVES)
      .map(
        ([path, before, after]) =>
          part`<tr><th scope="row">${code(path)}</th><td>${cut(before)}</td><td>${cut(after)}</td></tr>`,
      ),
  )
}

/** Long values are cut, and said to be. */
function cut(text: string): Built {
  const { kept, left } = firstCharacters(text, MOST_TEXT)
  return left === 0
    ? part`<q>${said(text)}</q>`
    : part`<q>${said(kept)}</q> <span class="mark">cut: ${left} characters more in the CSV</span>`
}

function votesTable({ votes }: Decision): Built {
  if (votes.length === 0) return NOTHING
  return table(
    'Votes',
    ['When', 'Who', 'Verified by', 'Said', 'Why'],
    votes.map(
      ({ actor, at, channel, counts, decision, note }) =>
        part`<tr><td>${time(at)}</td><td>${person(actor)}</td><td>${said(actor.method ?? 'not stated')}${actor.acr === null ? NOTHING : part`, ${said(actor.acr)}`}${actor.signedInAt === null ? NOTHING : part`<div class="identity">signed in ${time(actor.signedInAt)}</div>`}<div class="identity">via ${said(channel ?? 'an unknown channel')}</div></td><td>${decision}${decision === 'approve' && !counts ? part` <span class="mark">on other arguments</span>` : NOTHING}</td><td>${note === null ? part`<span class="none">no note</span>` : quoted(note)}</td></tr>`,
    ),
    'medium votes',
  )
}

function credentialsTable({ credentials }: Decision): Built {
  if (credentials.length === 0) return NOTHING
  return table(
    'Credentials',
    ['Broker', 'Handle', 'Issued', 'Revoked', 'Expires by itself'],
    credentials.map(
      ({ broker, expiresAt, handle, issuedAt, revokedAt }) =>
        part`<tr><td>${said(broker ?? 'not stated')}</td><td>${handle === null ? NOTHING : code(handle)}</td><td>${issuedAt === null ? part`<span class="none">never</span>` : time(issuedAt)}</td><td>${revokedAt === null ? part`<span class="none">not in the log</span>` : time(revokedAt)}</td><td>${expiresAt === null ? NOTHING : time(expiresAt)}</td></tr>`,
    ),
    'medium credentials',
  )
}
