import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Awaitable } from '@gatewright/core'
import { AuditLogError } from '../errors'
import { appendAll, errorCode, type FileIdentity, type Files } from './files'

/** Who holds a lock, as its file says. */
export interface LockHolder {
  readonly host: string
  /** Tells this taking of the lock from every other. */
  readonly nonce: string
  readonly pid: number
  /** When the process started, in words that only that process has; `null` where the system does not tell. */
  readonly startTime: string | null
}

/** A lock that is held. */
export interface Lock {
  readonly holder: LockHolder
  /**
   * Whether the lock's file is still the one that was made: nobody removed or took it. To be asked when the disk has just
   * answered: see `Files.look`.
   */
  isHeld(): Awaitable<boolean>
  /** Gives it back. Leaves a file alone that is not the one that was made. */
  release(): Promise<void>
}

/** What the lock asks the system. */
export interface LockSystem {
  readonly host: string
  readonly pid: number
  /** `null` when there is no such process, or the system does not tell. */
  startTime(pid: number): Promise<string | null>
  isAlive(pid: number): boolean
}

/** This machine. */
export const realLockSystem: LockSystem = {
  host: hostname(),
  pid: process.pid,
  startTime: linuxStartTime,
  isAlive(pid) {
    try {
      process.kill(pid, 0)
      return true
    } catch (error) {
      // EPERM: there is such a process, and it is somebody else's.
      return errorCode(error) !== 'ESRCH'
    }
  },
}

/**
 * Takes the exclusive lock at `path`, or says who has it. The file appears whole, by one link. A lock is stale when its
 * process is gone: it ran on this host, and no process has its id now, or one that started at another time. A stale lock
 * is replaced under a lock of its own, named after it, so that of many who find it stale one replaces it, and nobody
 * replaces a lock that he did not look at. A lock of another host is never stale: from here nobody can tell.
 *
 * Hosts are told apart by name: two containers that share a volume, a name and no process ids are not. What the writer
 * looks at before it acknowledges ({@link Lock.isHeld}) then stops the one that came first.
 *
 * @throws AuditLogError `ERR_LOG_LOCKED` naming the holder
 */
export async function acquireLock(
  files: Files,
  path: string,
  system: LockSystem = realLockSystem,
): Promise<Lock> {
  const holder: LockHolder = {
    host: system.host,
    nonce: randomBytes(16).toString('hex'),
    pid: system.pid,
    startTime: await system.startTime(system.pid),
  }
  const own = `${path}.${holder.nonce}.new`
  // Open as long as the lock is held: its inode's number cannot be given to another file meanwhile.
  const file = await files.open(own, 'create')
  let identity: FileIdentity
  try {
    await appendAll(file, Buffer.from(`${JSON.stringify(holder)}\n`))
    identity = await file.identity()
    await takePlace(files, path, own, system)
  } catch (error) {
    await file.close()
    throw error
  } finally {
    await files.unlink(own)
  }

  return {
    holder,
    isHeld() {
      const found = files.look(path)
      return found instanceof Promise
        ? found.then((now) => isSameFile(now, identity))
        : isSameFile(found, identity)
    },
    async release() {
      try {
        if (isSameFile(await files.identity(path), identity)) await files.unlink(path)
      } finally {
        await file.close()
      }
    },
  }
}

/** Puts the file at `own` in the place at `path`, unless somebody who lives is there. */
async function takePlace(files: Files, path: string, own: string, system: LockSystem): Promise<void> {
  for (;;) {
    try {
      await files.link(own, path)
      return
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
    const found = await readHolder(files, path)
    if (found === 'gone') continue
    if (found === 'unreadable' || !(await isStale(found, system))) throw lockedError(path, found)
    const guard = await acquireLock(files, `${path}.${found.nonce.slice(0, 16)}`, system)
    try {
      const now = await readHolder(files, path)
      if (typeof now === 'string' || now.nonce !== found.nonce) continue
      // A second name, so that a crash leaves either lock whole; `own` is removed by whoever made it.
      await files.link(own, `${own}.place`)
      await files.rename(`${own}.place`, path)
      return
    } finally {
      await guard.release()
    }
  }
}

/** Whether two looks saw one file. */
export function isSameFile(one: FileIdentity | null, other: FileIdentity | null): boolean {
  return one !== null && other !== null && one.ino === other.ino && one.dev === other.dev
}

/** Removes what takers of this lock left beside it when they died. To be called by its holder. */
export async function sweepLockLitter(
  files: Files,
  path: string,
  system: LockSystem = realLockSystem,
): Promise<void> {
  const directory = dirname(path)
  const litter = (await files.list(directory))?.filter((name) => name.startsWith(`${basename(path)}.`)) ?? []
  for (const name of litter) {
    const left = join(directory, name)
    const holder = await readHolder(files, left)
    // What cannot be read may be somebody's who is just writing it.
    if (typeof holder !== 'string' && (await isStale(holder, system))) await files.unlink(left)
  }
}

async function readHolder(files: Files, path: string): Promise<LockHolder | 'gone' | 'unreadable'> {
  const bytes = await files.read(path)
  if (bytes === null) return 'gone'
  try {
    const { host, nonce, pid, startTime } = JSON.parse(bytes.toString()) as Partial<LockHolder>
    const isHolder =
      typeof host === 'string' &&
      typeof nonce === 'string' &&
      /^[0-9a-f]{32}$/.test(nonce) &&
      Number.isSafeInteger(pid) &&
      (startTime === null || typeof startTime === 'string')
    return isHolder ? { host, nonce, pid: pid as number, startTime } : 'unreadable'
  } catch {
    return 'unreadable'
  }
}

async function isStale({ host, pid, startTime }: LockHolder, system: LockSystem): Promise<boolean> {
  if (host !== system.host) return false
  if (!system.isAlive(pid)) return true
  if (startTime === null) return false
  const now = await system.startTime(pid)
  return now !== null && now !== startTime
}

function lockedError(path: string, holder: LockHolder | 'unreadable'): AuditLogError<'ERR_LOG_LOCKED'> {
  const place = { file: path }
  if (holder === 'unreadable') {
    return new AuditLogError(
      'ERR_LOG_LOCKED',
      `the log is locked by ${path}, which does not say who holds it. One process writes a log. If none does, remove that file.`,
      { place },
    )
  }
  return new AuditLogError(
    'ERR_LOG_LOCKED',
    `the log is locked by process ${holder.pid} on ${holder.host} (${path}). One process writes a log: give this one a directory of its own. If that process is gone for certain, remove the file.`,
    { place },
  )
}

/** Boot and start of a process; Linux only. Ids of processes are used again, and both begin anew with a boot. */
async function linuxStartTime(pid: number): Promise<string | null> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'latin1'),
      readFile(`/proc/${pid}/stat`, 'latin1'),
    ])
    // The name before it may hold anything, a closing parenthesis too.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return started === undefined ? null : `${boot.trim()}/${started}`
  } catch {
    return null
  }
}
