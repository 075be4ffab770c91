import type { Approver } from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'
import { type FakeHost, fakeHost } from '@gatewright/testing/conformance'
import { type SlackApproverOptions, slackApprover } from '../src'
import { buttonOf, type FakeSlack, fakeSlack } from './fake-slack'
import { displayed } from './fake-slack/displayed'
import type { FakeMessage, OpenView } from './fake-slack/state'

/** Where the server would mount the approver. */
export const INTERACTIVITY = 'https://gate.test/approvers/slack/interactivity'

/** Lets a fake Slack reach an approver over HTTP. */
export function connect(slack: FakeSlack, approver: Approver): void {
  slack.receiver = async (payload) => {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
    const request = new Request(INTERACTIVITY, { method: 'POST', body, headers: slack.sign(body) })
    const response = await approver.handle?.(request)
    if (response?.status !== 200) throw new Error(`Slack was answered with ${response?.status}`)
    const text = await response.text()
    return text === '' ? null : JSON.parse(text)
  }
}

/** An approver that was started, with everything around it. */
export interface App {
  readonly slack: FakeSlack
  readonly approver: Approver
  readonly host: FakeHost
  readonly clock: FakeClock
  /** Opens a request and has it delivered. */
  ask(
    requestId: string,
    source?: Partial<Parameters<FakeHost['ask']>[0]>,
    deliveryId?: string,
  ): Promise<FakeMessage>
  /** Presses the newest button of this kind of a request's message, and waits for what the person is told. */
  press(user: string, requestId: string, action: string): Promise<string>
  /** Opens a modal by a button, and waits until it shows what it is for. */
  open(user: string, requestId: string, action: string): Promise<OpenView>
  /** What somebody was told last, as displayed. */
  told(user: string): string
  /** Waits until somebody is told something by what is done meanwhile. */
  answered(user: string, work: () => Promise<unknown>): Promise<string>
  messageOf(requestId: string, channel?: string): FakeMessage | undefined
  end(): Promise<void>
}

/** Options of an approver for a fake workspace. */
export function optionsFor(slack: FakeSlack, more: Partial<SlackApproverOptions> = {}): SlackApproverOptions {
  const { token, signingSecret, api } = slack
  return { token, signingSecret, channel: 'C0OPS', slackApiUrl: api.url, ...more }
}

/** Starts an approver on a fake workspace. */
export async function startApp(
  more: Partial<SlackApproverOptions> = {},
  given: {
    readonly slack?: FakeSlack
    readonly clock?: FakeClock
    readonly host?: FakeHost
    readonly options?: SlackApproverOptions
  } = {},
): Promise<App> {
  const clock = given.clock ?? fakeClock()
  const slack = given.slack ?? (await fakeSlack({ now: () => clock.now() }))
  const host = given.host ?? fakeHost(clock)
  const approver = slackApprover({ ...(given.options ?? optionsFor(slack)), ...more })
  connect(slack, approver)
  await approver.start?.(host)
  let deliveries = 0

  const toldTo = (user: string) => [
    ...slack.state.ephemerals.filter((one) => one.user === user),
    ...slack.messages(`D${user.slice(1)}`).filter(({ metadata }) => metadata === null),
  ]

  const app: App = {
    slack,
    approver,
    host,
    clock,
    async ask(requestId, source = {}, deliveryId) {
      deliveries += 1
      const review = host.ask({ requestId, ...source }, approver.limits)
      await approver.deliver(
        review,
        { stages: [], purpose: 'ask' },
        deliveryId ?? `delivery-${deliveries}`,
        new AbortController().signal,
      )
      const message = app.messageOf(requestId)
      if (message === undefined) throw new Error(`there is no message of ${requestId}`)
      return message
    },
    async press(user, requestId, action) {
      const message = app.messageOf(requestId)
      const button = buttonOf(message?.blocks ?? [], action)
      if (message === undefined || button === undefined) throw new Error(`${requestId} offers no ${action}`)
      return app.answered(user, () => slack.press(user, message, button))
    },
    async open(user, requestId, action) {
      const message = app.messageOf(requestId)
      const button = buttonOf(message?.blocks ?? [], action)
      if (message === undefined || button === undefined) throw new Error(`${requestId} offers no ${action}`)
      const before = slack.state.views.size
      await slack.press(user, message, button)
      await slack.until('a modal opens', () => slack.state.views.size > before)
      const view = [...slack.state.views.values()].at(-1)
      if (view === undefined) throw new Error('no modal')
      await slack.until('the modal is filled', () => !displayed(view.view.blocks).includes('Loading…'))
      return view
    },
    told: (user) => displayed(toldTo(user).at(-1)?.blocks ?? []),
    async answered(user, work) {
      const before = toldTo(user).length
      await work()
      await slack.until(`${user} is answered`, () => toldTo(user).length > before)
      return app.told(user)
    },
    messageOf: (requestId, channel = 'C0OPS') =>
      slack.messages(channel).find((one) => one.metadata?.event_payload.request_id === requestId),
    async end() {
      await approver.stop?.()
      await slack.close()
    },
  }
  return app
}
