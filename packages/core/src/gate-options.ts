import { randomBytes } from 'node:crypto'
import type { WaitMode } from './ambient'
import { parseWait } from './call-context'
import type { Requester } from './contracts/action'
import type { Approver } from './contracts/approver'
import type { AuditSink } from './contracts/audit'
import type { Clock, Duration } from './contracts/clock'
import type { Logger } from './contracts/logger'
import type { Policy, Requirement, RiskSignal } from './contracts/policy'
import type { Directory, Principal } from './contracts/principal'
import type { ApprovalRequest } from './contracts/request'
import type { ApprovalStore } from './contracts/store'
import type { GateSettings } from './engine/settings'
import { OptionError } from './errors'
import { checkOwner, checkParts, parseLimits, parsePersonal, parseRedact, parseRetention } from './gate-parts'
import { parseRateLimit, parseTimes } from './gate-times'
import { memoryAudit } from './memory-audit'
import { memoryStore } from './memory-store'
import { parseRequirement, type RequirementOptions, type ReviewersOption } from './policy/requirement'
import type { PersonalOptions } from './present/personal'
import { systemClock } from './system-clock'
import {
  checkFunction,
  checkList,
  checkSwitch,
  checkText,
  checkWord,
  isText,
  optional,
} from './values/checks'
import { readOptions } from './values/options'
import type { SnapshotLimits } from './values/snapshot'

/** What a program says once about its gate. */
export interface GateOptions {
  /** Who makes the calls. `owner: null` says that nobody answers for the agent; it is logged. */
  readonly agent: {
    readonly id: string
    readonly name?: string
    readonly owner: Principal | null
    readonly model?: string
  }
  /** The human the agent acts for at the moment of a call; `gate.as` overrides it. Failing refuses the call. @default nobody */
  readonly onBehalfOf?: () => Principal | null | Promise<Principal | null>
  /** How requests reach people. An empty list says that people come by themselves, through `gate.vote`. */
  readonly approvers: readonly Approver[]
  /** Where requests live. Needed unless `ephemeral`. */
  readonly store?: ApprovalStore
  /**
   * Where events go. Needed unless `ephemeral`. `null` says that this process has no log: its gate reviews, votes and
   * cancels, and what happens stays recorded in the store until a process with a log publishes it; nothing runs through it.
   */
  readonly audit?: AuditSink | null
  /** Keep requests and events in memory only: for tests and trials. A restart forgets everything. @default false */
  readonly ephemeral?: boolean
  /** Rules, in order. @default none: every call meets the default requirement */
  readonly policy?: readonly Policy[]
  /** Who reviews what no rule speaks of: this, or `requirement`. */
  readonly reviewers?: ReviewersOption
  /** The default requirement in full, instead of `reviewers`. */
  readonly requirement?: RequirementOptions
  /** Signals that policy may use. */
  readonly risk?: readonly RiskSignal[]
  /** Resolves identities to people and their groups. Without one, what transports verified is taken as it is. */
  readonly directory?: Directory
  /** `observe`: log what would be asked and run it all the same. Denials still deny. @default 'enforce' */
  readonly mode?: 'enforce' | 'observe'
  /** How callers wait. @default 'inline' */
  readonly wait?: WaitMode
  /** What no reviewer and no log sees, beside the built-in rules: more key names, more patterns. */
  readonly redact?: { readonly keys?: readonly string[]; readonly patterns?: readonly RegExp[] }
  /**
   * Personal data that the log gets as commitments, with the values beside, where they can be erased: arguments by the
   * names of their keys, the names of people, what people and the agent wrote. Reviewers see all of it. See also the
   * option `personal` of an action.
   *
   * @default none
   */
  readonly personal?: PersonalOptions
  /** Secrets for button values, newest first, each at least 32 characters. Needed by approvers that seal. @default random, when ephemeral */
  readonly secrets?: readonly string[]
  /** The address of a request's full view. */
  readonly link?: (requestId: string) => string
  /** The address at which somebody who holds an invitation signs in, to link a chat identity to the person they are. */
  readonly linking?: (invitation: string) => string
  readonly clock?: Clock
  readonly logger?: Logger
  /** Bounds on arguments. */
  readonly limits?: SnapshotLimits
  /** Requests a requester may open in a time. @default { max: 300, per: '1m' } */
  readonly rateLimit?: { readonly max: number; readonly per: Duration } | false
  /** How long an equal call is refused, without asking, after a rejection. @default '5m' */
  readonly coolDown?: Duration | false
  /** Show equal waiting requests as one message. @default true */
  readonly coalesce?: boolean
  /**
   * Whose requests the approvers of this gate are asked for: those it opened, and those of processes that are gone; or
   * those of every process that shares the store, as a review server or an inbox wants.
   *
   * @default 'own'
   */
  readonly attend?: 'own' | 'all'
  /** How long parts may take. */
  readonly timeouts?: {
    /** One policy or risk signal. @default '5s' */
    readonly policy?: Duration
    /** A context lookup, a pin, a directory, a broker, the archive of one request. @default '10s' */
    readonly lookup?: Duration
    /** One attempt to deliver. @default '30s' */
    readonly delivery?: Duration
    /** One append to the audit sink. @default '10s' */
    readonly audit?: Duration
  }
  /** How often delivering is tried, the waits growing from `backoff` by doubling. @default { attempts: 5, backoff: '1s' } */
  readonly delivery?: { readonly attempts?: number; readonly backoff?: Duration }
  /**
   * How long requests are kept after they ended. Then they are deleted from the store, in batches, looked for every `every`;
   * `archive` gets each of them before, maybe more than once: rejecting keeps it until the next period, and none of the
   * others. The keys of deleted requests are refused for ever, and the log stays as it is.
   *
   * @default they are kept
   */
  readonly retention?: {
    readonly after: Duration
    /** @default '1h' */
    readonly every?: Duration
    readonly archive?: (request: ApprovalRequest) => Promise<void> | void
  }
  /** How often a process looks for what its feed may have lost. @default '2s' */
  readonly sweepEvery?: Duration
  /**
   * How long a process may be silent before its executions count as cut off: several times as long as it may block its
   * event loop. A renewal that comes dangerously late is logged.
   *
   * @default '30s'
   */
  readonly lease?: Duration
}

const KNOWN: readonly (keyof GateOptions)[] = [
  'agent',
  'onBehalfOf',
  'approvers',
  'store',
  'audit',
  'ephemeral',
  'policy',
  'reviewers',
  'requirement',
  'risk',
  'directory',
  'mode',
  'wait',
  'redact',
  'personal',
  'secrets',
  'link',
  'linking',
  'clock',
  'logger',
  'limits',
  'rateLimit',
  'coolDown',
  'coalesce',
  'attend',
  'timeouts',
  'delivery',
  'retention',
  'sweepEvery',
  'lease',
]

/**
 * Checks the options of `createGate` and completes them.
 *
 * @throws OptionError naming the option that is wrong, unknown or missing
 */
export function parseGateOptions(options: GateOptions): GateSettings {
  const read = readOptions(options, KNOWN, 'createGate')
  checkParts(options)
  const ephemeral = read('ephemeral', checkSwitch)
  const clock = options.clock ?? systemClock
  const requester = parseAgent(options.agent)
  const durations = parseTimes(options)
  return {
    requester,
    model: options.agent.model ?? null,
    onBehalfOf: read('onBehalfOf', optional(checkFunction)) ?? (() => null),
    approvers: parseApprovers(options.approvers),
    store: options.store ?? ephemeralPart(ephemeral, 'store', () => memoryStore({ clock })),
    audit:
      options.audit === undefined ? ephemeralPart(ephemeral, 'audit', () => memoryAudit()) : options.audit,
    ephemeral,
    policy: [
      ...read(
        'policy',
        checkList,
        'policies, such as when(...).require(...)',
        (policy) => typeof policy?.decide === 'function' && typeof policy.id === 'string',
      ),
    ],
    requirement: parseDefaultRequirement(options),
    risk: [
      ...read(
        'risk',
        checkList,
        'signals with an id and an assess method',
        (signal) => typeof signal?.assess === 'function' && typeof signal.id === 'string',
      ),
    ],
    directory: options.directory ?? null,
    observe: read('mode', checkWord, 'enforce', 'observe') === 'observe',
    wait: parseWait(options.wait ?? 'inline', 'createGate.wait'),
    redact: parseRedact(options.redact),
    personal: parsePersonal(options.personal),
    secrets: parseSecrets(options, ephemeral),
    link: read('link', optional(checkFunction)) ?? (() => null),
    linking: read('linking', optional(checkFunction)) ?? null,
    clock,
    logger: options.logger ?? console,
    limits: parseLimits(options.limits),
    rateLimit: parseRateLimit(options.rateLimit),
    coalesce: read('coalesce', checkSwitch, true),
    attend: read('attend', checkWord<'own', 'all'>, 'own', 'all'),
    retention: parseRetention(options.retention),
    ...durations,
    source: requester.id,
  }
}

function parseAgent(agent: GateOptions['agent'] | undefined): Requester {
  if (typeof agent !== 'object' || agent === null)
    throw new OptionError('createGate.agent', 'is needed: { id, owner }')
  const read = readOptions(agent, ['id', 'name', 'owner', 'model'], 'createGate.agent')
  if (!isText(agent.id)) throw new OptionError('createGate.agent.id', 'must be a non-empty string')
  if (agent.owner === undefined) {
    throw new OptionError(
      'createGate.agent.owner',
      'is needed: whoever answers for the agent, as person(issuer, subject), or null to say "nobody"',
    )
  }
  checkOwner(agent.owner)
  read('model', optional(checkText))
  return Object.freeze({
    id: agent.id,
    name: read('name', optional(checkText)) ?? agent.id,
    owner: agent.owner,
  })
}

function parseApprovers(approvers: readonly Approver[] | undefined): readonly Approver[] {
  if (!Array.isArray(approvers)) {
    throw new OptionError(
      'createGate.approvers',
      'is needed: a list of approvers, or [] where people come through gate.vote',
    )
  }
  const names = new Set<string>()
  for (const approver of approvers as readonly Approver[]) {
    if (typeof approver?.deliver !== 'function' || !isText(approver.name))
      throw new OptionError('createGate.approvers', 'every approver has a name and a deliver method')
    if (names.has(approver.name)) {
      throw new OptionError(
        'createGate.approvers',
        `two approvers are called "${approver.name}"; give one another name`,
      )
    }
    names.add(approver.name)
  }
  return approvers
}

function ephemeralPart<T>(ephemeral: boolean, name: string, make: () => T): T {
  if (ephemeral) return make()
  throw new OptionError(
    `createGate.${name}`,
    `is needed: without one a restart forgets who approved what. Give a durable ${name}, or say ephemeral: true for tests and trials`,
  )
}

function parseDefaultRequirement(options: GateOptions): Requirement {
  if ((options.reviewers === undefined) === (options.requirement === undefined)) {
    throw new OptionError(
      'createGate.reviewers',
      'say who reviews what no rule speaks of: reviewers, or requirement, and not both',
    )
  }
  const written = options.requirement ?? { reviewers: options.reviewers as ReviewersOption }
  return parseRequirement(
    { id: 'default', ...written },
    options.requirement ? 'createGate.requirement' : 'createGate',
  )
}

function parseSecrets({ secrets, approvers }: GateOptions, ephemeral: boolean): readonly string[] {
  if (secrets === undefined) {
    const sealing = approvers.find((approver) => approver.needsSecret)
    if (ephemeral) return [randomBytes(32).toString('base64url')]
    if (sealing === undefined) return []
    // T18: no secret means no start, never "verification skipped".
    throw new OptionError('createGate.secrets', `is needed: "${sealing.name}" signs its buttons`)
  }
  if (
    !Array.isArray(secrets) ||
    secrets.length === 0 ||
    !secrets.every((secret) => typeof secret === 'string' && secret.trim().length >= 32)
  ) {
    throw new OptionError(
      'createGate.secrets',
      'is a list of secrets of 32 characters or more: openssl rand -base64 32',
    )
  }
  return [...secrets]
}
