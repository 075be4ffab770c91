import type { EventFacts, LogEvent } from '@gatewright/audit'
import type { Json } from '@gatewright/core'

/** How loud a line is. */
export type Tone = 'good' | 'bad' | 'warn' | 'ask' | 'quiet' | 'plain'

/** The words that matter of an event. */
export interface EventWords {
  readonly tone: Tone
  /** What happened, in a word or two. */
  readonly step: string
  /** On what, why, what came of it. */
  readonly details: readonly (string | null)[]
}

/** The step, and its tone. Types of a later version stand under their own name. */
const STEPS: Readonly<Record<string, readonly [Tone, string]>> = {
  'request.created': ['ask', 'asks'],
  'request.edited': ['warn', 'edited'],
  'request.approved': ['good', 'APPROVED'],
  'request.rejected': ['bad', 'REJECTED'],
  'request.expired': ['warn', 'EXPIRED'],
  'request.cancelled': ['warn', 'CANCELLED'],
  'request.undeliverable': ['warn', 'UNREACHABLE'],
  'request.lapsed': ['warn', 'LAPSED'],
  'request.invalidated': ['warn', 'INVALIDATED'],
  'request.reminded': ['quiet', 'reminded'],
  'request.escalated': ['warn', 'escalated'],
  'execution.started': ['plain', 'runs'],
  'execution.succeeded': ['good', 'succeeded'],
  'execution.failed': ['bad', 'FAILED'],
  'execution.blocked': ['bad', 'BLOCKED'],
  'execution.unknown': ['bad', 'UNKNOWN'],
  'execution.late-outcome': ['warn', 'ended late'],
  'execution.reconciled': ['warn', 'reconciled'],
  'execution.recorded': ['quiet', 'records'],
  'call.denied': ['bad', 'DENIED'],
  'call.refused': ['bad', 'REFUSED'],
  'vote.refused': ['bad', 'vote refused'],
  'delivery.sent': ['quiet', 'shown'],
  'delivery.failed': ['warn', 'not shown'],
  'credential.leased': ['quiet', 'leases'],
  'credential.issued': ['plain', 'credential'],
  'credential.revoked': ['quiet', 'revoked'],
  'credential.revocation-failed': ['bad', 'NOT REVOKED'],
  'grant.created': ['good', 'grants'],
  'grant.endorsed': ['good', 'endorses'],
  'grant.revoked': ['warn', 'revokes'],
  'identity.linked': ['warn', 'links'],
  'identity.unlinked': ['quiet', 'unlinks'],
  'audit.degraded': ['bad', 'LOG DOWN'],
  'audit.restored': ['good', 'log is back'],
  'gate.started': ['quiet', 'gate opens'],
  'gate.sealed': ['bad', 'GATE SEALED'],
  'gate.closed': ['quiet', 'gate closes'],
  'log.opened': ['quiet', 'log opens'],
  'log.closed': ['quiet', 'log closes'],
  'log.cut': ['warn', 'LOG CUT'],
  'log.rotated-key': ['warn', 'new key'],
  'log.proved-key': ['quiet', 'key proved'],
  'log.redacted': ['warn', 'redacted'],
}

const BASIS: Readonly<Record<string, string>> = {
  votes: 'on votes',
  policy: 'by policy',
  grant: 'on a grant',
  observe: 'on nobody’s word: the gate only observes',
}

/** Says an event in a few words. */
export function eventWords(event: LogEvent, facts: EventFacts): EventWords {
  const [tone, step] = stepOf(event)
  const basis = facts.basis === null ? null : (BASIS[facts.basis] ?? `on ${facts.basis}`)
  const reason = facts.reason === null ? null : quoted(facts.reason)
  const intent = text(event.data.intent)
  return {
    tone: facts.basis === 'observe' ? 'warn' : tone,
    step,
    details: [
      basis,
      reason,
      ...detailsOf(event),
      facts.summary,
      durationOf(event.data.durationMs),
      intent === null ? null : `says ${quoted(intent)}`,
    ],
  }
}

function stepOf({ data, type }: LogEvent): readonly [Tone, string] {
  if (type === 'request.vote-cast')
    return data.decision === 'reject' ? ['bad', 'votes no'] : ['good', 'votes yes']
  return Object.hasOwn(STEPS, type) ? (STEPS[type] ?? ['plain', type]) : ['plain', type]
}

function detailsOf({ data, source, type }: LogEvent): readonly (string | null)[] {
  switch (type) {
    case 'request.created':
    case 'execution.started':
      return [argumentsOf(data.arguments)]
    case 'request.vote-cast':
      return [Array.isArray(data.changes) ? 'with edits' : null, via(data.channel), assuranceOf(data.actor)]
    case 'vote.refused':
      return [text(data.decision), via(data.channel)]
    case 'delivery.sent':
    case 'delivery.failed':
      return [via(data.approver), text(data.error)]
    case 'execution.recorded':
      return [text(data.name)]
    case 'credential.leased':
    case 'credential.issued':
    case 'credential.revoked':
    case 'credential.revocation-failed':
      return [text(data.broker)]
    case 'grant.created':
    case 'grant.endorsed':
      return [
        `${text(data.usesLeft) ?? '?'} uses`,
        typeof data.expiresAt === 'number' ? `until ${instant(data.expiresAt)}` : null,
      ]
    case 'gate.started':
      return [data.mode === 'observe' ? 'it only observes' : null]
    case 'log.opened':
      return [source, unfinished(data.unknownCount)]
    case 'log.closed':
    case 'log.rotated-key':
    case 'log.proved-key':
      return [source]
    case 'log.redacted':
      return [source, `${Array.isArray(data.fields) ? data.fields.length : '?'} values`, text(data.reason)]
    case 'log.cut':
      return [source, `${text(data.bytes) ?? '?'} bytes of ${text(data.file) ?? 'a file'}`]
    default:
      return []
  }
}

/** A time to the second, in UTC: as `--since` takes it. */
export function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

const MOST_ARGUMENTS = 4
const MOST_CHARACTERS = 40

/** What the action was asked for, as far as it fits a line. */
function argumentsOf(leaves: Json | undefined): string | null {
  if (!Array.isArray(leaves) || leaves.length === 0) return null
  const shown = leaves.slice(0, MOST_ARGUMENTS).map((leaf: Json) => {
    const [path, value] = Array.isArray(leaf) ? leaf : []
    const said = text(value) ?? ''
    const short = said.length > MOST_CHARACTERS ? `${said.slice(0, MOST_CHARACTERS - 1)}…` : said
    return `${(text(path) ?? '').replace(/^\//, '')}=${short}`
  })
  const more = leaves.length - shown.length
  return more > 0 ? `${shown.join(' ')} and ${more} more` : shown.join(' ')
}

function unfinished(count: Json | undefined): string | null {
  return typeof count === 'number' && count > 0 ? `${count} runs were cut off` : null
}

function via(channel: Json | undefined): string | null {
  const name = text(channel)
  return name === null ? null : `through ${name}`
}

function assuranceOf(actor: Json | undefined): string | null {
  const { assurance } = (actor ?? {}) as { readonly assurance?: { readonly method?: Json } }
  const method = text(assurance?.method)
  return method === null ? null : `known by ${method}`
}

function durationOf(ms: Json | undefined): string | null {
  return typeof ms === 'number' ? `${ms.toLocaleString('en-US')} ms` : null
}

function text(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function quoted(said: string): string {
  return `“${said}”`
}
