import { constants, statSync } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises'
import type { Awaitable } from '@gatewright/core'

/** Who a file is, whatever it is called, and how long it is. */
export interface FileIdentity {
  readonly dev: number
  readonly ino: number
  readonly size: number
}

/** An open file. */
export interface OpenFile {
  /** Whether what was appended is on the disk already, as after {@link datasync}. */
  readonly writesThrough: boolean
  /** Appends bytes at the end. @returns how many were written: maybe fewer than given */
  append(bytes: Uint8Array): Promise<number>
  /** Reads into `target`. @returns how many bytes were read: 0 at the end */
  read(target: Buffer, position: number): Promise<number>
  /** Resolves when the written bytes, and the length that leads to them, are on the disk. */
  datasync(): Promise<void>
  /** Cuts the file to `size` bytes. */
  truncate(size: number): Promise<void>
  identity(): Promise<FileIdentity>
  close(): Promise<void>
}

/**
 * The file operations that the log is made of, and no others: one seam, so that tests can fail, shorten or stop any of
 * them. Paths are absolute. Files are made with mode 0600, directories with 0700.
 */
export interface Files {
  /**
   * `read`: must exist. `append`: must exist; for reading too, and every write goes to the end. `create`: must not exist;
   * otherwise as `append`. `through`: as `append`, and each write is a sync as well, where the system has one call for both.
   */
  open(path: string, how: 'read' | 'append' | 'create' | 'through'): Promise<OpenFile>
  /** The whole of a small file; `null` when there is none. */
  read(path: string): Promise<Buffer | null>
  /** `null` when there is none. */
  identity(path: string): Promise<FileIdentity | null>
  /**
   * {@link identity}, at once where that is possible: to be asked only of a file system that has just answered, since a disk
   * that hangs would hold up the whole program.
   */
  look(path: string): Awaitable<FileIdentity | null>
  /** Names in a directory; `null` when there is no such directory. */
  list(path: string): Promise<readonly string[] | null>
  /** Gives a file a second name; fails with `EEXIST` when that is taken: one caller succeeds. */
  link(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** No error when there is none. */
  unlink(path: string): Promise<void>
  /** Makes a directory and those above it, where they are missing. */
  makeDirectory(path: string): Promise<void>
  /** Resolves when a directory's names are on the disk: after making, renaming or removing one. */
  syncDirectory(path: string): Promise<void>
}

/**
 * A write that is on the disk when it returns: one way to a thread of the pool and back in the place of two. On Linux only:
 * elsewhere it is weaker than fdatasync, or missing.
 */
const THROUGH = process.platform === 'linux' ? constants.O_DSYNC : 0

const FLAGS = {
  read: constants.O_RDONLY,
  append: constants.O_RDWR | constants.O_APPEND,
  through: constants.O_RDWR | constants.O_APPEND | THROUGH,
  create: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL,
}

/** The file system of this machine. */
export const realFiles: Files = {
  open: async (path, how) =>
    openFile(await open(path, FLAGS[how], 0o600), how === 'through' && THROUGH !== 0),
  read: (path) => orNull(readFile(path)),
  identity: (path) => orNull(stat(path)),
  look: (path) => statSync(path, { throwIfNoEntry: false }) ?? null,
  list: (path) => orNull(readdir(path)),
  link,
  rename,
  async unlink(path) {
    await orNull(unlink(path))
  },
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  async syncDirectory(path) {
    // Windows opens no directories; its renames go through a journal of their own.
    if (process.platform === 'win32') return
    const directory = await open(path, constants.O_RDONLY)
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  },
}

function openFile(handle: FileHandle, writesThrough: boolean): OpenFile {
  return {
    writesThrough,
    append: async (bytes) => (await handle.write(bytes, 0, bytes.length, null)).bytesWritten,
    read: async (target, position) => (await handle.read(target, 0, target.length, position)).bytesRead,
    datasync: () => handle.datasync(),
    truncate: (size) => handle.truncate(size),
    identity: () => handle.stat(),
    close: () => handle.close(),
  }
}

async function orNull<T>(operation: Promise<T>): Promise<T | null> {
  try {
    return await operation
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** The system's code of an error: `ENOSPC`, `EIO`. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}

/**
 * Appends all of the bytes, in as many writes as the system takes for it. An interrupted write that wrote nothing is
 * done again; anything else is the caller's to judge.
 */
export async function appendAll(file: OpenFile, bytes: Uint8Array): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    try {
      const wrote = await file.append(done === 0 ? bytes : bytes.subarray(done))
      if (wrote === 0) throw Object.assign(new Error('the file takes no more bytes'), { code: 'ENOSPC' })
      done += wrote
    } catch (error) {
      if (errorCode(error) !== 'EINTR') throw error
    }
  }
}

/** Writes a file that is not there yet, without a sync. @returns whether it was not there */
export async function createFile(files: Files, path: string, bytes: Uint8Array): Promise<boolean> {
  let file: OpenFile
  try {
    file = await files.open(path, 'create')
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
  try {
    await appendAll(file, bytes)
  } finally {
    await file.close()
  }
  return true
}

/**
 * Puts a file in place of whatever has its name: readers find the old one or the new one, whole, also after a crash.
 *
 * @param temporary - a path in the same directory that nobody else uses
 */
export async function replaceFile(
  files: Files,
  path: string,
  bytes: Uint8Array,
  temporary: string,
  durable = true,
): Promise<void> {
  await files.unlink(temporary)
  const file = await files.open(temporary, 'create')
  try {
    await appendAll(file, bytes)
    if (durable) await file.datasync()
  } finally {
    await file.close()
  }
  await files.rename(temporary, path)
}
