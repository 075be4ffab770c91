import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqliteStore } from 'gatewright'
import { PLAN, runAgent } from './agent'
import { openCustomers } from './customers'
import { openGate } from './gate'
import { takeInbox } from './inbox'
import { openLog } from './log'
import { checks, printReport } from './report'
import { openRun } from './run'

const atTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
const kept = fileURLToPath(new URL('../.gatewright/', import.meta.url))
const run = openRun(kept)
const customers = openCustomers(fileURLToPath(new URL('../.data/', import.meta.url)), {
  fresh: !run.continued,
})
const log = await openLog(join(kept, 'audit-log'))
const store = sqliteStore({ file: join(kept, 'requests.db') })
const inbox = await takeInbox()
const gate = openGate('production', atTerminal, { audit: log.audit, store, url: inbox.url })

if (atTerminal) {
  inbox.open(gate)
  console.log(`Decide here, or in the inbox: ${inbox.url}\n`)
} else {
  inbox.close()
  console.log('No terminal: two scripted reviewers, Ada Moreno and Ben Okafor, decide.\n')
}
if (run.continued) console.log('The last run was cut off: this one goes on where it was.\n')

const { count, exportTable, remove, migrate } = customers.tools
// Kept results: a call that ran before the process was killed answers again what it answered then, and does not run again.
const keepResult = true
const tools = gate.guardTools({
  'customers.count': gate.requireApproval(count, { action: 'customers.count', keepResult }),
  'data.export': gate.requireApproval(exportTable, {
    action: 'data.export',
    title: 'Export a table to CSV',
    keepResult,
  }),
  'customer.delete': gate.requireApproval(remove, {
    action: 'customer.delete',
    title: 'Delete a customer for good',
    keepResult,
  }),
  'schema.migrate': gate.requireApproval(migrate, { action: 'schema.migrate' }),
})

try {
  // The gate knows a call by its run and its number: that is what lets it go on.
  const results = await runAgent(PLAN, tools, (step, index, call) =>
    gate.as({ runId: run.id, callId: `call_${index}`, intent: step.says }, call),
  )
  const problems = [...checks(results, customers)]
  await gate.close()
  run.finish()
  const { events, verdict } = await log.finish()
  if (verdict.status !== 'valid') problems.push(`the audit log is ${verdict.status}`)
  printReport(results, events, problems, { database: customers.file, log: log.directory, verdict })
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  inbox.close()
  await gate.close()
  await store.close()
  await log.audit.close()
  customers.close()
}
