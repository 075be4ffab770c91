// An agent with one privileged call, for tests in a real terminal: what it keeps lies in DATA, what it does in EFFECTS.
import { appendFileSync } from 'node:fs'
import { createGate, group } from 'gatewright'

const gate = createGate({
  agent: { id: 'ops-bot', name: 'Ops bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  dataDirectory: process.env.DATA ?? '',
  // A process that was killed is known to be gone soon.
  lease: '3s',
  sweepEvery: '1s',
})
const exportTable = gate.requireApproval(
  async (table: string, rows: number) => {
    appendFileSync(process.env.EFFECTS ?? '', `${table} ${rows}\n`)
    return rows
  },
  { action: 'data.export', parameters: ['table', 'rows'], key: (table) => `export of ${table}` },
)

gate.on('request.created', () => console.log('ASKED'))
try {
  console.log('RESULT', await exportTable('customers', 20_000))
} catch (error) {
  console.log('ERROR', (error as { code?: string }).code)
}
await gate.close()
