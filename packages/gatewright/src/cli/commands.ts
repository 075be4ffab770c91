import { auditExport, EXPORT_HELP, EXPORT_OPTIONS } from './audit-export'
import { auditKey, KEY_HELP, KEY_OPTIONS } from './audit-key'
import { auditReceipt, RECEIPT_HELP, RECEIPT_OPTIONS } from './audit-receipt'
import { auditRedact, REDACT_HELP, REDACT_OPTIONS } from './audit-redact'
import { auditReport, REPORT_HELP, REPORT_OPTIONS } from './audit-report'
import { auditRotateKey, ROTATE_KEY_HELP, ROTATE_KEY_OPTIONS } from './audit-rotate-key'
import { auditShow, SHOW_HELP, SHOW_OPTIONS } from './audit-show'
import { auditVerify, VERIFY_HELP, VERIFY_OPTIONS } from './audit-verify'
import type { Command } from './command'
import { COMPLETION_HELP, COMPLETION_OPTIONS, completion } from './completion'
import { DOCTOR_HELP, DOCTOR_OPTIONS, doctor } from './doctor'
import { HELP_HELP, HELP_OPTIONS, help } from './help'
import { INBOX_HELP, INBOX_OPTIONS, inbox } from './inbox'
import { INIT_HELP, INIT_OPTIONS, init } from './init'
import { MCP_HELP, MCP_OPTIONS, mcp } from './mcp'
import { REQUESTS_CANCEL_HELP, REQUESTS_CANCEL_OPTIONS, requestsCancel } from './requests-cancel'
import { REQUESTS_LIST_HELP, REQUESTS_LIST_OPTIONS, requestsList } from './requests-list'
import { REQUESTS_SHOW_HELP, REQUESTS_SHOW_OPTIONS, requestsShow } from './requests-show'
import { gatedRun } from './run'
import { RUN_OPTIONS } from './run-options'
import { RUN_HELP } from './run-words'
import { VERSION_HELP, VERSION_OPTIONS, version } from './version'

const row = (
  name: string,
  about: string,
  run: Command['run'],
  help: string,
  options: Command['options'],
): Command => ({ name, about, run, help, options })

/** Every command, in the order in which help lists them. To add one, add its row. */
// biome-ignore format: a table is read by its rows
export const COMMANDS: readonly Command[] = [
  row('init', 'write a config to begin with', init, INIT_HELP, INIT_OPTIONS),
  row('doctor', 'find what is wrong here, and say how to mend it', doctor, DOCTOR_HELP, DOCTOR_OPTIONS),
  row('inbox', 'decide, at this terminal, what agents wait for', inbox, INBOX_HELP, INBOX_OPTIONS),
  row('mcp', 'ask before each tool call of an MCP server', mcp, MCP_HELP, MCP_OPTIONS),
  row('run', 'ask before a command line, and run exactly that', gatedRun, RUN_HELP, RUN_OPTIONS),

  row('requests list', 'print requests', requestsList, REQUESTS_LIST_HELP, REQUESTS_LIST_OPTIONS),
  row('requests show', 'print one as its reviewers see it', requestsShow, REQUESTS_SHOW_HELP, REQUESTS_SHOW_OPTIONS),
  row('requests cancel', 'cancel what has not begun to run', requestsCancel, REQUESTS_CANCEL_HELP, REQUESTS_CANCEL_OPTIONS),

  row('audit show', 'print the events of a log, or follow it', auditShow, SHOW_HELP, SHOW_OPTIONS),
  row('audit verify', 'check logs, or the receipt of one decision', auditVerify, VERIFY_HELP, VERIFY_OPTIONS),
  row('audit receipt', 'write one decision to a file that verifies offline', auditReceipt, RECEIPT_HELP, RECEIPT_OPTIONS),
  row('audit report', 'write a report of evidence for an audit', auditReport, REPORT_HELP, REPORT_OPTIONS),
  row('audit export', 'print events as OCSF JSON or CSV, for other tools', auditExport, EXPORT_HELP, EXPORT_OPTIONS),
  row('audit key', "print the trust file of a log's keys", auditKey, KEY_HELP, KEY_OPTIONS),
  row('audit rotate-key', 'hand a log over to a new key', auditRotateKey, ROTATE_KEY_HELP, ROTATE_KEY_OPTIONS),
  row('audit redact', 'erase personal values from a log', auditRedact, REDACT_HELP, REDACT_OPTIONS),

  row('completion', 'print a script that completes commands in your shell', completion, COMPLETION_HELP, COMPLETION_OPTIONS),
  row('help', 'explain a command', help, HELP_HELP, HELP_OPTIONS),
  row('version', 'print the version', version, VERSION_HELP, VERSION_OPTIONS),
]
