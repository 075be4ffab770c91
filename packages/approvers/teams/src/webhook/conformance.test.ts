import type { ApproverHost, Principal } from '@gatewright/core'
import { type ApproverHarness, describeApprover } from '@gatewright/testing/conformance'
import { elementsOf, textOf } from '../../test/card-schema'
import { fakeWorkflow } from '../../test/workflow'
import { teamsWebhookApprover } from './teams-webhook-approver'

const ada: Principal = {
  type: 'human',
  issuer: 'https://idp.test',
  subject: 'ada',
  name: 'Ada',
  groups: ['ops'],
  assurance: { method: 'sso' },
}

const harness: ApproverHarness = {
  async create() {
    const workflow = await fakeWorkflow()
    const { url, network } = workflow
    const approver = teamsWebhookApprover({ url, network })
    const answers: string[] = []
    let inbox: ApproverHost | null = null
    const start = approver.start?.bind(approver)
    const about = (requestId: string) =>
      workflow.cards.filter((card) => textOf(card).includes(`Request ${requestId}`))

    /** What a person does: opens the link of the newest card, reads the whole request in the inbox, and decides there. */
    async function decide(
      requestId: string,
      decision: 'approve' | 'reject',
      note?: string,
    ): Promise<boolean> {
      const link = about(requestId)
        .flatMap(elementsOf)
        .map(({ type, url: to }) => (type === 'Action.OpenUrl' ? String(to) : ''))
        .filter((to) => to === `https://gate.test/requests/${requestId}`)
        .at(-1)
      const review = await inbox?.get(requestId)
      if (link === undefined || !review || inbox === null || review.progress.status !== 'pending') {
        answers.push('Nothing can be decided here.')
        return false
      }
      const said = note === undefined ? {} : { note }
      const receipt = await inbox
        .vote({ requestId, digest: review.digest, decision, actor: ada, ...said })
        .catch(() => ({ message: 'It could not be stored.' }))
      answers.push(JSON.stringify(review.content.arguments), JSON.stringify(receipt))
      return true
    }

    return {
      approver: {
        ...approver,
        async start(host) {
          await start?.(host)
          inbox = host
        },
        async stop() {
          inbox = null
          await approver.stop?.()
        },
      },
      person: ada,
      see: () => [...workflow.cards.map(textOf), ...answers].join('\n'),
      messages: (requestId) => about(requestId).length,
      showsApproved: (requestId) => about(requestId).some((card) => /^✅ Approved/m.test(textOf(card))),
      approve: (requestId) => decide(requestId, 'approve'),
      reject: (requestId, reason) => decide(requestId, 'reject', reason),
      live: () =>
        workflow.cards
          .flatMap(elementsOf)
          .filter(
            ({ type, url: to }) =>
              type === 'TextBlock' || (to !== undefined && !String(to).startsWith('https://gate.test/')),
          )
          .map((element) => JSON.stringify(element)),
      stall() {
        workflow.state.stall = true
      },
      dispose: workflow.close,
    }
  },
  // Its messages can only be read: nothing comes back, and nothing is changed.
  capabilities: { edit: false, forge: false, inbound: false, seal: false, update: false },
}

describeApprover('the Workflows webhook for Teams', harness)
