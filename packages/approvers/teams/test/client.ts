import type { Approver, Principal } from '@gatewright/core'
import { elementsOf, textOf } from './card-schema'
import {
  ADA,
  type FakeMessage,
  type FakePerson,
  type FakeTeams,
  TENANT,
  type TokenParts,
  tokenOf,
} from './fake-teams'

/** Somebody as the approver names them. */
export function principalOf({ aadObjectId, name }: FakePerson): Principal {
  return {
    type: 'human',
    issuer: `teams:${TENANT}`,
    subject: aadObjectId,
    name,
    groups: [],
    assurance: { method: 'chat' },
  }
}

/** What a test changes about what Teams sends. */
export interface Sent {
  readonly token?: TokenParts
  /** In place of the token. */
  readonly authorization?: string | null
  /** Laid over the activity. */
  readonly activity?: Readonly<Record<string, unknown>>
  /** Laid over the button's data. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly trigger?: 'automatic' | 'manual'
}

type Action = Record<string, unknown> & { readonly verb?: string; readonly data: object }

/** The Teams client of one person, in front of an approver. */
export function teamsClient(
  teams: FakeTeams,
  approver: Approver,
  now: () => number,
  person: FakePerson = ADA,
) {
  /** The card that this person's client has in a message's place, by the message. */
  const own = new Map<FakeMessage, { readonly of: unknown; readonly card: unknown }>()
  const toasts: string[] = []

  async function send(
    activity: object,
    { token, authorization, activity: over }: Sent = {},
  ): Promise<Response> {
    const bearer =
      authorization === undefined ? `Bearer ${await tokenOf(teams, now(), token)}` : authorization
    const response = await approver.handle?.(
      new Request('https://gate.test/approvers/teams/messages', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(bearer === null ? {} : { authorization: bearer }),
        },
        body: JSON.stringify({ ...activity, ...over }),
      }),
    )
    if (response === undefined) throw new Error('the approver takes nothing')
    return response
  }

  function activityOf(message: Pick<FakeMessage, 'conversation' | 'id'>): object {
    return {
      channelId: 'msteams',
      serviceUrl: teams.serviceUrl,
      from: { id: person.id, name: person.name, aadObjectId: person.aadObjectId },
      recipient: { id: '28:bot', name: 'Gatewright' },
      conversation: { id: message.conversation, tenantId: TENANT, conversationType: 'channel' },
      channelData: { tenant: { id: TENANT } },
      replyToId: message.id,
    }
  }

  async function execute(
    message: FakeMessage,
    action: Action,
    inputs: object,
    sent: Sent = {},
  ): Promise<Response> {
    const data = { ...action.data, ...inputs, ...sent.data }
    const response = await send(
      {
        ...activityOf(message),
        type: 'invoke',
        name: 'adaptiveCard/action',
        value: {
          action: { type: 'Action.Execute', id: '', verb: action.verb, data },
          trigger: sent.trigger ?? 'manual',
        },
      },
      sent,
    )
    if (response.status === 200) take(message, (await response.clone().json()) as Record<string, unknown>)
    return response
  }

  function take(message: FakeMessage, { statusCode, type, value }: Record<string, unknown>): void {
    if (statusCode !== 200) teams.breaches.push(`an invoke is answered with ${statusCode}`)
    if (type === 'application/vnd.microsoft.card.adaptive') {
      teams.checkCard(value)
      own.set(message, { of: message.card, card: value })
    } else if (type === 'application/vnd.microsoft.activity.message') toasts.push(String(value))
    else teams.breaches.push(`an invoke is answered with a ${type}`)
  }

  /** The card as this person sees it: fetched anew once the message was changed. */
  async function seen(message: FakeMessage): Promise<unknown> {
    const mine = own.get(message)
    if (mine !== undefined && mine.of === message.card) return mine.card
    own.delete(message)
    const { refresh } = message.card as {
      readonly refresh?: { readonly action: Action; readonly userIds?: readonly string[] }
    }
    if (refresh?.userIds?.includes(person.id))
      await execute(message, refresh.action, {}, { trigger: 'automatic' })
    return own.get(message)?.card ?? message.card
  }

  async function about(requestId: string): Promise<readonly FakeMessage[]> {
    return teams.messages.filter((message) => textOf(message.card).includes(`Request ${requestId}`))
  }

  async function button(requestId: string, verb: string) {
    for (const message of [...(await about(requestId))].reverse()) {
      const action = elementsOf(await seen(message)).find((one) => one['verb'] === verb)
      if (action !== undefined) return { message, action: action as Action }
    }
    return null
  }

  return {
    toasts,
    send,
    activityOf,
    about,
    button,
    execute,
    seen,
    async cards(): Promise<readonly unknown[]> {
      return Promise.all(teams.messages.map(seen))
    },
    async read(): Promise<string> {
      return [...(await this.cards()).map(textOf), ...toasts].join('\n')
    },
    /** Presses what the newest message offers. `null`: it offers no such thing. */
    async press(
      requestId: string,
      does: 'approve' | 'reject' | 'view',
      note?: string,
      sent: Sent = {},
    ): Promise<Response | null> {
      const found = await button(requestId, `gatewright.${does}`)
      if (found === null) return null
      return execute(found.message, found.action, note === undefined ? {} : { note }, sent)
    },
  }
}
