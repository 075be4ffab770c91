import { dirname, join } from 'node:path'
import type { Clock, Timer } from '@gatewright/core'
import { type TileFile, TileWriter } from '../merkle'
import { createFile, type Files, replaceFile } from './files'
import { checkpointPath } from './recover'

/** Files that may wait to be written before entries wait for them: 16,384 entries' bundles. */
const MOST_WAITING = 64
/** How long the published checkpoint may be behind a log that is written to. */
const PUBLISH_MS = 1_000

/** What {@link DerivedFiles} work with. */
export interface DerivedFilesParts {
  readonly files: Files
  readonly directory: string
  /** Whether there are tiles and bundles, or the checkpoint alone. */
  readonly tiles: boolean
  readonly clock: Clock
  /** Told once, when a file could not be written. */
  failed(error: unknown): void
}

/**
 * The files that others read: full tiles and bundles as they fill up, the newest checkpoint about once a second, the
 * partial tiles of its size when asked for. All of it can be made anew from the journal, so tiles are written without a
 * sync; each opening compares them with the journal and mends them.
 */
export class DerivedFiles {
  readonly #parts: DerivedFilesParts
  readonly #writer: TileWriter | null
  readonly #waiting: TileFile[] = []
  readonly #made = new Set<string>()
  /** Directories of partial tiles. */
  readonly #partial = new Set<string>()
  /** The journal is being read: what is made of it is probably there. */
  #opening = true
  #writing: Promise<void> | null = null
  #error: unknown = null
  #note: string | null = null
  #published: string | null = null
  /** One publication after the other: the newest is the last. */
  #publishing: Promise<void> = Promise.resolve()
  #timer: Timer | null = null

  constructor(parts: DerivedFilesParts) {
    this.#parts = parts
    this.#writer = parts.tiles ? new TileWriter((path, bytes) => this.#waiting.push({ path, bytes })) : null
  }

  /** Takes the next entry of the log: durable, and not to change. @returns a promise when too much waits already */
  add(entry: Buffer, hash: Uint8Array): Promise<void> | undefined {
    this.#writer?.append(entry, hash)
    if (this.#waiting.length === 0) return undefined
    this.#start()
    return this.#waiting.length >= MOST_WAITING ? this.#settle() : undefined
  }

  /** Takes the newest checkpoint, which covers all that was added. */
  setHead(note: string): void {
    this.#note = note
    this.#timer ??= this.#parts.clock.setTimer(PUBLISH_MS, () => this.#publishSoon(), { background: true })
  }

  /** Resolves when every tile, partial ones too, and the newest checkpoint are written. */
  async complete(): Promise<void> {
    this.stop()
    const note = this.#note
    this.#waiting.push(...this.expectParts())
    await this.#settle()
    if (note !== null) await this.#publish(note)
  }

  /** The partial tiles as things stand; notes that full ones will replace them. To be called after what was there was added. */
  expectParts(): readonly TileFile[] {
    this.#opening = false
    const parts = this.#writer?.partial() ?? []
    for (const { path } of parts) this.#partial.add(dirname(join(this.#parts.directory, path)))
    return parts
  }

  /** Publishes nothing by itself any more. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #publishSoon(): void {
    this.#timer = null
    const note = this.#note
    if (note === null) return
    this.#settle()
      .then(() => this.#publish(note))
      .catch((error) => this.#fail(error))
  }

  #publish(note: string): Promise<void> {
    const publishing = this.#publishing.then(() => this.#replaceCheckpoint(note))
    this.#publishing = publishing.catch(() => {})
    return publishing
  }

  async #replaceCheckpoint(note: string): Promise<void> {
    if (note === this.#published) return
    const { files, directory } = this.#parts
    const path = checkpointPath(directory)
    await replaceFile(files, path, Buffer.from(note), `${path}.new`)
    await files.syncDirectory(directory)
    this.#published = note
  }

  #start(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null
    })
    this.#writing.catch((error) => this.#fail(error))
    return this.#writing
  }

  async #settle(): Promise<void> {
    if (this.#error !== null) throw this.#error
    while (this.#waiting.length > 0 || this.#writing !== null) await this.#start()
  }

  async #writeAll(): Promise<void> {
    for (let tile = this.#waiting.shift(); tile !== undefined; tile = this.#waiting.shift()) {
      await this.#writeTile(tile)
    }
  }

  async #writeTile({ path, bytes }: TileFile): Promise<void> {
    const { files, directory } = this.#parts
    const target = join(directory, path)
    const parent = dirname(target)
    if (!this.#made.has(parent)) await files.makeDirectory(parent)
    this.#made.add(parent)
    if (this.#opening && (await files.read(target))?.equals(bytes)) return this.#removeParts(target)
    // In place: nobody looks for it before a checkpoint speaks of it, and what a crash leaves is mended by an opening.
    if (!(await createFile(files, target, bytes)) && !(await files.read(target))?.equals(bytes)) {
      await replaceFile(files, target, bytes, `${target}.new`, false)
    }
    await this.#removeParts(target)
  }

  async #removeParts(target: string): Promise<void> {
    const { files } = this.#parts
    const parts = `${target}.p`
    if (!this.#partial.delete(parts)) return
    // The full tile serves whoever wanted a part of it.
    for (const part of (await files.list(parts)) ?? []) await files.unlink(join(parts, part))
  }

  #fail(error: unknown): void {
    if (this.#error !== null) return
    this.#error = error
    this.stop()
    this.#parts.failed(error)
  }
}
