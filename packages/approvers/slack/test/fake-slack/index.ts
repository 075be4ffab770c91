import { createHmac } from 'node:crypto'
import { slackManifest } from '../../src/manifest'
import { type Api, startApi } from './api'
import { type FakeBlock, type FakeButton, modalView } from './block-rules'
import { buttonsIn } from './displayed'
import { inTime } from './in-time'
import { type Sockets, startSockets } from './sockets'
import { type FakeMessage, type FakeState, fakeChannel, fakeUser, type OpenView } from './state'

/** What an app answers to an interaction: its acknowledgement, `null` for an empty one. */
export type Receiver = (payload: object) => Promise<Readonly<Record<string, unknown>> | null>

/** A Slack workspace in this process that speaks Slack's own protocols and enforces Slack's own rules. */
export interface FakeSlack {
  readonly state: FakeState
  readonly api: Api
  readonly sockets: Sockets
  readonly token: string
  readonly appToken: string
  readonly signingSecret: string
  /** Where interactions go. */
  receiver: Receiver
  /** Roots and replies of a channel, oldest first. */
  messages(channel: string): readonly FakeMessage[]
  /** Somebody presses a button of a message. Resolves when it was acknowledged. */
  press(user: string, message: FakeMessage, button: FakeButton, change?: object): Promise<void>
  /** Somebody presses a button of a modal. */
  pressInView(user: string, view: OpenView, button: FakeButton): Promise<void>
  /** Somebody submits a modal. Resolves with the acknowledgement. */
  submit(
    user: string,
    view: OpenView,
    note: string,
    change?: object,
  ): Promise<Readonly<Record<string, unknown>> | null>
  /** Headers of a body as Slack signs it. */
  sign(body: string, timestamp?: number): Record<string, string>
  /** Resolves once a condition holds; it is looked at after each call to the API. Rejects after twenty seconds. */
  until(what: string, holds: () => boolean): Promise<void>
  /** Throws when a rule of Slack's was broken. */
  close(): Promise<void>
}

const TEAM = 'T0HOME'
const APP = 'A0APP'

/** Starts a workspace with a channel `C0OPS`, of which the app and everybody is a member. */
export async function fakeSlack({
  now = Date.now,
}: {
  readonly now?: () => number
} = {}): Promise<FakeSlack> {
  const users = [
    fakeUser('U0ADA', 'Ada'),
    fakeUser('U0BEN', 'Ben'),
    fakeUser('U0GUEST', 'Gus', { is_restricted: true }),
    fakeUser('U0ALIEN', 'Ali', { team_id: 'T0OTHER', is_stranger: true }),
    fakeUser('U0BOT', 'bot', { is_bot: true }),
    fakeUser('U0GONE', 'Gone', { deleted: true }),
  ]
  const everybody = users.map(({ id }) => id)
  const state: FakeState = {
    teamId: TEAM,
    enterpriseId: null,
    botId: 'B0BOT',
    scopes: slackManifest({ socketMode: true, userGroups: true }).oauth_config.scopes.bot,
    users: new Map(users.map((user) => [user.id, user])),
    usergroups: new Map([['S0OPS', ['U0ADA', 'U0BEN']]]),
    channels: new Map(['C0OPS', 'C0SEC'].map((id) => [id, fakeChannel(id, everybody)])),
    ephemerals: [],
    views: new Map(),
    triggers: new Map(),
    breaches: [],
    calls: [],
  }
  const token = 'xoxb-000000000000-fake-token'
  const appToken = 'xapp-000000000000-fake-token'
  const signingSecret = '0123456789abcdef0123456789abcdef'
  let made = 0
  const next = (): number => {
    made += 1
    return made
  }
  const sockets: Sockets = startSockets(() => api, state.breaches)
  const api = await startApi({
    state,
    token,
    appToken,
    now,
    nextTs: () => `${Math.floor(now() / 1_000)}.${`${next()}`.padStart(6, '0')}`,
    nextId: (prefix) => `${prefix}${next()}X`,
    socketUrl: () => sockets.url,
  })

  const sender = (user: string) => ({
    user: { id: user, username: 'whoever', team_id: state.users.get(user)?.team_id ?? TEAM },
    team: { id: TEAM, domain: 'home' },
    api_app_id: APP,
    token: 'legacy',
    trigger_id: trigger(user),
    enterprise: null,
    is_enterprise_install: false,
  })

  function trigger(user: string): string {
    const id = `${next()}.${TEAM}.trigger`
    state.triggers.set(id, { user, until: now() + 3_000 })
    return id
  }

  const deliver = (payload: object): ReturnType<Receiver> =>
    inTime(fake.receiver(payload), 'Slack was not answered within 3 seconds')

  const actionOf = ({ action_id, value }: FakeButton) => ({
    type: 'button',
    action_id,
    block_id: 'generated',
    ...(value === undefined ? {} : { value }),
    action_ts: `${now() / 1_000}`,
  })

  async function empty(answer: ReturnType<Receiver>): Promise<void> {
    if ((await answer) !== null) state.breaches.push('a button was acknowledged with a body')
  }

  const fake: FakeSlack = {
    state,
    api,
    sockets,
    token,
    appToken,
    signingSecret,
    receiver: () => Promise.reject(new Error('nobody receives interactions')),
    messages: (channel) => state.channels.get(channel)?.messages ?? [],
    press(user, message, button, change = {}) {
      const payload = {
        type: 'block_actions',
        ...sender(user),
        container: {
          type: 'message',
          message_ts: message.ts,
          channel_id: message.channel,
          is_ephemeral: false,
        },
        channel: { id: message.channel, name: 'ops' },
        message: { type: 'message', ts: message.ts, text: message.text, blocks: message.blocks },
        response_url: `${api.url}response`,
        actions: [actionOf(button)],
        ...change,
      }
      return empty(deliver(payload))
    },
    pressInView(user, { id, view }, button) {
      const payload = {
        type: 'block_actions',
        ...sender(user),
        container: { type: 'view', view_id: id },
        view: { id, ...view, state: { values: {} } },
        actions: [actionOf(button)],
      }
      return empty(deliver(payload))
    },
    async submit(user, { id, view }, note, change = {}) {
      const input = view.blocks.find((block) => block.type === 'input')
      const values =
        input === undefined
          ? {}
          : {
              [input.block_id ?? '']: {
                [input.element.action_id]: { type: 'plain_text_input', value: note || null },
              },
            }
      const answer = await deliver({
        type: 'view_submission',
        ...sender(user),
        view: { id, ...view, state: { values } },
        response_urls: [],
        ...change,
      })
      applyAnswer(id, answer)
      return answer
    },
    sign(body, timestamp = Math.floor(now() / 1_000)) {
      const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')
      return {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': `${timestamp}`,
        'x-slack-signature': `v0=${signature}`,
      }
    },
    async until(what, holds) {
      const started = performance.now()
      while (!holds()) {
        if (performance.now() - started > 20_000) throw new Error(`never came to be: ${what}`)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    async close() {
      sockets.close()
      await api.close()
      if (state.breaches.length > 0)
        throw new Error(`rules of Slack were broken:\n${state.breaches.join('\n')}`)
    },
  }

  function applyAnswer(viewId: string, answer: Readonly<Record<string, unknown>> | null): void {
    const { response_action: action } = answer ?? {}
    if (answer === null || action === 'clear') state.views.delete(viewId)
    else if (action === 'update') {
      const view = modalView.safeParse(answer.view)
      const opened = state.views.get(viewId)
      if (!view.success) state.breaches.push(`response_action update: ${view.error.message}`)
      else if (opened !== undefined) opened.view = view.data
    } else if (action !== 'errors' || typeof answer.errors !== 'object')
      state.breaches.push(`unknown response_action ${String(action)}`)
  }
  return fake
}

/** The button of an action, if it is offered. */
export function buttonOf(blocks: readonly FakeBlock[], action: string): FakeButton | undefined {
  return buttonsIn(blocks).find(({ action_id }) => action_id.startsWith(action))
}
