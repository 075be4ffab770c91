import { breaches, type Check } from './case'

/**
 * I9, T34: once all is quiet, no message asks for a decision that was made: each that the channel took shows how its request
 * stands, whatever became of the process that sent it, and whether it ever heard that people have it. Only what is deleted
 * can be shown no more.
 */
export const checkMessages: Check = ({ evidence, histories }) => {
  const { found, expect } = breaches('I9')
  if (!evidence.atRest) return found
  const gone = new Set([...evidence.archived.map(({ requestId }) => requestId), ...evidence.forgotten])
  for (const { requestId, deliveryId, status } of evidence.messages) {
    const history = histories.get(requestId)
    if (history === undefined || gone.has(requestId)) continue
    expect(
      status === history.status,
      requestId,
      `message ${deliveryId} still shows it as ${status}, and it is ${history.status}`,
    )
  }
  return found
}
