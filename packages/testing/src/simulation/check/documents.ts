import { canonicalDigest } from './canonical'
import { breaches, type Check } from './case'

/** I8, I9: every message can be found again; every document is what its digest says, is on the request's own arguments, and says when it is not complete. */
export const checkDocuments: Check = ({ evidence, histories }) => {
  const { found, expect } = breaches('I9')
  const kept = breaches('I8')
  const gone = new Set([...evidence.archived.map(({ requestId }) => requestId), ...evidence.forgotten])
  // T51: a crash between the two would leave a live message that nobody knows of.
  for (const { requestId, saved } of evidence.shown)
    kept.expect(
      saved !== false || gone.has(requestId),
      requestId,
      'a message was posted before its id was saved',
    )
  const seen = new Set<string>()
  for (const { requestId, review } of evidence.shown) {
    const { content, digest } = review
    if (seen.has(digest)) continue
    seen.add(digest)
    expect(canonicalDigest(content) === digest, requestId, 'a document was shown under the digest of another')
    expect(content.requestId === requestId, requestId, 'a document of another request was shown')
    expect(
      review.complete === (content.missing.length === 0),
      requestId,
      'a document is said to be complete, and is not',
    )
    const history = histories.get(requestId)
    const digests = history?.events.flatMap(({ data }) => data.argumentsDigest ?? []) ?? []
    expect(
      digests.includes(content.argumentsDigest),
      requestId,
      'a document shows arguments that the request never had',
    )
    expect(content.action === history?.action, requestId, 'a document names another action')
  }
  return [...found, ...kept.found]
}
