import type { Approver, ApproverFinding } from '@gatewright/core'
import { type DoctorFindings, reasonOf } from './findings'
import type { DoctorSystem } from './system'

/** How closely approvers are looked at. */
export interface ApproverExamination {
  /** Their services are not asked. */
  readonly offline: boolean
}

/** How people are asked: what the options say of it, and what approvers find when they ask their services. */
export async function checkApprovers(
  approvers: readonly Approver[] | undefined,
  { offline }: ApproverExamination,
  system: DoctorSystem,
  findings: DoctorFindings,
): Promise<void> {
  if (approvers === undefined)
    findings.ok(
      'approvers',
      'none is named: at a terminal the person there is asked, else people come: gatewright inbox',
    )
  else if (approvers.length === 0)
    findings.ok('approvers', 'the list is empty: people come by themselves: gatewright inbox')
  const asked = (approvers ?? []).map(async (approver) => ({
    approver,
    told: offline || approver.check === undefined ? null : await told(approver, system.patienceMs),
  }))
  for (const one of asked) {
    const { approver, told: own } = await one
    if (own === null) checkBySight(approver, offline, system, findings)
    else {
      for (const { fix, message, status } of own) add(findings, status, named(approver, message), fix)
      if (approver.handle !== undefined) findings.ok('approvers', named(approver, comeIn(approver)))
    }
  }
}

/** What an approver finds. It may be anybody's code: what it does wrong is told as of itself. */
async function told(approver: Approver, patienceMs: number): Promise<readonly ApproverFinding[]> {
  try {
    const found = await within(patienceMs, async (signal) => approver.check?.(signal))
    if (!Array.isArray(found) || !found.every(isFinding))
      throw new Error('what it says is no list of findings')
    return found
  } catch (error) {
    return [
      {
        status: 'warning',
        message: `it could not look whether it reaches people: ${reasonOf(error)}`,
        fix: 'look again; to have nothing asked: gatewright doctor --offline',
      },
    ]
  }
}

/** Whether or not the work hears the signal. */
async function within<T>(patienceMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const late = new Error(`it took longer than ${patienceMs / 1_000} seconds`)
  const timer = setTimeout(() => controller.abort(late), patienceMs)
  try {
    return await new Promise<T>((resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(late))
      work(controller.signal).then(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
  }
}

function isFinding(value: unknown): value is ApproverFinding {
  if (typeof value !== 'object' || value === null) return false
  const { fix, message, status } = value as Partial<ApproverFinding>
  const isKnown = status === 'ok' || status === 'warning' || status === 'problem'
  return isKnown && typeof message === 'string' && (fix === null || typeof fix === 'string')
}

function add(
  findings: DoctorFindings,
  status: ApproverFinding['status'],
  message: string,
  fix: string | null,
): void {
  if (status === 'ok') findings.ok('approvers', message)
  else findings[status]('approvers', message, fix ?? 'look into it')
}

function comeIn({ name }: Pick<Approver, 'name'>): string {
  return `votes come in under /approvers/${name} of the review server`
}

function named({ name }: Approver, message: string): string {
  return `"${name}": ${message}`
}

/** Of an approver that asks nobody: whether it reaches people, a first request tells. */
function checkBySight(
  { check, handle, name, transient }: Approver,
  offline: boolean,
  system: DoctorSystem,
  findings: DoctorFindings,
): void {
  if (transient === true && !system.hasTerminal)
    findings.warning(
      'approvers',
      `"${name}" asks at a terminal, and there is none here: the gate would not start`,
      'run the program in a terminal; or, where there is none, leave it out and decide with gatewright inbox',
    )
  else if (transient === true) findings.ok('approvers', `"${name}" asks at a terminal, and there is one here`)
  else {
    const way = handle === undefined ? '' : `; ${comeIn({ name })}`
    const unasked = offline && check !== undefined
    findings.ok(
      'approvers',
      `"${name}" is set up${way}. Whether it reaches anybody, ${unasked ? 'was not asked' : 'a first request tells'}`,
    )
  }
}
