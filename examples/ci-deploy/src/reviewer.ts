// A reviewer in another process, over the same requests: in real life "gatewright inbox", Slack, or the web inbox.
import { join } from 'node:path'
import { createGate, group, person, sqliteStore } from 'gatewright'

export async function reviewer(data: string) {
  const store = sqliteStore({ file: join(data, 'requests.db') })
  const gate = createGate({
    agent: { id: 'people', owner: null },
    reviewers: group('ops'),
    approvers: [],
    store,
    audit: null,
  })
  const actor = person('https://idp.example.com', 'rita', {
    name: 'Rita',
    groups: ['ops'],
    assurance: { method: 'sso' },
  })
  return {
    /** Decides what waits. Answers with what was shown. */
    async decide(decision: 'approve' | 'reject', note: string): Promise<ReadonlyMap<string, string>> {
      const [request] = (await gate.requests.list({ status: ['pending'] })).requests
      const review = request && (await gate.requests.review(request.id))
      if (!review) throw new Error('nothing waits')
      await gate.vote({ requestId: review.requestId, digest: review.digest, actor, decision, note })
      return new Map(review.content.arguments.map(({ path, text }) => [path, text]))
    },
    async close() {
      await gate.close()
      await store.close()
    },
  }
}
