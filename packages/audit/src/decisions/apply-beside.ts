import type { LogEvent } from '../event'
import { numberOf, textOf } from '../verify/meaning/facts'
import type { Draft } from './draft'
import { namedPerson, personText, shownText } from './read-data'

/** Adds to a draft what an event beside its chain tells of it: credentials, refused votes, recorded steps. */
export function applyBeside(draft: Draft, { data, id, time, type }: LogEvent): void {
  if (type === 'execution.recorded') {
    draft.recordedSteps += 1
    return
  }
  if (!type.startsWith('credential.')) return
  const leaseId = textOf(data.leaseId)
  if (leaseId === null) return
  const credential = draft.credentials.get(leaseId) ?? {
    leaseId,
    broker: shownText(data.broker),
    handle: null,
    issuedAt: null,
    expiresAt: null,
    revokedAt: null,
    revocationFailedAt: null,
  }
  draft.credentials.set(leaseId, credential)
  credential.handle = shownText(data.handle) ?? credential.handle
  if (type === 'credential.issued') {
    credential.issuedAt = time
    credential.expiresAt = numberOf(data.expiresAt)
  }
  if (type === 'credential.revoked') credential.revokedAt = time
  if (type !== 'credential.revocation-failed') return
  credential.revocationFailedAt = time
  draft.exceptions.push({
    code: 'credential-revocation-failed',
    at: time,
    eventId: id,
    subject: draft.id,
    text: `A credential of ${credential.broker ?? 'a broker'} could not be revoked at once.`,
  })
}

/** What a refused vote tells: who tried, and why it did not count. */
export function refusedVoteText({ data }: LogEvent): string {
  const actor = personText(namedPerson(data.actor))
  const wanted = data.decision === null ? 'vote' : data.decision === 'reject' ? 'reject' : 'approve'
  const reason = shownText(data.reason) ?? 'no reason is stated'
  return `${actor} tried to ${wanted}; refused: ${Object.hasOwn(REFUSALS, reason) ? REFUSALS[reason] : reason}.`
}

const REFUSALS: Readonly<Record<string, string>> = {
  'own-request': 'it is their own request',
  'not-found': 'they were not asked',
  'not-human': 'only people can vote',
  assurance: 'the sign-in was too weak or too old',
  malformed: 'what they sent is no vote, or says who votes',
  'too-late': 'it had been decided already',
  digest: 'what they had seen was not the request as it stands',
  'incomplete-view': 'they had not been shown all of it',
  'note-needed': 'a note is needed, and there was none',
  'earlier-stage': 'their stage was not open yet',
  'identity-unavailable': 'who they are could not be checked',
  'edit-invalid': 'their edit was not valid',
  'edit-denied': 'a rule denies what they edited it to',
}
