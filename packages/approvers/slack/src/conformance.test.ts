import type { Principal } from '@gatewright/core'
import type { FakeClock } from '@gatewright/testing'
import { type ApproverSeat, describeApprover } from '@gatewright/testing/conformance'
import { connect, optionsFor } from '../test/app'
import { buttonOf, fakeSlack } from '../test/fake-slack'
import { displayed, liveIn } from '../test/fake-slack/displayed'
import type { FakeMessage } from '../test/fake-slack/state'
import { slackApprover } from './slack-approver'

const ada: Principal = {
  type: 'human',
  issuer: 'slack:T0HOME',
  subject: 'U0ADA',
  name: 'Ada',
  groups: [],
  assurance: { method: 'chat' },
}

async function seatAt({ clock }: { readonly clock: FakeClock }): Promise<ApproverSeat> {
  const slack = await fakeSlack({ now: () => clock.now() })
  const approver = slackApprover(optionsFor(slack))
  connect(slack, approver)
  const { state } = slack

  const messagesOf = (requestId: string): readonly FakeMessage[] =>
    slack.messages('C0OPS').filter((one) => one.metadata?.event_payload.request_id === requestId)

  /** The newest message of a request that offers it. */
  const offering = (requestId: string, action: string): FakeMessage | undefined =>
    messagesOf(requestId)
      .filter(({ blocks }) => buttonOf(blocks, action) !== undefined)
      .at(-1)

  /** Resolves once the person was answered, or the vote failed and they were told. */
  async function answered(work: () => Promise<unknown>): Promise<void> {
    const before = state.ephemerals.length
    await work()
    await slack.until('the person is answered', () => state.ephemerals.length > before)
  }

  async function pressed(requestId: string, action: string, change: object = {}): Promise<boolean> {
    const message = offering(requestId, action)
    const button = message && buttonOf(message.blocks, action)
    if (message === undefined || button === undefined) return false
    await answered(() => slack.press('U0ADA', message, button, change))
    return true
  }

  return {
    approver,
    person: ada,
    see: () =>
      [
        ...slack.messages('C0OPS').map(({ blocks }) => displayed(blocks)),
        ...state.ephemerals.map(({ blocks }) => displayed(blocks)),
        ...[...state.views.values()].map(({ view }) => displayed(view.blocks)),
      ].join('\n'),
    messages: (requestId) => messagesOf(requestId).length,
    showsApproved: (requestId) =>
      messagesOf(requestId).some(({ blocks }) => /^Status: .*\bApproved\b/m.test(displayed(blocks))),
    approve: (requestId) => pressed(requestId, 'gatewright_approve'),
    async reject(requestId, reason = '') {
      const message = offering(requestId, 'gatewright_reject')
      const button = message && buttonOf(message.blocks, 'gatewright_reject')
      if (message === undefined || button === undefined) return false
      const before = new Set(state.views.keys())
      await slack.press('U0ADA', message, button)
      await slack.until('a modal opens', () => [...state.views.keys()].some((id) => !before.has(id)))
      const view = [...state.views.values()].find(({ id }) => !before.has(id))
      if (view === undefined) return false
      await answered(() => slack.submit('U0ADA', view, reason))
      return true
    },
    forge: (requestId, { subject, name }) =>
      pressed(requestId, 'gatewright_approve', {
        user_id: subject,
        actor: { id: subject, name },
        message: { user: subject, username: name },
      }),
    live: () =>
      slack
        .messages('C0OPS')
        .flatMap(({ blocks, text }) => liveIn(blocks, text))
        .filter((one) => !one.startsWith('https://gate.test/')),
    stall: () => slack.api.stall(),
    dispose: () => slack.close(),
  }
}

describeApprover('Slack', { capabilities: { edit: false }, create: seatAt })
