import type { FakeBlock, FakeView } from './block-rules'

/** A member of the fake workspace, as `users.info` answers. */
export interface FakeUser {
  readonly id: string
  readonly team_id: string
  readonly name: string
  readonly real_name: string
  readonly deleted: boolean
  readonly is_bot: boolean
  readonly is_restricted: boolean
  readonly is_ultra_restricted: boolean
  readonly is_stranger?: boolean
  readonly enterprise_user?: { readonly enterprise_id: string; readonly teams: readonly string[] }
  readonly profile: { readonly display_name: string; readonly real_name: string }
}

/** A message as it stands in a channel. */
export interface FakeMessage {
  readonly ts: string
  readonly channel: string
  readonly bot_id: string
  text: string
  blocks: readonly FakeBlock[]
  metadata: { readonly event_type: string; readonly event_payload: Record<string, unknown> } | null
  readonly thread_ts: string | null
  readonly broadcast: boolean
}

/** A message that one person sees. */
export interface FakeEphemeral {
  readonly channel: string
  readonly user: string
  readonly text: string
  readonly blocks: readonly FakeBlock[]
}

/** A modal that stands open. */
export interface OpenView {
  readonly id: string
  readonly user: string
  view: FakeView
}

/** A conversation. */
export interface FakeChannel {
  readonly id: string
  readonly members: Set<string>
  archived: boolean
  readonly messages: FakeMessage[]
}

/** Everything of the fake workspace. */
export interface FakeState {
  readonly teamId: string
  readonly enterpriseId: string | null
  readonly botId: string
  /** What the app may do. */
  scopes: readonly string[]
  readonly users: Map<string, FakeUser>
  readonly usergroups: Map<string, readonly string[]>
  readonly channels: Map<string, FakeChannel>
  readonly ephemerals: FakeEphemeral[]
  readonly views: Map<string, OpenView>
  /** When a trigger ends, by the clock of the test. */
  readonly triggers: Map<string, { readonly user: string; readonly until: number }>
  /** Rules of Slack's that were broken: each fails the test. */
  readonly breaches: string[]
  /** Calls in their order. */
  readonly calls: string[]
}

/** A full member, unless said otherwise. */
export function fakeUser(id: string, name: string, more: Partial<FakeUser> = {}): FakeUser {
  return {
    id,
    team_id: 'T0HOME',
    name: name.toLowerCase(),
    real_name: name,
    deleted: false,
    is_bot: false,
    is_restricted: false,
    is_ultra_restricted: false,
    profile: { display_name: name, real_name: name },
    ...more,
  }
}

/** A channel with these members. */
export function fakeChannel(id: string, members: readonly string[]): FakeChannel {
  return { id, members: new Set(members), archived: false, messages: [] }
}
