import type { ApprovalStore, AuditSink } from '@gatewright/core'
import { type Config, isGate } from '../config'
import { checkRequests } from './check-requests'
import { type DoctorFindings, reasonOf } from './findings'
import type { DoctorSystem } from './system'

/** Parts may tell when they are open. */
interface Opening {
  readonly opened?: Promise<unknown>
}

/** The store and the log that a config opened by itself: they are asked, and closed again. */
export async function checkOwnParts(
  config: Config | null,
  system: DoctorSystem,
  findings: DoctorFindings,
): Promise<void> {
  if (config === null || isGate(config.gate)) return
  const { audit, store } = config.gate
  if (store !== undefined) await checkOwnStore(store, system, findings)
  if (audit != null) await checkOwnAudit(audit, findings)
}

async function checkOwnStore(
  store: ApprovalStore & Opening,
  system: DoctorSystem,
  findings: DoctorFindings,
): Promise<void> {
  try {
    await store.opened
    await checkRequests(store, system, findings)
    findings.ok('store', "the config's own store answers")
  } catch (error) {
    findings.problem(
      'store',
      `the config's own store does not answer: ${reasonOf(error)}`,
      'correct what it says, or how the config opens it',
    )
  } finally {
    await store.close()
  }
}

async function checkOwnAudit(audit: AuditSink & Opening, findings: DoctorFindings): Promise<void> {
  try {
    await audit.opened
    findings.ok('log', "the config's own log opens")
  } catch (error) {
    const cause = error instanceof Error ? error.cause : null
    if ((cause as { code?: unknown } | null)?.code === 'ERR_LOG_LOCKED')
      findings.warning(
        'log',
        `the config opens its log by itself, and could not: ${reasonOf(cause)}`,
        'when that process is its program, all is well; leave "audit" to dataDirectory, and the log is looked at without being opened',
      )
    else
      findings.problem(
        'log',
        `the config's own log does not open: ${reasonOf(cause ?? error)}`,
        'correct what it says, or how the config opens it',
      )
  } finally {
    await audit.close()
  }
}
