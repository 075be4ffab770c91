import type { ArgumentEdit, VoteInput } from '../contracts/approver'
import { GatewrightError } from '../errors'

const FIELDS = ['requestId', 'decision', 'digest', 'actor', 'note', 'edits', 'proof']
const MAX_NOTE = 4_000

/**
 * Checks a vote's form, strictly: a field that is not known is refused, never ignored (T08).
 *
 * @throws GatewrightError `ERR_VOTE_MALFORMED` naming the field
 */
export function parseVote(input: VoteInput): VoteInput {
  if (typeof input !== 'object' || input === null) throw malformed('vote', 'is an object')
  for (const field of Object.keys(input))
    if (!FIELDS.includes(field)) throw malformed(field, 'is not a field of a vote')
  const { requestId, decision, digest, actor, note, edits, proof } = input
  if (typeof requestId !== 'string' || requestId === '' || requestId.length > 100)
    throw malformed('requestId', 'is a request id')
  if (decision !== 'approve' && decision !== 'reject') throw malformed('decision', "is 'approve' or 'reject'")
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest))
    throw malformed('digest', 'is the digest of the document that was shown')
  parseActor(actor)
  if (note !== undefined && (typeof note !== 'string' || note.length > MAX_NOTE))
    throw malformed('note', `is a text of at most ${MAX_NOTE} characters`)
  if (edits !== undefined && decision === 'reject') throw malformed('edits', 'goes with an approval')
  if (edits !== undefined) parseEdits(edits)
  if (proof !== undefined && typeof proof !== 'string') throw malformed('proof', 'is a text')
  return input
}

function parseActor(actor: VoteInput['actor'] | undefined): void {
  if (typeof actor !== 'object' || actor === null)
    throw malformed('actor', 'is the principal that the transport verified')
  const { type, issuer, subject, name, groups, assurance } = actor
  if (type !== 'human' && type !== 'agent' && type !== 'service')
    throw malformed('actor.type', "is 'human', 'agent' or 'service'")
  for (const [field, value] of Object.entries({ issuer, subject, name })) {
    if (typeof value !== 'string' || value === '') throw malformed(`actor.${field}`, 'is a non-empty text')
  }
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string'))
    throw malformed('actor.groups', 'is a list of group names')
  if (typeof assurance?.method !== 'string')
    throw malformed('actor.assurance', 'says how the transport verified the person')
}

/** The form only: whether a change can be made is answered, not thrown. */
function parseEdits(edits: unknown): void {
  if (!Array.isArray(edits))
    throw malformed('edits', 'is a list of changes: { path, value } or { path, remove: true }')
  for (const [index, edit] of edits.entries()) {
    const { path, remove } = (edit ?? {}) as ArgumentEdit
    if (typeof path !== 'string') throw malformed(`edits[${index}].path`, 'is a JSON Pointer')
    const fields = Object.keys(edit as ArgumentEdit)
      .sort()
      .join(' ')
    if (fields === 'path value' || (fields === 'path remove' && remove === true)) continue
    throw malformed(`edits[${index}]`, 'is { path, value } or { path, remove: true }')
  }
}

function malformed(field: string, problem: string): GatewrightError {
  return new GatewrightError(
    'ERR_VOTE_MALFORMED',
    `the vote's ${field} ${problem}. The vote was not counted.`,
  )
}
