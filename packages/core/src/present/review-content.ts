import type { Requester } from '../contracts/action'
import type { Json, JsonObject } from '../contracts/json'
import type { PolicyRecord, Requirement, ReviewerSelector, Stage } from '../contracts/policy'
import type { Principal } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import type { ReviewContent, ReviewLeaf, ReviewStage } from '../contracts/review'
import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import { formatDuration } from '../values/durations'
import { kept } from '../values/kept'
import { namedView } from '../values/named-arguments'
import { type LeavesOptions, leafOf, leavesOf } from './leaves'
import type { Redactor } from './redaction'
import { makeVisible } from './visible'

/** Everything a request must already have for its document to be built. */
export type Reviewable = Omit<ApprovalRequest, 'reviewDigest'>

/**
 * The part of a review document that is approved, from the real call (I9). Depends on nothing that moves: the same request
 * and redaction give the same content in every process.
 */
export function buildReviewContent(request: Reviewable, options: LeavesOptions): ReviewContent {
  const content = contentOf(request, options)
  ordered.add(content)
  return content
}

/** Contents whose keys stand in RFC 8785 order, as every literal here is written: their plain JSON is the canonical form. */
const ordered = new WeakSet<ReviewContent>()

function contentOf(request: Reviewable, options: LeavesOptions): ReviewContent {
  const effective = request.edited ?? { arguments: request.arguments, digest: request.argumentsDigest }
  const view = namedView(effective.arguments, request.parameters)
  const { leaves, missing } = leavesOf(view, 'arguments', options)
  const context = contextOf(request, options)
  const { noteFor, stages, rules } = constantParts(request.policy, options)
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
    missing: [
      ...missing,
      ...context.missing,
      ...(intent?.marks.includes('truncated') ? ['what the agent says is cut short'] : []),
    ],
    noteFor,
    onBehalfOf: request.onBehalfOf && nameOf(request.onBehalfOf, words),
    pins: Object.entries(request.pins ?? {}).map(([name, digest]) => ({
      digest: words(digest),
      name: words(name),
    })),
    requestId: request.id,
    requester: requesterInWords(request.requester, options),
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
  const text = ordered.has(content) ? JSON.stringify(content) : canonicalize(content as unknown as Json)
  return { content, digest: sha256Hex(text) }
}

/** Says of words that have no marks of their own that they mix scripts. No text can forge the brackets (T16). */
const MIXED = ' ⟦mixed scripts⟧'

/** Makes somebody's words safe to show: redacted, with nothing hidden, and look-alike letters told. */
export function wordsIn({ redactor }: Pick<LeavesOptions, 'redactor'>): (text: string) => string {
  return (text) => {
    const visible = makeVisible(redactor.text(text).text)
    return visible.mixedScript ? `${visible.text}${MIXED}` : visible.text
  }
}

/** A person as reviewers read them: the name, and the immutable id beside it. */
export function nameOf({ name, issuer, subject }: Principal, words: (text: string) => string): string {
  return `${words(name)} (${words(subject)} at ${words(issuer)})`
}

/** Who may vote, in words. */
export function reviewersInWords(selector: ReviewerSelector): string {
  if (selector.type === 'group') return `group ${makeVisible(selector.name).text}`
  if (selector.type === 'person')
    return `${makeVisible(selector.subject).text} at ${makeVisible(selector.issuer).text}`
  return selector.of.map(reviewersInWords).join(' or ')
}

interface ConstantParts {
  readonly stages: readonly ReviewStage[]
  readonly rules: ReviewContent['rules']
  readonly noteFor: ReviewContent['noteFor']
}

/** Words that many requests share, made once; apart by redactor, because another one may hide other parts of them. */
interface SharedWords {
  readonly policies: WeakMap<PolicyRecord, ConstantParts>
  readonly requesters: WeakMap<Requester, ReviewContent['requester']>
}

const shared = new WeakMap<Redactor, SharedWords>()

function sharedWords(redactor: Redactor): SharedWords {
  return kept(shared, redactor, () => ({ policies: new WeakMap(), requesters: new WeakMap() }))
}

function requesterInWords(requester: Requester, options: LeavesOptions): ReviewContent['requester'] {
  const { requesters } = sharedWords(options.redactor)
  const known = requesters.get(requester)
  if (known !== undefined) return known
  const words = wordsIn(options)
  const { id, name, owner } = requester
  const said = { id: words(id), name: words(name), owner: owner && nameOf(owner, words) }
  // Only what cannot change behind the cache is kept.
  if (Object.isFrozen(requester) && (owner === null || Object.isFrozen(owner)))
    requesters.set(requester, said)
  return said
}

function constantParts(policy: PolicyRecord, options: LeavesOptions): ConstantParts {
  return kept(sharedWords(options.redactor).policies, policy, () => partsOf(policy, options))
}

function partsOf(policy: PolicyRecord, options: LeavesOptions): ConstantParts {
  const words = wordsIn(options)
  return {
    noteFor: {
      approve: policy.requirements.some(({ noteFor }) => noteFor.approve),
      reject: policy.requirements.some(({ noteFor }) => noteFor.reject),
    },
    rules: policy.rules
      .filter(({ effect }) => effect !== 'allow')
      .map(({ id, version, reason }) => ({
        id: words(id),
        reason: reason === undefined ? null : words(reason),
        version,
      })),
    stages: policy.requirements.flatMap((requirement) =>
      requirement.stages.map((stage) => stageInWords(requirement, stage)),
    ),
  }
}

function stageInWords(
  { id }: Requirement,
  { name, reviewers, atLeast, assurance, escalation }: Stage,
): ReviewStage {
  const asked = reviewersInWords(reviewers)
  const later =
    escalation &&
    `, and after ${formatDuration(escalation.afterMs)} ${reviewersInWords(escalation.reviewers)}`
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

function contextOf(
  { context }: Reviewable,
  options: LeavesOptions,
): { shown: ReviewContent['context']; missing: readonly string[] } {
  if (context === null) return { shown: { status: 'none' }, missing: [] }
  if (context.status === 'unavailable')
    return { shown: { reason: wordsIn(options)(context.reason), status: 'unavailable' }, missing: [] }
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
  return {
    by: words(edited.byName),
    changes: edited.changes.map(({ path, before, after }) => ({ after, before, path })),
  }
}
