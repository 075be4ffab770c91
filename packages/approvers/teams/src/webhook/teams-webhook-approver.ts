import {
  type Approver,
  type Clock,
  type Delivery,
  GatewrightError,
  OptionError,
  type ReviewDocument,
  systemClock,
} from '@gatewright/core'
import { createClient, type OutboundClient } from '@gatewright/outbound'
import { CARD_LIMITS, documentCard, outcomeCard } from '../card/document-card'
import { type AdaptiveCard, isAddress } from '../card/elements'
import { isGone, TeamsError } from '../failure'
import { inTurn } from '../turns'
import { resolveWebhookOptions, type TeamsWebhookApproverOptions } from './options'

/** What was posted, for what is sent or updated again. */
const MOST_REMEMBERED = 10_000

/**
 * Shows requests in a channel or chat of Microsoft Teams by a Workflows webhook: no app, no inbound address. Its cards can
 * only be read, and their button opens the inbox, where people decide: so the gate needs a `link`.
 *
 * - A webhook's message can never be changed. Its card therefore says that it stands as it was sent, and `update` posts a
 *   short card with what became of the request, once for each state it ends in (`outcomes`). Nothing on either decides.
 * - Delivering twice under one id posts once, as long as the program runs. A workflow has no way to say what it posted, so
 *   after a crash in between there can be two cards: both lead to the one request (T51).
 * - The address is a secret, and stands in no log and no error. Internal addresses are refused (T36).
 *
 * `start` rejects when the gate has no `link`.
 *
 * @throws OptionError for a wrong option, and for an address without its signature (T18)
 * @throws OutboundError `ERR_OUTBOUND_FORBIDDEN` when the address is internal
 * @example
 * ```ts
 * import { teamsWebhookApprover } from '@gatewright/teams'
 *
 * const teams = teamsWebhookApprover({ url: process.env['TEAMS_WORKFLOW_URL'] ?? '' })
 * ```
 */
export function teamsWebhookApprover(options: TeamsWebhookApproverOptions): Approver {
  const { name, url, outcomes, network } = resolveWebhookOptions(options)
  const check = createClient(network)
  check.judge(url, 'teamsWebhookApprover.url')
  check.close()
  let client: OutboundClient | null = null
  let clock: Clock = systemClock
  const posted = new Map<string, Promise<void>>()

  async function post(card: AdaptiveCard, signal?: AbortSignal): Promise<void> {
    if (client === null)
      throw new GatewrightError(
        'ERR_TEAMS_FAILED',
        'the approver for Teams is not started. Nothing was sent.',
      )
    const body = JSON.stringify({
      type: 'message',
      attachments: [
        { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card },
      ],
    })
    const headers = { 'content-type': 'application/json' }
    const sender = client
    const request = { method: 'post', url, headers, body, ...(signal ? { signal } : {}) } as const
    const { status } = await inTurn(clock, () => sender.request(request), signal)
    if (status < 200 || status > 299)
      throw new TeamsError(
        `the workflow in Teams answered ${status}. Look at its run history in Power Automate.`,
        { status },
      )
  }

  /** Posts once for a key; what failed is posted when it is asked for again. */
  function once(key: string, card: AdaptiveCard, signal?: AbortSignal): Promise<void> {
    const earlier = posted.get(key)
    if (earlier !== undefined) return earlier
    const posting = post(card, signal)
    posted.set(key, posting)
    posting.catch(() => posted.delete(key))
    for (const oldest of posted.keys()) {
      if (posted.size <= MOST_REMEMBERED) break
      posted.delete(oldest)
    }
    return posting
  }

  return {
    name,
    limits: CARD_LIMITS,
    async start(host) {
      if (!isAddress(host.link('request')))
        throw new OptionError(
          'createGate.link',
          `is needed by the approver "${name}": its cards can only open the inbox. Give the address of a request there`,
        )
      clock = host.clock
      client = createClient({ ...network, clock })
    },
    async deliver(review, _to, deliveryId, signal): Promise<Delivery> {
      signal.throwIfAborted()
      await once(deliveryId, documentCard(review, { for: 'readers', fixed: true }), signal)
      return { reference: deliveryId }
    },
    async update(review, { id, reference }) {
      if (reference === null) throw gone('this request has no card in Teams, and gets none now.', review)
      const { status } = review.progress
      // What passes is not worth a message: it is followed by how it ended.
      if (!outcomes || status === 'pending' || status === 'executing') return
      await once(`${id} ${status}`, outcomeCard(review)).catch((cause: unknown) => {
        if (!isGone(cause)) throw cause
        throw gone('the workflow in Teams is no more.', review, cause)
      })
    },
    async stop() {
      client?.close()
      client = null
    },
  }
}

function gone(problem: string, { requestId }: ReviewDocument, cause?: unknown): GatewrightError {
  return new GatewrightError('ERR_MESSAGE_GONE', `${problem} The request stays as it is.`, {
    requestId,
    cause,
  })
}
