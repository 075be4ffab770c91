import type { ArgumentEdit, VoteRefusal } from '../contracts/approver'
import type { Json } from '../contracts/json'
import type { Requirement } from '../contracts/policy'
import type { Assurance, CanonicalPerson } from '../contracts/principal'
import type { ApprovalRequest, EditedArguments, Vote } from '../contracts/request'
import { GatewrightError } from '../errors'
import { countsIn } from '../policy/progress'
import { requirementHash } from '../policy/requirement'
import { applyEdits } from '../present/apply-edits'
import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import { type NamedArguments, nameArguments, unnameArguments } from '../values/named-arguments'
import { restoreArguments } from '../values/restore'
import { effectiveArguments, effectiveDigest } from './effective-digest'
import type { Engine } from './engine'
import { personData } from './events'
import type { Move } from './lifecycle'
import { prepareEdited, takePins, validateEdited } from './prepare'
import { completeContent, editChanges, requestRedactor } from './present'

/** An edit that may become a vote: what would run instead, and what everyone must agree to. */
export interface Edit {
  readonly edited: EditedArguments
  readonly seen: Extract<Move, { type: 'edit' }>['seen']
  readonly vote: Pick<Vote, 'argumentsDigest' | 'reviewDigest' | 'countsIn' | 'changes'>
  readonly stages: Vote['countsIn']
}

/**
 * Makes the edited arguments of what stands now, what people do not see included, and checks them as if they had been called: the tool's schema, lookups, pins, policy. Earlier votes do not
 * carry over: they were cast on other arguments (I2).
 */
export async function prepareEdit(
  engine: Engine,
  request: ApprovalRequest,
  edits: readonly ArgumentEdit[],
  person: CanonicalPerson,
  assurance: Assurance,
): Promise<Edit | { readonly refusal: VoteRefusal; readonly detail?: string }> {
  // I2: as the call that waits has it: the name may be that of another function by now, with another schema or no pin.
  const action = engine.calls.get(request.id) ?? engine.actions.get(request.action)?.action
  if (action === undefined || request.live) return { refusal: 'edit-unsupported' }
  const text = await editedText(engine, request, edits, action)
  if (typeof text !== 'string') return { refusal: 'edit-invalid', detail: text.problem }
  const digest = sha256Hex(text)
  if (digest === effectiveDigest(request)) return { refusal: 'edit-invalid', detail: 'Nothing was changed.' }
  const { context, risk, facts } = await prepareEdited(engine, action, text, request)
  const record = await engine.policies.decide(facts)
  if (record.effect === 'deny')
    return {
      refusal: 'edit-denied',
      detail: record.rules.find((rule) => rule.effect === 'deny')?.reason ?? '',
    }
  const pins = await takePins(engine, action, facts)
  // Editing may add reviewers, never shed any.
  const requirements = union(request.policy.requirements, record.requirements)
  const policy = {
    ...record,
    effect: 'require' as const,
    requirements,
    hash: sha256Hex(canonicalize([record.hash, requirements.map(requirementHash)])),
  }
  const now = engine.store.now()
  const unchanged = {
    arguments: text,
    digest,
    by: personData(person),
    byName: person.name,
    changes: [],
    at: now,
  }
  const changes = editChanges(request, { ...request, edited: unchanged })
  const edited: EditedArguments = { ...unchanged, changes }
  const next: ApprovalRequest = { ...request, edited, policy, context, risk, pins }
  const reviewDigest = completeContent(engine, next).digest
  const counting = countsIn(requirements, [], digest, [], person, assurance, now)
  if (counting.status !== 'counts')
    return {
      refusal: counting.status === 'assurance' ? 'assurance' : 'edit-denied',
      detail: 'You cannot approve the edited call.',
    }
  return {
    edited,
    seen: { policy, context, risk, pins, reviewDigest },
    vote: { argumentsDigest: digest, reviewDigest, countsIn: counting.stages, changes },
    stages: counting.stages,
  }
}

type Action = NonNullable<ReturnType<Engine['actions']['get']>>['action']

async function editedText(
  engine: Engine,
  request: ApprovalRequest,
  edits: readonly ArgumentEdit[],
  action: Action,
): Promise<string | { readonly problem: string }> {
  try {
    // I2: of the gate's own snapshot, or of what another reviewer made of it, never of what a channel sends back.
    const list = JSON.parse(effectiveArguments(request)) as Json[]
    const redactor = requestRedactor(request.presentation)
    const applied = applyEdits(nameArguments(list, request.parameters), edits, redactor)
    if ('problem' in applied) return applied
    const view = applied.view as NamedArguments<Json>
    const encoded = canonicalize(unnameArguments(view, list, request.parameters, { $type: 'undefined' }))
    return await validateEdited(engine, action, restoreArguments(encoded))
  } catch (error) {
    if (GatewrightError.isInstance(error)) return { problem: error.message }
    throw error
  }
}

function union(first: readonly Requirement[], second: readonly Requirement[]): readonly Requirement[] {
  const known = new Set(first.map(requirementHash))
  return [...first, ...second.filter((requirement) => !known.has(requirementHash(requirement)))]
}
