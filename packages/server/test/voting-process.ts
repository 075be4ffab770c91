// Another process over the same file: votes once, as Ben, and says what it was answered.
import { createGate, group, memoryAudit, person } from '@gatewright/core'
import { sqliteStore } from '@gatewright/store-sqlite'

const [file = '', requestId = ''] = process.argv.slice(2)
const store = sqliteStore({ file })
const gate = createGate({
  agent: { id: 'ops-bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  store,
  audit: memoryAudit(),
})
const digest = (await gate.requests.review(requestId))?.digest ?? ''
const actor = person('demo', 'ben', { name: 'Ben Okafor', groups: ['ops'], assurance: { method: 'demo' } })
const receipt = await gate.vote({ requestId, decision: 'approve', digest, actor })
await gate.close()
await store.close()
process.stdout.write(receipt.status)
