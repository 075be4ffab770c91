import { accessSync, constants, lstatSync } from 'node:fs'
import { quoteWord } from '../shell-words'
import type { DoctorFindings } from './findings'
import type { DoctorSystem } from './system'

/**
 * Whether a path belongs to this user, and to nobody else, and can be written.
 *
 * @returns whether all of it holds; what does not was said
 */
export function checkPrivate(
  check: string,
  path: string,
  system: DoctorSystem,
  findings: DoctorFindings,
): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  // What lies beside a store comes and goes with the processes that use it.
  if (stat === undefined) return false
  const named = quoteWord(path)
  const before = findings.list.length
  if (stat.isSymbolicLink()) {
    findings.problem(
      check,
      `${path} is a symbolic link: whoever may change it decides what is read`,
      `put the thing itself there: readlink -f ${named}`,
    )
    return false
  }
  if (system.userId !== null && stat.uid !== system.userId)
    findings.problem(
      check,
      `${path} belongs to another user (uid ${stat.uid}; this is ${system.userId})`,
      `run as that user, or: sudo chown -R "$(id -un)" ${named}`,
    )
  if (system.userId !== null && (stat.mode & 0o077) !== 0)
    findings.problem(
      check,
      `${path} can be used by others than its owner (mode ${(stat.mode & 0o777).toString(8)})`,
      `chmod ${stat.isDirectory() ? '700' : '600'} ${named}`,
    )
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch {
    findings.problem(
      check,
      `${path} cannot be read and written by this user`,
      `chmod u+rw${stat.isDirectory() ? 'x' : ''} ${named}`,
    )
  }
  return findings.list.length === before
}
