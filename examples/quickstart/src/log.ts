import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  type FileAudit,
  fileAudit,
  fileSigner,
  formatTrust,
  type LogEvent,
  parseTrust,
  readLog,
  type Verdict,
  verifyLog,
} from 'gatewright'

const ORIGIN = 'quickstart.example/ops-bot'

/** The signed log of all runs of the quickstart, and what this one added to it. */
export interface QuickstartLog {
  readonly audit: FileAudit
  readonly directory: string
  /** Closes the log, reads what this run wrote, and verifies all of it, as an auditor would. */
  finish(): Promise<{ readonly events: readonly LogEvent[]; readonly verdict: Verdict }>
}

/** Opens the log in a directory, or begins it. */
export async function openLog(directory: string): Promise<QuickstartLog> {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 })
  const signer = fileSigner(`${directory}.key`, { name: ORIGIN })
  const audit = fileAudit({ directory, origin: ORIGIN, signer })
  try {
    await audit.opened
  } catch (error) {
    // A damaged log is never mended by writing on: nothing runs, and the place is named.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    console.error(
      `✖ Nothing was run: ${cause instanceof Error ? cause.message : 'the audit log cannot be opened'}`,
    )
    process.exit(1)
  }
  const before = audit.head?.size ?? 0
  // An auditor gets this file on another way than the log.
  const trustFile = `${directory}.trust.json`
  if (!existsSync(trustFile))
    writeFileSync(trustFile, formatTrust([{ vkey: signer.verifierKey, from: 0, to: null }]))
  return {
    audit,
    directory,
    async finish() {
      await audit.close()
      const events: LogEvent[] = []
      for await (const { event, index } of readLog(directory)) if (index >= before) events.push(event)
      const verdict = await verifyLog({
        directories: [directory],
        trust: parseTrust(readFileSync(trustFile, 'utf8')),
      })
      return { events, verdict }
    },
  }
}
