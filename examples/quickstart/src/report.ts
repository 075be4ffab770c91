import { readFileSync } from 'node:fs'
import type { LogEvent, Verdict } from 'gatewright'
import type { StepResult } from './agent'
import type { Customers } from './customers'

/** What must hold, whatever the reviewers decided. Empty when all of it does. */
export function checks(results: readonly StepResult[], customers: Customers): readonly string[] {
  return results.flatMap((step) => {
    if (step.tool === 'customers.count')
      return step.ran && Number(step.result) > 0 ? [] : ['counting is allowed, and did not run']
    if (step.tool === 'data.export') return step.ran ? checkExport(step) : []
    if (step.tool === 'customer.delete') return checkDeletion(step, customers)
    return step.code === 'ERR_APPROVAL_DENIED' ? [] : ['the migration is denied in production, and was not']
  })
}

function checkExport({ result }: StepResult): readonly string[] {
  const { path, rows } = result as { path: string; rows: number }
  const written = readFileSync(path, 'utf8').trimEnd().split('\n').length - 1
  return written === rows && rows === 1_000
    ? []
    : [`the export says ${rows} rows, and the file has ${written}`]
}

function checkDeletion({ args, ran }: StepResult, customers: Customers): readonly string[] {
  const id = Number(args['id'])
  if (customers.exists(id) !== ran) return []
  return [
    ran
      ? `deleting customer ${id} was approved, and the row is still there`
      : `deleting customer ${id} was refused, and the row is gone`,
  ]
}

/** Prints what ran, what did not and why, and the trail. */
export function printReport(
  results: readonly StepResult[],
  events: readonly LogEvent[],
  problems: readonly string[],
  { database, log, verdict }: { readonly database: string; readonly log: string; readonly verdict: Verdict },
): void {
  console.log('\nWhat the agent did')
  for (const { tool, args, ran, result, why } of results) {
    console.log(`  ${ran ? '✔ ran    ' : '✖ did not'} ${tool} ${JSON.stringify(args)}`)
    console.log(`            ${ran ? `→ ${JSON.stringify(result)}` : why}`)
  }
  console.log('\nThe audit trail')
  for (const { type, time, subject, data } of events) {
    // The gate's and the log's own events are of no request.
    const id = /^(?:gate|log)\./.test(type) ? '' : subject.slice(-6)
    console.log(
      `  ${new Date(time).toISOString().slice(11, 23)}  ${type.padEnd(22)} ${id.padEnd(6)}  ${describe(data)}`.trimEnd(),
    )
  }
  const { entries, checkpoints, signatures } = verdict.counts
  console.log(`\nThe database is ${database}`)
  console.log(`The signed log is ${log}`)
  console.log(
    `  ${verdict.status}: ${entries} entries, ${checkpoints} checkpoints, ${signatures} signatures verified. Check it yourself:`,
  )
  console.log(`  node packages/gatewright/bin/gatewright.js audit verify ${log}`)
  for (const problem of problems) console.log(`✖ ${problem}`)
  console.log(
    problems.length === 0
      ? '✔ Everything holds: only what was approved ran, and it ran once.'
      : '✖ Something does not hold.',
  )
}

function describe(data: LogEvent['data']): string {
  const { action, decision, reason, basis, summary, actor, approver } = data
  const who =
    typeof actor === 'object' && actor !== null && 'name' in actor ? `by ${String(actor['name'])}` : ''
  return [
    action,
    decision,
    who,
    basis && `on ${String(basis)}`,
    reason,
    summary,
    approver && `through ${String(approver)}`,
  ]
    .filter(Boolean)
    .join(' · ')
}
