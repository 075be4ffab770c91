import type { Json, JsonObject } from '../contracts/json'
import type { PolicyRecord, Requirement, ReviewerSelector, Stage } from '../contracts/policy'
import type { Principal } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import type { ReviewContent, ReviewLeaf, ReviewStage } from '../contracts/review'
import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import { formatDuration } from '../values/durations'
import { nameArguments } from '../values/named-arguments'
import { type LeavesOptions, leafOf, leavesOf } from './leaves'
import { makeVisible } from './visible'

/** Everything a request must already have for its document to be built. */
export type Reviewable = Omit<ApprovalRequest, 'reviewDigest'>

/**
 * The part of a review document that is approved, from the real call (I9). Depends on nothing that moves: the same request
 * and redaction give the same content in every process.
 */
export function buildReviewContent(request: Reviewable, options: LeavesOptions): ReviewContent {
  const effective = request.edited ?? { arguments: request.arguments, digest: request.argumentsDigest }
  const view = nameArguments(JSON.parse(effective.arguments) as Json[], request.parameters) as JsonObject
  const { leaves, missing } = leavesOf(view, 'arguments', options)
  const context = contextOf(request, options)
  const { stages, rules } = constantParts(request.policy, options)
  const words = wordsIn(options)
  const intent = request.intent === null ? null : leafOf('', request.intent, options)
  return {
    action: request.action,
    arguments: leaves,
    argumentsDigest: effective.digest,
    context: context.shown,
    description: request.presentation.description === null ? null : words(request.presentation.description),
    edited: editedOf(request, words),
    format: 1,
    intent: intent && { label: 'the agent says', leaf: intent },
    missing: [...missing, ...context.missing, ...(intent?.marks.includes('truncated') ? ['what the agent says is cut short'] : [])],
    onBehalfOf: request.onBehalfOf && nameOf(request.onBehalfOf, words),
    pins: Object.entries(request.pins ?? {}).map(([name, digest]) => ({ digest: words(digest), name: words(name) })),
    requestId: request.id,
    requester: {
      id: words(request.requester.id),
      name: words(request.requester.name),
      owner: request.requester.owner && nameOf(request.requester.owner, words),
    },
    risk: { level: request.risk.level, reasons: request.risk.reasons.map(words), score: request.risk.score },
    rules,
    stages,
    title: request.presentation.title === null ? null : words(request.presentation.title),
  }
}

/** Content and the digest that a vote on it carries: SHA-256 of its canonical form. */
export interface DigestedContent {
  readonly content: ReviewContent
  readonly digest: string
}

/** Digests content. */
export function digestContent(content: ReviewContent): DigestedContent {
  return { content, digest: sha256Hex(canonicalize(content as unknown as Json)) }
}

/** Makes somebody's words safe to show: redacted, and with nothing hidden. */
export function wordsIn({ redactor }: LeavesOptions): (text: string) => string {
  return (text) => makeVisible(redactor.text(text).text).text
}

/** A person as reviewers read them: the name, and the immutable id beside it. */
export function nameOf({ name, issuer, subject }: Principal, words: (text: string) => string): string {
  return `${words(name)} (${words(subject)} at ${words(issuer)})`
}

/** Who may vote, in words. */
export function reviewersInWords(selector: ReviewerSelector): string {
  if (selector.type === 'group') return `group ${makeVisible(selector.name).text}`
  if (selector.type === 'person') return `${makeVisible(selector.subject).text} at ${makeVisible(selector.issuer).text}`
  return selector.of.map(reviewersInWords).join(' or ')
}

interface ConstantParts {
  readonly stages: readonly ReviewStage[]
  readonly rules: ReviewContent['rules']
}

/** Many requests share one policy record; its words are made once. */
const constants = new WeakMap<PolicyRecord, ConstantParts>()

function constantParts(policy: PolicyRecord, options: LeavesOptions): ConstantParts {
  const known = constants.get(policy)
  if (known !== undefined) return known
  const words = wordsIn(options)
  const parts: ConstantParts = {
    rules: policy.rules
      .filter(({ effect }) => effect !== 'allow')
      .map(({ id, version, reason }) => ({ id: words(id), reason: reason === undefined ? null : words(reason), version })),
    stages: policy.requirements.flatMap((requirement) => requirement.stages.map((stage) => stageInWords(requirement, stage))),
  }
  constants.set(policy, parts)
  return parts
}

function stageInWords({ id }: Requirement, { name, reviewers, atLeast, assurance, escalation }: Stage): ReviewStage {
  const asked = reviewersInWords(reviewers)
  const later = escalation && `, and after ${formatDuration(escalation.afterMs)} ${reviewersInWords(escalation.reviewers)}`
  return {
    assurance: assurance && assuranceInWords(assurance),
    atLeast,
    requirement: makeVisible(id).text,
    reviewers: `${asked}${later ?? ''}`,
    stage: makeVisible(name).text,
  }
}

function assuranceInWords({ sso, maxAgeMs, acr }: NonNullable<Stage['assurance']>): string {
  const parts = [
    sso ? 'signed in at the identity provider' : null,
    maxAgeMs === undefined ? null : `within the last ${formatDuration(maxAgeMs)}`,
    acr === undefined ? null : `as ${acr.join(' or ')}`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

function contextOf({ context }: Reviewable, options: LeavesOptions): { shown: ReviewContent['context']; missing: readonly string[] } {
  if (context === null) return { shown: { status: 'none' }, missing: [] }
  if (context.status === 'unavailable') return { shown: { reason: makeVisible(context.reason).text, status: 'unavailable' }, missing: [] }
  const facts = JSON.parse(context.value) as JsonObject
  const missing: string[] = []
  const part = (name: string): readonly ReviewLeaf[] => {
    const value = facts[name]
    if (value === undefined) return []
    const found = leavesOf(value, name, options)
    missing.push(...found.missing)
    return found.leaves
  }
  const shown = {
    impact: part('impact'),
    labels: part('labels'),
    lineage: part('lineage'),
    resource: part('resource'),
    scope: part('scope'),
    status: 'available' as const,
  }
  return { shown, missing }
}

function editedOf({ edited }: Reviewable, words: (text: string) => string): ReviewContent['edited'] {
  if (edited === null) return null
  return { by: words(edited.byName), changes: edited.changes.map(({ path, before, after }) => ({ after, before, path })) }
}
