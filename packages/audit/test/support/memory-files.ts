import { dirname } from 'node:path'
import type { FileIdentity, Files, OpenFile } from '../../src/journal/files'

interface Inode {
  readonly ino: number
  bytes: Buffer
  /** What a power cut leaves of it. */
  durable: Buffer
}

type Name = Inode | 'directory'

/** What a test does to the disk. */
export interface Fault {
  /** The operation: `append`, `datasync`, `rename`… */
  readonly on: string
  /** Part of the path. */
  readonly path?: string
  /** How many such operations go well before. @default 0 */
  readonly after?: number
  /** The system's error code; or how many bytes are taken of a write. */
  readonly error?: string
  readonly short?: number
  /** Bytes that reach the disk before an error. */
  readonly partial?: number
  /** How often it happens. @default 1 */
  readonly times?: number
}

/** A disk in memory that can fail, and lose what was not synced. */
export interface MemoryFiles extends Files {
  /** Every operation so far, as `name path`. */
  readonly steps: readonly string[]
  inject(fault: Fault): void
  /** The machine stops when this many operations were done: the next never settles. @param torn - bytes of it, if it is a write, that were done */
  stopAfter(steps: number, torn?: number): void
  /** Resolves when the machine has stopped. */
  readonly stopped: Promise<void>
  /**
   * The disk as the next start finds it: with all that was written (the process died), or only what was synced (the power
   * went).
   */
  restart(what: 'all' | 'durable'): MemoryFiles
  bytesOf(path: string): Buffer
  setBytes(path: string, bytes: Buffer): void
}

/** An empty disk. */
export function memoryFiles(
  names = new Map<string, Name>(),
  nextIno = 1,
  syncedNames = new Map(names),
): MemoryFiles {
  let ino = nextIno
  let durableNames = syncedNames
  const steps: string[] = []
  const faults: { fault: Fault; left: number; skip: number }[] = []
  let stopAt = Number.POSITIVE_INFINITY
  let torn = 0
  let tellStopped = (): void => {}
  const stopped = new Promise<void>((resolve) => {
    tellStopped = resolve
  })

  /** Counts an operation; never settles once the machine has stopped. */
  async function step(on: string, path: string): Promise<Fault | null> {
    await Promise.resolve()
    if (steps.length >= stopAt) {
      tellStopped()
      return new Promise(() => {})
    }
    steps.push(`${on} ${path}`)
    const hit = faults.find(
      ({ fault, left }) => left > 0 && fault.on === on && path.includes(fault.path ?? ''),
    )
    if (hit === undefined) return null
    if (hit.skip > 0) {
      hit.skip -= 1
      return null
    }
    hit.left -= 1
    if (hit.fault.error !== undefined && hit.fault.partial === undefined) throw systemError(hit.fault.error)
    return hit.fault
  }

  function inodeAt(path: string): Inode {
    const name = names.get(path)
    if (name === undefined) throw systemError('ENOENT')
    if (name === 'directory') throw systemError('EISDIR')
    return name
  }

  function identityOf({ ino: number, bytes }: Inode): FileIdentity {
    return { dev: 1, ino: number, size: bytes.length }
  }

  function openInode(inode: Inode, path: string): OpenFile {
    return {
      writesThrough: false,
      async append(bytes) {
        if (steps.length === stopAt) inode.bytes = Buffer.concat([inode.bytes, bytes.subarray(0, torn)])
        const fault = await step('append', path)
        const taken = fault?.short ?? fault?.partial ?? bytes.length
        inode.bytes = Buffer.concat([inode.bytes, bytes.subarray(0, taken)])
        if (fault?.error !== undefined) throw systemError(fault.error)
        return Math.min(taken, bytes.length)
      },
      async read(target, position) {
        await step('read', path)
        return inode.bytes.copy(target, 0, position)
      },
      async datasync() {
        await step('datasync', path)
        inode.durable = inode.bytes
      },
      async truncate(size) {
        await step('truncate', path)
        inode.bytes = inode.bytes.subarray(0, size)
      },
      async identity() {
        await step('fstat', path)
        return identityOf(inode)
      },
      async close() {
        await step('close', path)
      },
    }
  }

  const identity = async (path: string): Promise<FileIdentity | null> => {
    await step('stat', path)
    const name = names.get(path)
    return name === undefined || name === 'directory' ? null : identityOf(name)
  }

  return {
    steps,
    stopped,
    identity,
    look: identity,
    inject: (fault) => void faults.push({ fault, left: fault.times ?? 1, skip: fault.after ?? 0 }),
    stopAfter(count, bytes = 0) {
      stopAt = count
      torn = bytes
    },
    restart(what) {
      const kept = [...(what === 'all' ? names : durableNames)].filter(([path]) => {
        if (what === 'all') return true
        for (let above = dirname(path); above !== '/'; above = dirname(above)) {
          if (!durableNames.has(above)) return false
        }
        return true
      })
      const copies = new Map<Inode, Inode>()
      const copy = (inode: Inode): Inode => {
        const { ino: number, bytes, durable } = inode
        const made = copies.get(inode) ?? { ino: number, bytes: what === 'all' ? bytes : durable, durable }
        copies.set(inode, made)
        return made
      }
      const copyAll = (some: Iterable<[string, Name]>) =>
        new Map([...some].map(([path, name]) => [path, name === 'directory' ? name : copy(name)]))
      return memoryFiles(copyAll(kept), ino, copyAll(what === 'all' ? durableNames : kept))
    },
    bytesOf: (path) => inodeAt(path).bytes,
    setBytes(path, bytes) {
      const inode = inodeAt(path)
      inode.bytes = bytes
      inode.durable = bytes
    },
    async open(path, how) {
      await step(`open-${how}`, path)
      if (how !== 'create') return openInode(inodeAt(path), path)
      if (names.has(path)) throw systemError('EEXIST')
      if (names.get(dirname(path)) !== 'directory') throw systemError('ENOENT')
      const inode: Inode = { ino: ino++, bytes: Buffer.alloc(0), durable: Buffer.alloc(0) }
      names.set(path, inode)
      return openInode(inode, path)
    },
    async read(path) {
      await step('read-file', path)
      const name = names.get(path)
      return name === undefined || name === 'directory' ? null : name.bytes
    },
    async list(path) {
      await step('list', path)
      if (names.get(path) !== 'directory') return null
      return [...names.keys()]
        .filter((name) => dirname(name) === path)
        .map((name) => name.slice(path.length + 1))
    },
    async link(from, to) {
      await step('link', to)
      if (names.has(to)) throw systemError('EEXIST')
      names.set(to, inodeAt(from))
    },
    async rename(from, to) {
      await step('rename', to)
      names.set(to, inodeAt(from))
      names.delete(from)
    },
    async unlink(path) {
      await step('unlink', path)
      names.delete(path)
    },
    async makeDirectory(path) {
      await step('mkdir', path)
      for (let made = path; made !== '/' && names.get(made) !== 'directory'; made = dirname(made)) {
        names.set(made, 'directory')
      }
    },
    async syncDirectory(path) {
      await step('sync-directory', path)
      const inside = (name: string): boolean => dirname(name) === path
      durableNames = new Map([
        ...[...durableNames].filter(([name]) => !inside(name)),
        ...[...names].filter(([name]) => inside(name)),
      ])
    },
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code })
}
