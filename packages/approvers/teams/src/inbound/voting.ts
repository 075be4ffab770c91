import type { ApproverHost, Principal, SealedValue, VoteReceipt } from '@gatewright/core'
import type { Notice } from '../card/document-card'
import { shortened } from '../card/elements'

/** Teams waits some ten seconds for an answer; past this one says that the vote is on its way. */
const ANSWER_WITHIN_MS = 7_000

/** Casts a vote on exactly what was shown, and says what became of it. Never claims what is not stored (T42). */
export async function castVote(
  host: ApproverHost,
  { requestId, digest }: SealedValue,
  decision: 'approve' | 'reject',
  actor: Principal,
  note: string | null,
): Promise<Notice> {
  const vote = { requestId, digest, decision, actor, ...(note === null ? {} : { note }) }
  const voting = host.vote(vote).then((receipt) => noticeOf(host, receipt, actor))
  const late = new Promise<null>((resolve) => {
    const timer = host.clock.setTimer(ANSWER_WITHIN_MS, () => resolve(null), { background: true })
    const end = (): void => timer.cancel()
    voting.then(end, end)
  })
  try {
    return (
      (await Promise.race([voting, late])) ?? {
        style: 'warning',
        text: 'Your vote is still being stored. Refresh this card in a moment to see whether it counted.',
      }
    )
  } catch (error) {
    host.logger.error('a vote from Teams could not be stored', { requestId, error })
    return {
      style: 'attention',
      text: 'Your vote could not be stored, so nothing was decided. Try again.',
    }
  }
}

async function noticeOf(host: ApproverHost, receipt: VoteReceipt, actor: Principal): Promise<Notice> {
  const { status, message } = receipt
  const text = shortened(message, 600)
  if (status === 'counted') return { style: 'good', text }
  if (status === 'already-counted') return { style: 'accent', text }
  if (status === 'too-late') return { style: 'warning', text }
  if (receipt.link !== undefined)
    return { style: 'attention', text, link: { title: 'Continue in the browser', url: receipt.link } }
  const url = receipt.reason === 'not-found' ? await invitation(host, actor) : null
  return {
    style: 'attention',
    text:
      url === null
        ? text
        : `${text} If your account in Teams is not linked to you yet, link it within ten minutes and press again.`,
    ...(url === null ? {} : { link: { title: 'Link my account', url } }),
  }
}

/** Only for identities that are nobody else's already: whoever is linked is not eligible, and no link helps. */
async function invitation(host: ApproverHost, { issuer, subject, name }: Principal): Promise<string | null> {
  const person = await host.identify({ issuer, subject }).catch(() => null)
  const linked = person !== null && (person.issuer !== issuer || person.subject !== subject)
  return linked ? null : host.invite({ issuer, subject }, shortened(name, 80))
}
