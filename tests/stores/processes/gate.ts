import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Approver,
  type ApproverHost,
  createGate,
  type Duration,
  group,
  memoryAudit,
  person,
} from '@gatewright/core'
import { postgresStore } from '@gatewright/store-postgres'
import { sqliteStore } from '@gatewright/store-sqlite'
import type { Address } from '../durable-stores'

const reviewer = person('https://idp.example.com', 'ada', { groups: ['ops'] })
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** Somebody who approves every `work.do` and never looks at anything else. */
function hastyApprover(): Approver {
  let host: ApproverHost | null = null
  return {
    name: 'hasty',
    async start(given) {
      host = given
    },
    async deliver({ requestId, digest, content }) {
      const approve = () => host?.vote({ requestId, digest, decision: 'approve', actor: reviewer })
      if (content.action === 'work.do') setImmediate(() => void Promise.resolve(approve()).catch(() => {}))
      return {}
    },
  }
}

/** A gate over the database, and its two actions. `do` leaves a line in the file of effects: the side effect. */
export function openGate(
  address: Address,
  effects: string,
  { votes = true, busyFor = 0, lease = '400ms' as Duration } = {},
) {
  const { at, schema } = address
  const store = schema === null ? sqliteStore({ file: at }) : postgresStore({ connectionString: at, schema })
  const audit = memoryAudit()
  const gate = createGate({
    agent: { id: 'worker', owner: null },
    approvers: votes ? [hastyApprover()] : [],
    reviewers: group('ops'),
    store,
    audit,
    secrets: ['0123456789abcdef0123456789abcdef'],
    logger: quiet,
    rateLimit: false,
    sweepEvery: '100ms',
    lease,
  })
  const run = async (key: string): Promise<string> => {
    appendFileSync(effects, `${key}\n`)
    if (busyFor > 0) await pause(Math.random() * busyFor)
    return key
  }
  const doIt = gate.requireApproval(run, { action: 'work.do' })
  const wait = gate.requireApproval(run, { action: 'work.wait' })
  return {
    gate,
    store,
    audit,
    do: (key: string) => gate.as({ key }, () => doIt(key)),
    wait: (key: string) => gate.as({ key }, () => wait(key)),
  }
}
