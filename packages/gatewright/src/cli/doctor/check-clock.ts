import { formatDuration } from '@gatewright/core'
import type { DoctorFindings } from './findings'

/** Clocks of machines that ask for the time differ by less. */
const TOLERANCE_MS = 5_000

/** What was written here cannot be of later: a clock that went back lets requests live longer than they were given. */
export function checkClock(
  what: string,
  writtenAt: number | null,
  now: number,
  findings: DoctorFindings,
): void {
  if (writtenAt === null) return
  const behind = writtenAt - now
  if (behind > TOLERANCE_MS)
    findings.problem(
      'clock',
      `this clock is ${formatDuration(behind)} behind ${what}, of ${new Date(writtenAt).toISOString()}`,
      'set the clock, from a time server: timedatectl set-ntp true',
    )
  else findings.ok('clock', `not behind ${what}`)
}
