import type { MeaningContext } from './meaning-context'
import { effectOf } from './policy-record'
import type { CreatedFacts } from './request-facts'
import type { LoggedEvent } from './told'

/** Judges what a request says when it begins: its rules, what they ask for, how long it may take, what it rests on. */
export function judgeCreation(
  created: CreatedFacts,
  about: LoggedEvent,
  { policyHashes, tell }: Pick<MeaningContext, 'policyHashes' | 'tell'>,
): void {
  const { basis, carriedVotes, expiresAt, requirements, rules, status } = created
  const carried = carriedVotes.length > 0
  const effect = effectOf(rules)
  if (!carried && policyHashes.of(about.event.data.requirements, rules) !== created.policyHash)
    tell(
      'error',
      'policy-hash',
      'the policy hash is not that of the rules and requirements that are stated',
      about,
    )
  if (effect === 'deny') tell('error', 'rule-mismatch', 'a request was opened though a rule denies it', about)
  const within = Math.min(...requirements.map(({ withinMs }) => withinMs))
  if (requirements.length > 0 && !carried && expiresAt > about.event.time + within)
    tell('error', 'deadline-too-late', 'a request may wait longer than its requirement allows', about)
  if (status === 'pending') {
    if (requirements.length === 0 || basis !== null || carried)
      tell(
        'error',
        'requirement-invalid',
        'a request waits for people, and nothing is required of them',
        about,
      )
    return
  }
  if (created.useBefore === null)
    tell('error', 'deadline-too-late', 'an approval may be used for ever', about)
  const holds =
    (basis === 'policy' && effect === 'allow' && requirements.length === 0) ||
    (basis === 'observe' && effect !== 'deny') ||
    (basis === 'grant' && created.grantId !== null && requirements.every(({ grantable }) => grantable)) ||
    (basis === 'votes' && carried && created.retryOf !== null)
  if (!holds)
    tell(
      'error',
      'run-without-basis',
      `a request is approved from the start on the basis "${basis}", which nothing supports`,
      about,
    )
}
