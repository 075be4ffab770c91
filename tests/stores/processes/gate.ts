import { appendFileSync } from 'node:fs'
import {
  type ApprovalStore,
  type Approver,
  type ApproverHost,
  createGate,
  type Duration,
  group,
  memoryAudit,
  person,
} from '@gatewright/core'
import { postgresStore } from '@gatewright/store-postgres'
import { builtPackage } from '../../../packages/stores/sqlite/test/built'
import type { Address } from '../durable-stores'

/** Two who may approve. */
export const reviewers = {
  ada: person('https://idp.example.com', 'ada', { groups: ['ops'] }),
  ben: person('https://idp.example.com', 'ben', { groups: ['ops'] }),
}
// The built one has its thread: it writes in another one, as it does for whoever asks for much at once.
const { sqliteStore } = await builtPackage()
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** What a call does once it is approved. */
export type Work = (key: string) => Promise<string>

/** How a gate is opened. */
export interface Opening {
  /** @default one who approves whatever arrives */
  readonly approvers?: readonly Approver[]
  /** How many have to approve. @default 1 */
  readonly atLeast?: number
  /** Puts something around the store. @default nothing */
  readonly around?: (store: ApprovalStore) => ApprovalStore
  /** @default '100ms' */
  readonly sweepEvery?: Duration
  /** @default '30s': many calls at once, or a busy machine, leave no time to renew a short one, and whoever loses it has an unknown outcome */
  readonly lease?: Duration
}

/** The simplest work: it leaves a line in a file. */
export function appendTo(file: string): Work {
  return async (key) => {
    appendFileSync(file, `${key}\n`)
    return key
  }
}

/** Somebody who approves everything and never looks at any of it. */
function hastyApprover(): Approver {
  let host: ApproverHost | null = null
  return {
    name: 'hasty',
    async start(given) {
      host = given
    },
    async deliver({ requestId, digest }) {
      const approve = () => host?.vote({ requestId, digest, decision: 'approve', actor: reviewers.ada })
      setImmediate(() => void Promise.resolve(approve()).catch(() => {}))
      return {}
    },
  }
}

/** A gate over the database, and its one action. */
export function openGate({ at, schema }: Address, work: Work, opening: Opening = {}) {
  const {
    approvers = [hastyApprover()],
    atLeast = 1,
    around = (store) => store,
    sweepEvery = '100ms',
    lease = '30s',
  } = opening
  const store = around(
    schema === null
      ? sqliteStore({ file: at, thread: 'always' })
      : postgresStore({ connectionString: at, schema }),
  )
  const gate = createGate({
    agent: { id: 'worker', owner: null },
    approvers,
    reviewers: group('ops', { atLeast }),
    store,
    audit: memoryAudit(),
    secrets: ['0123456789abcdef0123456789abcdef'],
    logger: quiet,
    rateLimit: false,
    sweepEvery,
    lease,
  })
  const gated = gate.requireApproval(work, { action: 'work.do' })
  return { gate, store, do: (key: string) => gate.as({ key }, () => gated(key)) }
}
