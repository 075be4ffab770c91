import { fileURLToPath } from 'node:url'
import { PLAN, runAgent } from './agent'
import { openCustomers } from './customers'
import { openGate } from './gate'
import { openLog } from './log'
import { checks, printReport } from './report'

const atTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
const customers = openCustomers(fileURLToPath(new URL('../.data/', import.meta.url)))
const log = await openLog(fileURLToPath(new URL('../.gatewright/audit-log', import.meta.url)))
const gate = openGate('production', atTerminal, log.audit)

if (!atTerminal) console.log('No terminal: two scripted reviewers, Ada Moreno and Ben Okafor, decide.\n')

const { count, exportTable, remove, migrate } = customers.tools
const tools = gate.guardTools({
  'customers.count': gate.requireApproval(count, { action: 'customers.count' }),
  'data.export': gate.requireApproval(exportTable, { action: 'data.export', title: 'Export a table to CSV' }),
  'customer.delete': gate.requireApproval(remove, {
    action: 'customer.delete',
    title: 'Delete a customer for good',
  }),
  'schema.migrate': gate.requireApproval(migrate, { action: 'schema.migrate' }),
})

try {
  const results = await runAgent(PLAN, tools, (step, index, call) =>
    gate.as({ runId: 'quickstart', callId: `call_${index}`, intent: step.says }, call),
  )
  const problems = [...checks(results, customers)]
  await gate.close()
  const { events, verdict } = await log.finish()
  if (verdict.status !== 'valid') problems.push(`the audit log is ${verdict.status}`)
  printReport(results, events, problems, { database: customers.file, log: log.directory, verdict })
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  await gate.close()
  await log.audit.close()
  customers.close()
}
