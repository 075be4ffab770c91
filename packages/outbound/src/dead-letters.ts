import { constants } from 'node:fs'
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OutboundError } from './errors'

/** What the entries of a file are. */
export interface LetterKind {
  /** Throws for what is no entry. */
  check(entry: Buffer): void
  /** Equal for entries of which one is enough. */
  keyOf(entry: Buffer): string
}

interface Line {
  readonly offset: number
  /** Without the line break. */
  readonly length: number
}

const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants
const isWindows = process.platform === 'win32'
const NEWLINE = 0x0a

/**
 * Entries that were not delivered, in a file of JSON Lines: each line is one entry, byte for byte. For one process. What
 * `add` acknowledged is durable; after a write or sync that failed, nothing more is added, and no sync is tried again.
 *
 * What was delivered later is forgotten at once, and leaves the file when none is left, on `compact` and on `close`: a crash
 * before that sends it once more, which receivers must bear anyway.
 */
export class DeadLetters {
  readonly path: string
  readonly #maxBytes: number
  readonly #kind: LetterKind
  /** By the key of the entry, oldest first. */
  readonly #lines: Map<string, Line>
  #file: FileHandle
  #size: number
  #failure: OutboundError | null = null

  private constructor(
    path: string,
    maxBytes: number,
    kind: LetterKind,
    file: FileHandle,
    size: number,
    lines: Map<string, Line>,
  ) {
    this.path = path
    this.#maxBytes = maxBytes
    this.#kind = kind
    this.#file = file
    this.#size = size
    this.#lines = lines
  }

  /**
   * Opens the file, or makes it with mode 0600. A last line without its end was never acknowledged, and is cut off.
   *
   * @throws OutboundError `ERR_OUTBOUND_DEAD_LETTERS` when it cannot be used, others may use it, or a line is no entry
   */
  static async open(path: string, maxBytes: number, kind: LetterKind): Promise<DeadLetters> {
    let file: FileHandle | undefined
    try {
      file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
      const { mode, size } = await checkedStat(file, path)
      if (!isWindows && (mode & 0o077) !== 0)
        throw unusable(
          path,
          `may be used by others than its owner (mode ${(mode & 0o777).toString(8)}). Run: chmod 600`,
        )
      const bytes = Buffer.alloc(size)
      for (let got = 0; got < size; ) {
        const { bytesRead } = await file.read(bytes, got, size - got, got)
        if (bytesRead === 0) throw unusable(path, 'became shorter while it was read')
        got += bytesRead
      }
      const whole = bytes.lastIndexOf(NEWLINE) + 1
      if (whole < size) await file.truncate(whole)
      const lines = readLines(bytes.subarray(0, whole), path, kind)
      await file.datasync()
      await syncDirectory(path)
      return new DeadLetters(path, maxBytes, kind, file, whole, lines)
    } catch (error) {
      await file?.close()
      throw error instanceof OutboundError ? error : unusable(path, 'cannot be opened', error)
    }
  }

  /** How many entries wait. */
  get count(): number {
    return this.#lines.size
  }

  /**
   * Resolves when the entries are on the disk. Those whose keys are in the file already are not added again.
   *
   * @throws OutboundError `ERR_OUTBOUND_DEAD_LETTERS` when they do not fit or cannot be written; then none counts as kept
   */
  async add(entries: readonly Buffer[]): Promise<void> {
    const fresh = new Map(entries.map((entry) => [this.#kind.keyOf(entry), entry] as const))
    for (const key of this.#lines.keys()) fresh.delete(key)
    if (fresh.size === 0) return
    await this.#checkFile()
    const text = Buffer.concat([...fresh.values()].flatMap((entry) => [entry, Buffer.from('\n')]))
    if (this.#size + text.length > this.#maxBytes) await this.compact()
    if (this.#size + text.length > this.#maxBytes)
      throw unusable(
        this.path,
        `is full: ${this.#size} bytes of ${this.#maxBytes}, and ${text.length} more. Mend the receiver and call redeliver(), or raise maxDeadLetterBytes`,
      )
    try {
      for (let done = 0; done < text.length; ) {
        done += (await this.#file.write(text, done, text.length - done, null)).bytesWritten
      }
      await this.#file.datasync()
    } catch (error) {
      throw this.#poison(error)
    }
    for (const [key, { length }] of fresh) {
      this.#lines.set(key, { offset: this.#size, length })
      this.#size += length + 1
    }
  }

  /** The oldest entries, as many as fit into so many bytes, and at least one if there is any. */
  async oldest(mostBytes: number): Promise<readonly Buffer[]> {
    const entries: Buffer[] = []
    let bytes = 0
    for (const { offset, length } of this.#lines.values()) {
      bytes += length
      if (entries.length > 0 && bytes > mostBytes) break
      const entry = Buffer.alloc(length)
      const { bytesRead } = await this.#file.read(entry, 0, length, offset)
      if (bytesRead < length) throw unusable(this.path, 'is shorter than it was')
      entries.push(entry)
    }
    return entries
  }

  /** Forgets entries that were delivered after all. */
  async remove(entries: readonly Buffer[]): Promise<void> {
    if (this.#lines.size === 0) return
    for (const entry of entries) this.#lines.delete(this.#kind.keyOf(entry))
    if (this.#lines.size === 0) await this.compact()
  }

  /** Takes what was delivered out of the file: it is replaced as a whole, or not at all. */
  async compact(): Promise<void> {
    const kept = [...this.#lines].reduce((sum, [, { length }]) => sum + length + 1, 0)
    if (kept === this.#size) return
    await this.#checkFile()
    const beside = `${this.path}.new`
    let next: FileHandle | undefined
    try {
      await unlink(beside).catch(() => {})
      next = await open(beside, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o600)
      const lines = await this.#copyTo(next)
      await next.datasync()
      await rename(beside, this.path)
      await syncDirectory(this.path)
      await this.#file.close()
      this.#file = next
      this.#size = kept
      for (const [key, line] of lines) this.#lines.set(key, line)
    } catch (error) {
      if (next !== this.#file) await next?.close()
      throw this.#poison(error)
    }
  }

  /** Compacts, and lets go of the file. */
  async close(): Promise<void> {
    try {
      if (this.#failure === null) await this.compact()
    } finally {
      await this.#file.close()
    }
  }

  async #copyTo(next: FileHandle): Promise<readonly (readonly [string, Line])[]> {
    const lines: (readonly [string, Line])[] = []
    let size = 0
    for (const [key, { offset, length }] of this.#lines) {
      const text = Buffer.alloc(length + 1)
      await this.#file.read(text, 0, length + 1, offset)
      await next.appendFile(text)
      lines.push([key, { offset: size, length }])
      size += length + 1
    }
    return lines
  }

  /** Another process, or a person, may have moved, cut or written to the file: what they did is not overwritten. */
  async #checkFile(): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    const [here, there] = await Promise.all([this.#file.stat(), stat(this.path).catch(() => null)])
    if (there !== null && there.ino === here.ino && there.dev === here.dev && here.size === this.#size) return
    throw this.#poison(
      unusable(
        this.path,
        'was removed, replaced or written to by somebody else. Each process needs a file of its own',
      ),
    )
  }

  #poison(error: unknown): OutboundError {
    this.#failure ??=
      error instanceof OutboundError
        ? error
        : unusable(this.path, 'cannot be written. Restart the program', error)
    return this.#failure
  }
}

function readLines(bytes: Buffer, path: string, kind: LetterKind): Map<string, Line> {
  const lines = new Map<string, Line>()
  let offset = 0
  for (let number = 1; offset < bytes.length; number += 1) {
    const end = bytes.indexOf(NEWLINE, offset)
    const entry = bytes.subarray(offset, end)
    try {
      kind.check(entry)
    } catch (error) {
      throw unusable(
        path,
        `holds no entry in line ${number}. Move the line elsewhere; nothing was changed`,
        error,
      )
    }
    lines.set(kind.keyOf(entry), { offset, length: entry.length })
    offset = end + 1
  }
  return lines
}

async function checkedStat(
  file: FileHandle,
  path: string,
): Promise<{ readonly mode: number; readonly size: number }> {
  const found = await file.stat()
  if (!found.isFile()) throw unusable(path, 'is no regular file')
  return found
}

/** Without this, a power cut may leave the file under no name. Windows has no such call. */
async function syncDirectory(path: string): Promise<void> {
  if (isWindows) return
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function unusable(path: string, problem: string, cause?: unknown): OutboundError {
  return new OutboundError('ERR_OUTBOUND_DEAD_LETTERS', `the dead-letter file ${path} ${problem}.`, { cause })
}
