import { type ApprovalRequest, type ApprovalStore, formatDuration } from '@gatewright/core'
import { checkClock } from './check-clock'
import type { DoctorFindings } from './findings'
import type { DoctorSystem } from './system'

/** So many requests of a kind are looked at. */
const MOST = 10_000
const PAGE = 500
/** A gate that runs looks every other second; this is long enough for one that is busy. */
const OVERDUE_MS = 60_000

/**
 * What waits in a store, and what was left lying; and the store's newest request beside this clock.
 *
 * @throws what the store throws
 */
export async function checkRequests(
  store: ApprovalStore,
  system: DoctorSystem,
  findings: DoctorFindings,
): Promise<void> {
  const now = system.now()
  const { requests: newest } = await store.list({}, { limit: 1 })
  checkClock('the newest request', newest[0]?.createdAt ?? null, now, findings)
  const pending = await all(store, 'pending')
  const executing = await all(store, 'executing')
  const overdue = pending.filter(({ expiresAt }) => expiresAt < now - OVERDUE_MS)
  if (overdue.length > 0)
    findings.warning(
      'requests',
      `${counted(overdue.length, 'request')} should have expired, for ${formatDuration(now - Math.min(...overdue.map(({ expiresAt }) => expiresAt)))} already: no gate runs that looks after them`,
      'start the program whose requests they are; or cancel them: gatewright requests list --status pending',
    )
  const processes = [...new Set(executing.map(processOf))]
  const live = new Set(processes.length === 0 ? [] : await store.leases.live(processes))
  const cutOff = executing.filter((request) => !live.has(processOf(request)))
  if (cutOff.length > 0)
    findings.warning(
      'requests',
      `${counted(cutOff.length, 'execution')} ended with the process: nobody knows what became of ${cutOff.length === 1 ? 'it' : 'them'} (${cutOff
        .slice(0, 3)
        .map(({ id }) => id.slice(-6))
        .join(', ')})`,
      'start the program: they become "unknown". Then find out, and note it with gate.reconcile (docs/waiting.md)',
    )
  findings.ok(
    'requests',
    `${counted(pending.length - overdue.length, 'request')} waiting, ${counted(executing.length - cutOff.length, 'call')} running`,
  )
}

async function all(
  store: ApprovalStore,
  status: ApprovalRequest['status'],
): Promise<readonly ApprovalRequest[]> {
  const found: ApprovalRequest[] = []
  let cursor: string | null = null
  do {
    const page = await store.list({ status: [status] }, { cursor, limit: PAGE })
    found.push(...page.requests)
    cursor = page.cursor
  } while (cursor !== null && found.length < MOST)
  return found
}

function processOf({ execution, processId }: ApprovalRequest): string {
  return execution?.processId ?? processId
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`
}
