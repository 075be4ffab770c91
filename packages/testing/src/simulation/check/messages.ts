import { breaches, type Check } from './case'

/**
 * I9, T34: once all is quiet, no message asks for a decision that was made: each that the log says was sent shows how its
 * request stands. Not judged is what stood in a message when a process crashed later: a request may have ended since, and
 * whoever starts looks after the messages of those alone that have not.
 */
export const checkMessages: Check = ({ evidence, logs, histories }) => {
  const { found, expect } = breaches('I9')
  if (!evidence.atRest) return found
  const sent = new Set<unknown>()
  for (const chain of logs.chains.values())
    for (const { type, data } of chain) if (type === 'delivery.sent') sent.add(data['deliveryId'])
  const gone = new Set([...evidence.archived.map(({ requestId }) => requestId), ...evidence.forgotten])
  const lastCrash = Math.max(-1, ...evidence.lives.map(({ crashedStep }) => crashedStep ?? -1))
  for (const { requestId, deliveryId, status, step } of evidence.messages) {
    const history = histories.get(requestId)
    if (history === undefined || gone.has(requestId) || !sent.has(deliveryId) || step <= lastCrash) continue
    expect(
      status === history.status,
      requestId,
      `message ${deliveryId} still shows it as ${status}, and it is ${history.status}`,
    )
  }
  return found
}
