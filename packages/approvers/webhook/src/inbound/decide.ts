import {
  type ApproverHost,
  GatewrightError,
  type Principal,
  type VoteInput,
  type VoteReceipt,
} from '@gatewright/core'
import { KeysUnavailableError } from '../identity/issuer-keys'
import type { IdentityVerifier } from '../identity/verify-identity'
import { decision as decisionSchema, statement as statementSchema } from '../schema/decision'
import { statementNonce } from '../statement-nonce'
import { decodeText, parseJson } from './parse-json'
import { invalid, type Reply, told, unavailable } from './reply'

/** What a decision is judged with. */
export interface Judging {
  readonly host: ApproverHost
  readonly identities: IdentityVerifier
  readonly audience: string
  /** Whether the approver was stopped meanwhile. */
  stopped(): boolean
}

/**
 * Makes one vote of a body whose sender was verified. The actor is the person whose own signed token came with it and says
 * so of this very statement (I5, T03); the request and the document are those of the sealed token (T38).
 */
export async function decide(judging: Judging, body: Uint8Array): Promise<Reply> {
  const { host, identities, audience } = judging
  const text = decodeText(body)
  const decision = decisionSchema.safeParse(text === null ? undefined : parseJson(text))
  if (!decision.success) return malformed('decision', decision.error)
  const { statement: written, identity } = decision.data
  const statement = statementSchema.safeParse(parseJson(written))
  if (!statement.success) return malformed('statement', statement.error)
  const opened = host.open(statement.data.token, audience)
  if (opened === null)
    return invalid(403, 'the decision token is not one for this receiver, or is past its end')

  let verified: Awaited<ReturnType<IdentityVerifier['verify']>>
  try {
    verified = await identities.verify(identity, statementNonce(written))
  } catch (error) {
    if (!(error instanceof KeysUnavailableError)) throw error
    host.logger.warn(error.message, { error: error.cause })
    return unavailable('The keys of the identity token’s issuer could not be read')
  }
  const { principal: actor, problem } = verified
  if (problem !== undefined) return invalid(403, problem)
  if (judging.stopped()) return unavailable('The approver was stopped')

  const { decision: choice, note, edits } = statement.data
  const { requestId, digest } = opened
  return cast(host, {
    requestId,
    digest,
    decision: choice,
    actor,
    ...(note === undefined ? {} : { note }),
    ...(edits === undefined ? {} : { edits }),
  })
}

async function cast(host: ApproverHost, vote: VoteInput): Promise<Reply> {
  let receipt: VoteReceipt
  try {
    receipt = await host.vote(vote)
  } catch (error) {
    if (GatewrightError.isInstance(error, 'ERR_VOTE_MALFORMED'))
      return invalid(400, 'the statement is no vote')
    host.logger.error('a decision could not be stored', { error })
    return unavailable('The decision could not be stored')
  }
  return told(receipt, await invitationFor(host, receipt, vote.actor))
}

/** A way for somebody whom nobody knows yet; `null` for anybody else. Says nothing about the request (T04). */
async function invitationFor(
  host: ApproverHost,
  receipt: VoteReceipt,
  { issuer, subject, name }: Principal,
): Promise<string | null> {
  if (receipt.status !== 'refused' || receipt.reason !== 'not-found') return null
  try {
    const known = await host.identify({ issuer, subject })
    return known === null ? host.invite({ issuer, subject }, name) : null
  } catch {
    // The answer stands without it.
    return null
  }
}

/** Names the place, and repeats nothing of what stands there: its keys are the sender's too. */
function malformed(
  what: string,
  {
    issues,
  }: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly code: string }[] },
): Reply {
  const [issue] = issues
  if (issue?.code === 'unrecognized_keys') return invalid(400, `the ${what} has a field that is not known`)
  const place = (issue?.path ?? [])
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
  return invalid(400, `the ${what}${place} is not what the schema says`)
}
