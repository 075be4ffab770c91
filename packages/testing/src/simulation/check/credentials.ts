import type { AuditEvent } from '@gatewright/core'
import { breaches, type Case, type Check } from './case'

/**
 * I6, I7, T35: a credential is issued once the log holds the start of its request and its lease; it is in the log before its
 * function has it, serves no other request, and ends with its session, whatever became of the process.
 */
export const checkCredentials: Check = (of) => {
  const ends = breaches('I6')
  const recorded = breaches('I7')
  for (const { handle, leaseId, requestId, life, step, revokedStep } of of.evidence.credentials) {
    const durableAt = logOf(of, life)
    const before = (event: AuditEvent | undefined): boolean =>
      event !== undefined && (durableAt.get(event.id) ?? Number.POSITIVE_INFINITY) < step
    const history = of.histories.get(requestId)
    const start = history?.started ?? undefined
    recorded.expect(
      start !== undefined &&
        history?.events.every((event) => event.seq > start.seq || before(event)) === true,
      requestId,
      `${handle} was issued before the start of its request was in the log`,
    )
    recorded.expect(
      before(standing(of, 'credential.leased', leaseId)),
      requestId,
      `${handle} was issued before its lease was in the log`,
    )
    ends.expect(revokedStep !== null, requestId, `all came to rest, and ${handle} still lives`)
    const told =
      standing(of, 'credential.revoked', leaseId) ?? standing(of, 'credential.revocation-failed', leaseId)
    recorded.expect(told !== undefined, requestId, `no log says what became of ${handle}`)
  }
  for (const { index, action, credential, requestId, life, step } of of.evidence.effects) {
    const issued = of.evidence.credentials.find(({ handle }) => handle === credential)
    if (of.evidence.policies[action]?.credential !== true) continue
    ends.expect(
      issued !== undefined && issued.requestId === requestId,
      requestId,
      `effect ${index} ran without a credential of its own`,
    )
    if (issued === undefined) continue
    const { leaseId, revokedBy, revokedStep } = issued
    // Another process may end it once this one has lost its lease (T52).
    ends.expect(
      revokedStep === null || revokedStep >= step || revokedBy !== life,
      requestId,
      `effect ${index} ran with a credential that had ended`,
    )
    const event = standing(of, 'credential.issued', leaseId)
    recorded.expect(
      event !== undefined && (logOf(of, life).get(event.id) ?? Number.POSITIVE_INFINITY) < step,
      requestId,
      `effect ${index} had a credential that was not in its log`,
    )
  }
  return [...ends.found, ...recorded.found]
}

function logOf({ evidence, logs }: Case, life: string): ReadonlyMap<string, number> {
  const logId = evidence.lives.find(({ name }) => name === life)?.logId
  return logs.durableAt.get(logId ?? '') ?? new Map()
}

/** An event of a lease, which belongs to no request's chain. */
function standing({ logs }: Case, type: string, leaseId: string): AuditEvent | undefined {
  for (const [first] of logs.chains.values())
    if (first?.type === type && first.data.leaseId === leaseId) return first
  return undefined
}
