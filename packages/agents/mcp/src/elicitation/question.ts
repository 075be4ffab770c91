import type { ReviewDocument, ReviewLeaf, ReviewLimits } from '@gatewright/core'
import { leafMarks, leafName, leafValue, statusWords } from '@gatewright/core/review'
import { isRecord } from '../messages'

/** What is readable in a client's dialogue. */
export const QUESTION_LIMITS: ReviewLimits = { leafCharacters: 2_000, leaves: 100, totalCharacters: 12_000 }

const MOST_REASON = 3_000

/**
 * A request as the form of an elicitation. What is cut can only be rejected in place (T13). Nothing is chosen beforehand.
 */
export function formOf(review: ReviewDocument): object {
  const { noteFor } = review.content
  const both = noteFor.reject && (noteFor.approve || !review.complete)
  return {
    mode: 'form',
    message: textOf(review),
    requestedSchema: {
      type: 'object',
      properties: {
        decision: {
          type: 'string',
          title: 'Decision',
          description: review.complete
            ? 'On exactly what is shown'
            : 'Not everything is shown here: it can be approved in the full view alone',
          enum: decisionsOf(review),
        },
        reason: {
          type: 'string',
          title: 'Reason',
          description: needed(noteFor),
          maxLength: MOST_REASON,
        },
      },
      required: both ? ['decision', 'reason'] : ['decision'],
    },
  }
}

/** What may be decided on a document where it is shown. */
function decisionsOf({ complete }: ReviewDocument): readonly string[] {
  return complete ? ['reject', 'approve'] : ['reject']
}

function needed({ approve, reject }: ReviewDocument['content']['noteFor']): string {
  if (approve) return reject ? 'Needed' : 'Needed to approve'
  return reject ? 'Needed to reject' : 'Optional'
}

/** What a person answered. */
export type Answer =
  | { readonly decision: 'approve' | 'reject'; readonly note: string | undefined }
  /** They did not decide: declining and closing a dialogue are no votes. */
  | { readonly decision: null }
  /** It is no answer to the question. */
  | { readonly wrong: string }

/** Reads the result of an elicitation strictly: anything that is not said clearly is no vote (T08, T39). */
export function readAnswer(result: unknown, review: ReviewDocument): Answer {
  if (!isRecord(result)) return { wrong: 'the client gave no result' }
  const { action, content } = result
  if (action === 'decline' || action === 'cancel') return { decision: null }
  if (action !== 'accept') return { wrong: 'the client gave no action of the protocol' }
  if (!isRecord(content)) return { wrong: 'the client sent nothing of the form' }
  const stranger = Object.keys(content).find((name) => name !== 'decision' && name !== 'reason')
  if (stranger !== undefined) return { wrong: 'the client sent what the form does not have' }
  const { decision, reason } = content
  if (typeof decision !== 'string' || !decisionsOf(review).includes(decision))
    return { wrong: 'the client sent no decision that was offered' }
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > MOST_REASON))
    return { wrong: 'the client sent a reason that is no short text' }
  const note = reason === undefined || reason.trim() === '' ? undefined : reason
  return { decision: decision as 'approve' | 'reject', note }
}

/** A full document, line by line. */
function textOf(review: ReviewDocument): string {
  const { content, link, progress, requestId, shortDigest } = review
  const { context, edited, intent, requester, risk } = content
  return inert([
    statusWords(review),
    ...content.missing.map((missing) => row('Not shown here', missing)),
    ...(review.complete || link === null ? [] : [row('Everything is shown at', link)]),
    row('Action', `${content.action} · ${shortDigest}`),
    ...optional('Title', content.title),
    ...optional('Description', content.description),
    row(
      'Requested by',
      requester.name === requester.id ? requester.id : `${requester.name} (${requester.id})`,
    ),
    row('Owner', requester.owner ?? 'nobody'),
    ...optional('On behalf of', content.onBehalfOf),
    ...(intent === null ? [] : [row(intent.label, `${intent.leaf.text}${leafMarks(intent.leaf)}`)]),
    ...leaves('Arguments', content.arguments),
    ...(edited === null
      ? []
      : [
          row('Edited by', edited.by),
          ...edited.changes.flatMap(({ after, before, path }) => [
            row(`  ${leafName(path)} was`, before ?? '(nothing)'),
            row(`  ${leafName(path)} is`, after ?? '(nothing)'),
          ]),
        ]),
    ...(context.status === 'unavailable' ? [row('Context is unavailable', context.reason)] : []),
    ...(context.status === 'available'
      ? (['resource', 'lineage', 'impact', 'scope', 'labels'] as const).flatMap((part) =>
          context[part].length === 0 ? [] : leaves(part, context[part]),
        )
      : []),
    row('Risk', `${risk.level} (${risk.score.toFixed(2)})`),
    ...risk.reasons.map((reason) => row('Risk reason', reason)),
    ...content.rules.map(({ id, reason, version }) =>
      row('Asked by', `${id} v${version}${reason === null ? '' : `: ${reason}`}`),
    ),
    ...content.stages.map(({ assurance, atLeast, reviewers, stage }) =>
      row(
        'Must approve',
        `${atLeast} of ${reviewers} (${stage})${assurance === null ? '' : `, ${assurance}`}`,
      ),
    ),
    ...progress.votes.map(({ by, decision, note }) =>
      row(decision === 'approve' ? 'Approval' : 'Rejection', note === null ? by : `${by}: ${note}`),
    ),
    ...content.pins.map(({ digest, name }) => row(`Pinned ${name}`, digest)),
    row(
      'Time left until',
      `${new Date(progress.expiresAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    ),
    row('Request', requestId),
  ])
}

function optional(name: string, text: string | null): readonly string[] {
  return text === null ? [] : [row(name, text)]
}

function leaves(name: string, all: readonly ReviewLeaf[]): readonly string[] {
  const shown = all.map((leaf) => row(`  ${leafName(leaf.path)}`, `${leafValue(leaf)}${leafMarks(leaf)}`))
  return [`${name}:${shown.length === 0 ? ' none' : ''}`, ...shown]
}

/** A line of its own; a value's further lines are marked, so that none looks like a row. */
function row(name: string, value: string): string {
  return `${name}: ${value}`.replaceAll('\n', '\n    | ')
}

/** How something stands, for a line beside the dialogues. */
export function inert(lines: readonly string[]): string {
  // Four spaces: a client that reads Markdown shows code, in which nothing is live (T15); others show the text as it is.
  return lines
    .flatMap((line) => line.split('\n'))
    .map((line) => `    ${line}`)
    .join('\n')
}
