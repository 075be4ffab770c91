import { join } from 'node:path'
import { appendAll, errorCode, type Files, type OpenFile, replaceFile } from '../journal/files'
import {
  ENTRIES_A_FILE,
  formatOpenings,
  isOpeningsName,
  type OpeningLine,
  openingsFile,
  parseOpenings,
} from './opening-line'

/**
 * The openings of a log's commitments, beside its journal: in files of 1,024 entries each, so that erasing some rewrites
 * little. For the one process that holds the log's lock.
 */
export class OpeningsStore {
  readonly #files: Files
  readonly #directory: string

  constructor(files: Files, directory: string) {
    this.#files = files
    this.#directory = directory
  }

  /** Resolves when the lines are durable: the log must not hold a commitment whose opening a crash can take away. */
  async append(lines: readonly OpeningLine[]): Promise<void> {
    const byFile = new Map<string, OpeningLine[]>()
    for (const line of lines) {
      const file = openingsFile(line.index)
      const others = byFile.get(file)
      if (others === undefined) byFile.set(file, [line])
      else others.push(line)
    }
    for (const [name, some] of byFile) await this.#appendTo(name, Buffer.from(formatOpenings(some)))
  }

  /**
   * Drops what a crash left: lines of entries that the journal did not get, and half a line. To be called before anything
   * is appended.
   *
   * @param size - how many entries the journal has
   */
  async trim(size: number): Promise<void> {
    for (const name of await this.#names()) {
      if (Number(name.slice(0, 20)) + ENTRIES_A_FILE <= size) continue
      await this.#rewrite(`openings/${name}`, ({ index }) => index < size)
    }
  }

  /** Lines that are wanted, in the order of the log. */
  async find(wanted: (line: OpeningLine) => boolean): Promise<readonly OpeningLine[]> {
    const found: OpeningLine[] = []
    for (const name of await this.#names()) {
      for (const line of await this.#read(`openings/${name}`)) if (wanted(line)) found.push(line)
    }
    return found
  }

  /** Resolves when nothing of the lines is in the files any more. What a disk keeps of files that are gone is its own. */
  async erase(files: ReadonlySet<string>, kept: (line: OpeningLine) => boolean): Promise<void> {
    for (const file of files) await this.#rewrite(file, kept)
  }

  async #names(): Promise<readonly string[]> {
    const names = (await this.#files.list(join(this.#directory, 'openings'))) ?? []
    return names.filter(isOpeningsName).sort()
  }

  async #read(name: string): Promise<readonly OpeningLine[]> {
    const bytes = await this.#files.read(join(this.#directory, name))
    return bytes === null ? [] : parseOpenings(bytes.toString('utf8')).lines
  }

  async #rewrite(name: string, kept: (line: OpeningLine) => boolean): Promise<void> {
    const path = join(this.#directory, name)
    const bytes = await this.#files.read(path)
    if (bytes === null) return
    const lines = parseOpenings(bytes.toString('utf8')).lines.filter(kept)
    const text = Buffer.from(formatOpenings(lines))
    if (text.equals(bytes)) return
    await replaceFile(this.#files, path, text, `${path}.new`)
    await this.#files.syncDirectory(join(this.#directory, 'openings'))
  }

  async #appendTo(name: string, bytes: Buffer): Promise<void> {
    const path = join(this.#directory, name)
    const file = await this.#open(path)
    try {
      await appendAll(file, bytes)
      await file.datasync()
    } finally {
      await file.close()
    }
  }

  async #open(path: string): Promise<OpenFile> {
    try {
      return await this.#files.open(path, 'append')
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
    const directory = join(this.#directory, 'openings')
    await this.#files.makeDirectory(directory)
    const file = await this.#files.open(path, 'create')
    await this.#files.syncDirectory(directory)
    await this.#files.syncDirectory(this.#directory)
    return file
  }
}
