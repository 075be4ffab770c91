/** How a thing stands: `problem` keeps the gate from working or from keeping its promises, `warning` is to be looked at. */
export type FindingStatus = 'ok' | 'warning' | 'problem'

/** What was found of one thing. */
export interface DoctorFinding {
  /** What was looked at: `config`, `node`, `data`, `store`, `requests`, `log`, `approvers`, `reviewers`, `clock`. */
  readonly check: string
  readonly status: FindingStatus
  /** What is so, in one line. */
  readonly message: string
  /** How to mend it, in one line, with a command where there is one; `null` where nothing is to be done. */
  readonly fix: string | null
}

/** Gathers findings in the order in which they are met. */
export class DoctorFindings {
  readonly list: DoctorFinding[] = []

  ok(check: string, message: string): void {
    this.list.push({ check, status: 'ok', message, fix: null })
  }

  warning(check: string, message: string, fix: string): void {
    this.list.push({ check, status: 'warning', message, fix })
  }

  problem(check: string, message: string, fix: string): void {
    this.list.push({ check, status: 'problem', message, fix })
  }
}

/** The first sentence of what went wrong, as the rest of a line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll('\n', ' ') : 'it failed'
}
