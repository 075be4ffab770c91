import type { WaitMode } from '../ambient'
import type { Requester } from '../contracts/action'
import type { Approver } from '../contracts/approver'
import type { AuditSink } from '../contracts/audit'
import type { Clock } from '../contracts/clock'
import type { Logger } from '../contracts/logger'
import type { Policy, Requirement, RiskSignal } from '../contracts/policy'
import type { Directory, Principal } from '../contracts/principal'
import type { ApprovalStore } from '../contracts/store'
import type { PersonalFields } from '../present/personal'
import type { SnapshotLimits } from '../values/snapshot'
import type { Retention } from './retention'

/** The options as the engine uses them: complete and checked. */
export interface GateSettings {
  readonly requester: Requester
  readonly model: string | null
  readonly onBehalfOf: () => Principal | null | Promise<Principal | null>
  readonly approvers: readonly Approver[]
  readonly store: ApprovalStore
  /** `null`: this process has no log, and runs nothing. */
  readonly audit: AuditSink | null
  readonly ephemeral: boolean
  readonly policy: readonly Policy[]
  readonly requirement: Requirement
  readonly risk: readonly RiskSignal[]
  readonly directory: Directory | null
  readonly observe: boolean
  readonly wait: WaitMode
  readonly redact: { readonly keys: readonly string[]; readonly patterns: readonly RegExp[] }
  /** What the log has as commitments only, beside what actions say; `null`: nothing. */
  readonly personal: PersonalFields | null
  readonly secrets: readonly string[]
  readonly link: (requestId: string) => string | null
  readonly linking: ((invitation: string) => string) | null
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: SnapshotLimits
  readonly rateLimit: { readonly max: number; readonly perMs: number } | null
  readonly coolDownMs: number
  readonly coalesce: boolean
  readonly attend: 'own' | 'all'
  readonly policyTimeoutMs: number
  readonly lookupTimeoutMs: number
  readonly deliveryTimeoutMs: number
  readonly auditTimeoutMs: number
  readonly deliveryAttempts: number
  readonly deliveryBackoffMs: number
  /** How long finished requests are kept; `null`: for ever. */
  readonly retention: Retention | null
  readonly sweepMs: number
  readonly leaseMs: number
  /** Names the gate in its events. */
  readonly source: string
}
