import {
  type Directory,
  type PersonRef,
  parseRequirement,
  type ReviewerSelector,
  type Stage,
} from '@gatewright/core'
import type { GateOptions } from '../../create-gate'
import { type DoctorFindings, reasonOf } from './findings'

/** Whether those who are to review can approve at all: somebody has to be there, and nobody approves what is their own. */
export async function checkReviewers(
  { agent, directory, requirement, reviewers }: GateOptions,
  findings: DoctorFindings,
): Promise<void> {
  const written = requirement ?? { reviewers: reviewers as NonNullable<GateOptions['reviewers']> }
  const { stages } = parseRequirement({ id: 'default', ...written }, 'createGate')
  for (const stage of stages) await checkStage(stage, agent.owner, directory ?? null, findings)
  if (agent.owner === null)
    findings.ok(
      'reviewers',
      'nobody answers for the agent (owner: null), so everybody in the groups may decide',
    )
}

async function checkStage(
  { atLeast, name, reviewers }: Stage,
  owner: PersonRef | null,
  directory: Directory | null,
  findings: DoctorFindings,
): Promise<void> {
  const known = await peopleOf(reviewers, directory).catch((error: unknown) => reasonOf(error))
  const who = wordsOf(reviewers)
  if (typeof known === 'string') {
    findings.warning(
      'reviewers',
      `the directory does not answer who ${who} is: ${known}`,
      'while it does not answer, no vote counts: look at it',
    )
    return
  }
  if (known === null) {
    findings.ok('reviewers', `${who} decides ("${name}"); who that is, is told by how people sign in`)
    return
  }
  const own = owner === null ? null : keyOf((await directory?.resolve(owner).catch(() => null)) ?? owner)
  const able = [...known].filter((key) => key !== own)
  if (known.size === 0)
    findings.problem(
      'reviewers',
      `there is nobody in ${who}: nothing can ever be approved`,
      'put people into the group in the directory, or name another one in "reviewers"',
    )
  else if (able.length < atLeast)
    findings.problem(
      'reviewers',
      `${who} has ${able.length} who may decide, and ${atLeast} must${known.size > able.length ? ': who answers for the agent never approves it' : ''}`,
      known.size > able.length
        ? 'name more people than the agent\'s owner in "reviewers" (separation of duties, I4)'
        : 'lower atLeast, or name more people in "reviewers"',
    )
  else findings.ok('reviewers', `${who} decides ("${name}"): ${able.length} who may, ${atLeast} must`)
}

/** Everybody whom a selector names; `null` where nobody can list them. */
async function peopleOf(
  selector: ReviewerSelector,
  directory: Directory | null,
): Promise<ReadonlySet<string> | null> {
  if (selector.type === 'person') return new Set([keyOf((await directory?.resolve(selector)) ?? selector)])
  if (selector.type === 'group') {
    const members = await directory?.members?.(selector.name)
    return members === undefined ? null : new Set(members.map(keyOf))
  }
  const parts = await Promise.all(selector.of.map((one) => peopleOf(one, directory)))
  return parts.includes(null) ? null : new Set(parts.flatMap((part) => [...(part ?? [])]))
}

function keyOf({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}

function wordsOf(selector: ReviewerSelector): string {
  if (selector.type === 'group') return `group "${selector.name}"`
  if (selector.type === 'person') return `${selector.subject} of ${selector.issuer}`
  return selector.of.map(wordsOf).join(' or ')
}
