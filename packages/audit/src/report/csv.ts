import { csvCell } from '../csv-cell'
import type { Decision, NamedPerson } from '../decisions'
import { receiptCommand } from './receipt-command'
import { isoTime } from './times'
import { visibleText } from './visible-text'

/** What stands at the head of each column, and what goes into it. */
const COLUMNS: Readonly<Record<string, (decision: Decision) => string | number | null>> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  asked_at: ({ firstAt }) => isoTime(firstAt),
  action: ({ action }) => action,
  agent: ({ agent }) => agent.id,
  agent_name: ({ agent }) => agent.name,
  agent_owner: ({ agent }) => identity(agent.owner),
  model: ({ model }) => model,
  on_behalf_of: ({ onBehalfOf }) => identity(onBehalfOf),
  arguments: (decision) => JSON.stringify(decision.arguments),
  edits: ({ edits }) => (edits.length === 0 ? null : JSON.stringify(edits)),
  arguments_digest: ({ argumentsDigest }) => argumentsDigest,
  proposed_digest: ({ proposedDigest }) => proposedDigest,
  risk: ({ risk }) => risk,
  rules: ({ rules }) =>
    rules.map(({ effect, id, version }) => `${id}@${version ?? '?'}: ${effect}`).join('; '),
  policy_hash: ({ policyHash }) => policyHash,
  basis: ({ basis }) => basis,
  grant: ({ grant }) => grant?.id ?? null,
  grant_given_by: ({ grant }) => grant?.givers.map(identity).join('; ') ?? null,
  required_people: ({ quorum }) => quorum?.required ?? null,
  approving_people: ({ quorum }) => quorum?.approved ?? null,
  quorum_met: ({ quorum }) => (quorum === null ? null : yesNo(quorum.met)),
  approved_by: ({ votes }) =>
    votes
      .filter(({ counts }) => counts)
      .map(({ actor }) => identity(actor))
      .join('; '),
  votes: ({ votes }) => (votes.length === 0 ? null : JSON.stringify(votes.map(voteCell))),
  separation_of_duties: ({ separated }) => (separated === null ? null : yesNo(separated)),
  resolution: ({ resolution }) => resolution.status,
  resolved_at: ({ resolution }) => (resolution.status === 'pending' ? null : isoTime(resolution.at)),
  resolved_by: ({ resolution }) => identity(resolution.by),
  resolution_reason: ({ resolution }) => resolution.reason,
  started_at: ({ execution }) => time(execution?.startedAt),
  ended_at: ({ execution }) => time(execution?.endedAt),
  outcome: ({ execution }) => (execution === null ? 'did not run' : (execution.outcome ?? 'not recorded')),
  late_outcome: ({ execution }) => execution?.late?.status ?? null,
  reconciled_by: ({ execution }) => identity(execution?.reconciled?.by ?? null),
  duration_ms: ({ execution }) => execution?.durationMs ?? null,
  result_digest: ({ execution }) => execution?.resultDigest ?? null,
  credentials: ({ credentials }) =>
    credentials.length === 0
      ? null
      : JSON.stringify(
          credentials.map(({ broker, expiresAt, handle, issuedAt, revokedAt }) => ({
            broker,
            handle,
            issuedAt: time(issuedAt),
            expiresAt: time(expiresAt),
            revokedAt: time(revokedAt),
          })),
        ),
  exceptions: ({ exceptions }) => [...new Set(exceptions.map(({ code }) => code))].join('; '),
  gate: ({ source }) => source,
  log: ({ place }) => place.directory,
  log_entry: ({ place }) => place.index,
  receipt: receiptCommand,
}

/** The first line of the CSV, CRLF included. */
export function csvHeader(): string {
  return csvLine([...Object.keys(COLUMNS), 'log_verdict'])
}

/** A privileged action as one line, CRLF included. Every line says what the verification of its log came to. */
export function csvRow(decision: Decision, verdict: string): string {
  return csvLine([...Object.values(COLUMNS).map((cell) => cell(decision)), verdict])
}

function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(reportCell).join(',')}\r\n`
}

/** One cell, with hidden characters made visible. */
export function reportCell(value: string | number | null): string {
  if (value === null) return ''
  return typeof value === 'number' ? `${value}` : csvCell(visibleText(value).text, value)
}

function voteCell({ actor, at, channel, counts, decision, note }: Decision['votes'][number]) {
  return { at: isoTime(at), decision, by: identity(actor), assurance: actor.method, channel, counts, note }
}

function identity(person: NamedPerson | null): string {
  if (person === null) return ''
  const { issuer, name, subject } = person
  return name === null ? `${subject} at ${issuer}` : `${name} (${subject} at ${issuer})`
}

function time(value: number | null | undefined): string | null {
  return value == null ? null : isoTime(value)
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no'
}
