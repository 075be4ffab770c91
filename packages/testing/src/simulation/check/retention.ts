import { breaches, type Check } from './case'

const UNFINISHED = ['pending', 'approved', 'executing']

/** Ends that are told at the very time at which they came. */
const RESOLVED = ['rejected', 'expired', 'cancelled', 'undeliverable', 'lapsed', 'invalidated']

/** I8 over retention: only what has ended is deleted, and late enough; whoever is told that a request is gone is told the truth. */
export const checkKept: Check = ({ evidence, histories }) => {
  const { found, expect } = breaches('I8')
  for (const { requestId, status, time } of evidence.archived) {
    const history = histories.get(requestId)
    expect(!UNFINISHED.includes(status), requestId, `it was archived while it was ${status}`)
    expect(
      history !== undefined && history.status === status,
      requestId,
      `it was archived as ${status}, and the log says ${history?.status}`,
    )
    const ended = history?.events.find(({ type }) => RESOLVED.includes(type.replace('request.', '')))
    if (ended === undefined) continue
    const kept = time - ended.time
    expect(kept >= (evidence.keptMs ?? 0), requestId, `it was archived ${kept} ms after it had ended`)
  }
  const gone = new Set([...evidence.archived.map(({ requestId }) => requestId), ...evidence.forgotten])
  for (const { answer, id } of evidence.operations) {
    if (answer?.type !== 'error' || answer.code !== 'ERR_REQUEST_NOT_FOUND' || answer.requestId === null)
      continue
    expect(
      gone.has(answer.requestId),
      answer.requestId,
      `operation ${id} was told that it is gone, and nobody deleted it`,
    )
  }
  return found
}
