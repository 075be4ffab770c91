import type { LogEvent } from '../event'
import { listOf, numberOf, objectOf, textOf } from '../verify/meaning/facts'
import type { OutcomeStatus } from './decision'
import type { Draft } from './draft'
import { argumentLeaves, editLeaves, namedPerson, shownText, statedQuorum, statedRules } from './read-data'

/** Adds to a draft what the next event of its chain tells. Reads defensively: what is of another form tells nothing. */
export function applyEvent(draft: Draft, event: LogEvent): void {
  if (draft.lastEventId === '') {
    draft.firstAt = event.time
    draft.source = event.source
    draft.resolution.at = event.time
  }
  draft.lastAt = Math.max(draft.lastAt, event.time)
  draft.lastEventId = event.id
  switch (event.type) {
    case 'request.created':
      applyCreated(draft, event)
      return
    case 'request.vote-cast':
      applyVote(draft, event)
      return
    case 'request.edited':
      applyEdit(draft, event)
      return
    case 'request.approved':
      draft.basis = textOf(event.data.basis)
      draft.argumentsDigest = textOf(event.data.argumentsDigest) ?? draft.argumentsDigest
      resolve(draft, event, 'approved')
      return
    case 'request.rejected':
      resolve(draft, event, 'rejected')
      return
    case 'request.cancelled':
      resolve(draft, event, 'cancelled')
      return
    case 'request.expired':
      resolve(draft, event, 'expired')
      except(draft, event, 'expired', 'Nobody’s decision came in time; nothing ran.')
      return
    case 'request.undeliverable':
      resolve(draft, event, 'undeliverable')
      except(draft, event, 'undeliverable', `It could not be shown to enough people${because(event)}.`)
      return
    case 'request.lapsed':
      resolve(draft, event, 'lapsed')
      except(draft, event, 'lapsed', 'It was approved, and not used in time; nothing ran.')
      return
    case 'request.invalidated':
      resolve(draft, event, 'invalidated')
      except(draft, event, 'invalidated', `Its approval fell${because(event)}; nothing ran.`)
      return
    case 'execution.started':
      applyStart(draft, event)
      return
    case 'execution.succeeded':
    case 'execution.failed':
    case 'execution.blocked':
    case 'execution.unknown':
      applyOutcome(draft, event, event.type.slice('execution.'.length) as OutcomeStatus)
      return
    case 'execution.late-outcome':
      if (draft.execution === null) return
      draft.execution.late = {
        status: shownText(event.data.status) ?? '',
        at: event.time,
        resultDigest: textOf(event.data.resultDigest),
      }
      return
    case 'execution.reconciled':
      if (draft.execution === null) return
      draft.execution.reconciled = {
        by: namedPerson(event.data.by),
        note: shownText(event.data.note),
        at: event.time,
      }
      return
    case 'call.denied':
    case 'call.refused':
      applyTurnedAway(draft, event)
      return
    default:
      return
  }
}

function applyCall(draft: Draft, { data, id, time }: LogEvent): void {
  const { context, onBehalfOf, origin, requester, risk } = data
  const asking = objectOf(requester)
  draft.action = shownText(data.action) ?? ''
  draft.agent = {
    id: shownText(asking.id) ?? shownText(requester) ?? '',
    name: shownText(asking.name),
    owner: namedPerson(asking.owner),
  }
  draft.model = shownText(objectOf(origin).model)
  draft.onBehalfOf = namedPerson(onBehalfOf)
  draft.intent = shownText(data.intent)
  draft.arguments = argumentLeaves(data.arguments)
  draft.proposedDigest = textOf(data.argumentsDigest)
  draft.argumentsDigest = draft.proposedDigest
  draft.rules = statedRules(data.rules)
  draft.policyHash = textOf(data.policyHash)
  const { failed, level } = objectOf(risk)
  draft.risk = shownText(level)
  const broken = [
    ...draft.rules.filter((rule) => rule.failed).map((rule) => `the rule ${rule.id}`),
    ...listOf(failed).map((signal) => `the risk signal ${shownText(signal) ?? '?'}`),
    ...(objectOf(context).status === 'unavailable' ? ['the context lookup'] : []),
  ]
  if (broken.length > 0)
    draft.exceptions.push({
      code: 'rule-failed',
      at: time,
      eventId: id,
      subject: draft.id,
      text: `${broken.join(', ')} failed, which counts as the strictest answer.`,
    })
}

function applyCreated(draft: Draft, event: LogEvent): void {
  const { data } = event
  applyCall(draft, event)
  const { required, stages } = statedQuorum(data.requirements)
  draft.required = required
  draft.stages = stages
  draft.basis = textOf(data.basis)
  draft.grantId = textOf(data.grantId)
  draft.expiresAt = numberOf(data.expiresAt)
  draft.retryOf = textOf(data.retryOf)
  draft.carried = listOf(data.carriedVotes).flatMap((vote) => namedPerson(objectOf(vote).by) ?? [])
  if (data.status === 'approved') draft.resolution.status = 'approved'
}

function applyVote(draft: Draft, { data, time }: LogEvent): void {
  const actor = namedPerson(data.actor)
  const { decision } = data
  if (actor === null || (decision !== 'approve' && decision !== 'reject')) return
  draft.votes.push({
    at: time,
    decision,
    actor,
    person: namedPerson(data.person)?.key ?? null,
    channel: shownText(data.channel),
    note: shownText(data.note),
    argumentsDigest: textOf(data.argumentsDigest),
  })
  draft.edits.push(...editLeaves(data.changes))
}

function applyEdit(draft: Draft, { data }: LogEvent): void {
  const { required, stages } = statedQuorum(data.requirements)
  draft.required = required
  draft.stages = stages
  draft.policyHash = textOf(data.policyHash) ?? draft.policyHash
  draft.argumentsDigest = textOf(data.argumentsDigest) ?? draft.argumentsDigest
  draft.votesBefore = draft.votes.length
}

function applyStart(draft: Draft, event: LogEvent): void {
  const { data, seq, time } = event
  if (seq === 1) {
    draft.kind = 'direct'
    applyCall(draft, event)
    draft.resolution.status = 'approved'
  }
  draft.basis = textOf(data.basis)
  draft.grantId = textOf(data.grantId) ?? draft.grantId
  draft.argumentsDigest = textOf(data.argumentsDigest) ?? draft.argumentsDigest
  draft.execution = {
    startedAt: time,
    argumentsDigest: textOf(data.argumentsDigest),
    outcome: null,
    endedAt: null,
    durationMs: null,
    resultDigest: null,
    summary: null,
    late: null,
    reconciled: null,
  }
}

function applyOutcome(draft: Draft, event: LogEvent, outcome: OutcomeStatus): void {
  const { execution } = draft
  if (execution === null || execution.outcome !== null) return
  const { data, time } = event
  execution.outcome = outcome
  execution.endedAt = time
  execution.durationMs = numberOf(data.durationMs)
  execution.resultDigest = textOf(data.resultDigest)
  execution.summary = shownText(data.summary)
  if (outcome === 'blocked')
    except(
      draft,
      event,
      'blocked',
      `Nothing ran${execution.summary === null ? '' : `: ${execution.summary}`}.`,
    )
}

/** A call that policy denied, or that was not even asked about. */
function applyTurnedAway(draft: Draft, event: LogEvent): void {
  const denied = event.type === 'call.denied'
  draft.kind = denied ? 'denied' : 'refused'
  applyCall(draft, event)
  resolve(draft, event, draft.kind)
}

function resolve(draft: Draft, { data, time }: LogEvent, status: Draft['resolution']['status']): void {
  draft.resolution = { status, at: time, by: namedPerson(data.by), reason: shownText(data.reason) }
}

function because({ data }: LogEvent): string {
  const reason = shownText(data.reason)
  return reason === null ? '' : `: ${reason}`
}

function except(
  draft: Draft,
  { id, time }: LogEvent,
  code: Draft['exceptions'][number]['code'],
  text: string,
): void {
  draft.exceptions.push({ code, at: time, eventId: id, subject: draft.id, text })
}
