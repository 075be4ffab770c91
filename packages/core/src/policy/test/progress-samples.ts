import type { Requirement } from '../../contracts/policy'
import { type CountedVote, countsIn, type StageRefs } from '../progress'
import { group } from '../reviewers'
import { DIGEST, required, type someone } from './samples'

/** How people of a chat were verified. */
export const CHAT = { method: 'chat' } as const
/** When it is. */
export const NOW = 1_000_000

/** Two of one group. */
export const two = required({ reviewers: group('ops', { atLeast: 2 }) })
/** One of a group, with an escalation; then two of another, signed in. */
export const staged = required({
  stages: [
    { name: 'first', reviewers: group('ops'), escalate: { after: '10m', to: group('leads') } },
    { name: 'second', reviewers: group('security', { atLeast: 2 }), assurance: { sso: true } },
  ],
})

/** Where the vote of a person would count. */
export function counting(
  requirements: readonly Requirement[],
  votes: readonly CountedVote[],
  subject: ReturnType<typeof someone>,
  escalated: StageRefs = [],
) {
  return countsIn(requirements, votes, DIGEST, escalated, subject, CHAT, NOW)
}
