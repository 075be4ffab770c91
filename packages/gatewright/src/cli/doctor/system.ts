import { statfsSync } from 'node:fs'

/** What the doctor asks the machine. */
export interface DoctorSystem {
  readonly nodeVersion: string
  /** The user that this runs as; `null` on Windows. */
  readonly userId: number | null
  readonly hasTerminal: boolean
  /** How long the services of an approver are waited for. */
  readonly patienceMs: number
  now(): number
  /** The kind of file system that holds a path, as Linux numbers them, and what is free on it. */
  disk(path: string): { readonly type: number; readonly freeBytes: number }
  /** Whether a process of this machine lives. */
  isAlive(pid: number): boolean
}

/** This machine. */
export const realSystem: DoctorSystem = {
  nodeVersion: process.versions.node,
  userId: process.getuid?.() ?? null,
  get hasTerminal() {
    return process.stdin.isTTY === true
  },
  patienceMs: 20_000,
  now: () => Date.now(),
  disk(path) {
    const { bavail, bsize, type } = statfsSync(path)
    return { type, freeBytes: bavail * bsize }
  },
  isAlive(pid) {
    try {
      process.kill(pid, 0)
      return true
    } catch (error) {
      // EPERM: there is such a process, and it is somebody else's.
      return (error as NodeJS.ErrnoException).code !== 'ESRCH'
    }
  },
}
