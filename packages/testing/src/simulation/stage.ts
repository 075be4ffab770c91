import type { AuditEvent } from '@gatewright/core'
import type { Platform } from './channel'
import type { WriteFate } from './durable-log'
import type {
  Archived,
  Cast,
  Credential,
  DirectoryAnswer,
  Effect,
  GrantWord,
  LifeRecord,
  Operation,
  Shown,
} from './evidence'
import type { People } from './people'
import type { Machine, Tamper } from './process'
import type { Rng } from './rng'
import type { Scheduler } from './scheduler'
import type { SharedStore } from './shared-store'
import type { Story } from './story'
import type { Vault } from './vault'

/** How much goes wrong: probabilities from 0 to 1. */
export interface Faults {
  /** A store call rejects, before it was applied or after. */
  readonly store: number
  /** A log's write fails, wholly or in part, or its answer is lost. */
  readonly sink: number
  /** A log or a directory never answers. */
  readonly silence: number
  /** The directory rejects. */
  readonly directory: number
  /** The channel rejects: nobody is reached. */
  readonly channel: number
  /** A process dies at a point. */
  readonly crash: number
  /** A hint of the store's feed is lost, or comes twice. */
  readonly lostHints: number
  /** A message is posted twice, or an update does not arrive. */
  readonly sloppiness: number
  /** Time jumps ahead while work waits. */
  readonly jumps: number
  /** A function never settles. */
  readonly stuckFunctions: number
}

/** What the gates of a world are told beside their rules. */
export interface Habits {
  /** Finished requests are archived and deleted after a while. */
  readonly retention: boolean
  /** Personal data stands in the log as commitments. */
  readonly personal: boolean
  /** The directory learns only later whose chat identity the agent acts for. */
  readonly linkedLate: boolean
}

/** Evidence as it is gathered. */
export interface Gathered {
  readonly effects: Effect[]
  readonly operations: Operation[]
  readonly shown: Shown[]
  readonly casts: Cast[]
  readonly directory: DirectoryAnswer[]
  readonly lives: LifeRecord[]
  readonly grantWords: GrantWord[]
  readonly credentials: Credential[]
  readonly archived: Archived[]
  readonly forgotten: string[]
  readonly emitted: AuditEvent[]
}

/** Everything a world consists of: who acts in it, and what it keeps. */
export interface Stage {
  readonly rng: Rng
  readonly scheduler: Scheduler
  readonly story: Story
  readonly people: People
  readonly platform: Platform
  readonly vault: Vault
  readonly habits: Habits
  readonly shared: SharedStore
  readonly machines: readonly Machine[]
  readonly evidence: Gathered
  readonly tamper: Tamper
  readonly fateOfWrite: () => WriteFate
  /** Becomes harmless for the end of a run. */
  faults: Faults
}
