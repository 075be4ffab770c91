import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { FailedError, UsageError } from './exit'
import type { CommandIo } from './io'

/** Lines are gathered to about this many characters before they are written. */
const BATCH = 65_536

/** Takes lines, each with its end, and writes them in larger pieces. */
export class LineWriter {
  readonly #write: (text: string) => Promise<void>
  #held: string[] = []
  #size = 0

  constructor(write: (text: string) => Promise<void>) {
    this.#write = write
  }

  /** Resolves at once for most lines, and when the reader has caught up for some. */
  async line(text: string): Promise<void> {
    this.#held.push(text)
    this.#size += text.length
    if (this.#size >= BATCH) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#size === 0) return
    const text = this.#held.join('')
    this.#held = []
    this.#size = 0
    await this.#write(text)
  }
}

/** Writes lines to where the command was asked to, as they can be taken. */
export function lineWriter(io: CommandIo): LineWriter {
  return new LineWriter(
    io.write?.bind(io) ?? (async (text) => void io.out(text.endsWith('\n') ? text.slice(0, -1) : text)),
  )
}

/** @throws UsageError when the file is there, unless it may be replaced */
export function refuseToReplace(path: string, force: boolean | undefined): void {
  if (!force && existsSync(path))
    throw new UsageError(`${path} is already there, and was left as it is; give --force to replace it`)
}

/**
 * Writes a file line by line. It gets its name when it is whole: nobody takes a part of it for all.
 *
 * @returns how many lines there were
 * @throws FailedError when it cannot be written
 */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<number> {
  const part = `${path}.${process.pid}.part`
  const file = await open(part, 'wx', 0o600).catch((error: unknown) => {
    throw cannotWrite(path, error)
  })
  let count = 0
  try {
    const writer = new LineWriter((text) =>
      file.writeFile(text).catch((error: unknown) => {
        throw cannotWrite(path, error)
      }),
    )
    for await (const line of lines) {
      await writer.line(line)
      count += 1
    }
    await writer.flush()
    await file.close()
    await rename(part, path)
    return count
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(part, { force: true })
    throw error
  }
}

function cannotWrite(path: string, error: unknown): FailedError {
  const { code = 'failed' } = error as NodeJS.ErrnoException
  return new FailedError(
    `${path} cannot be written (${code}); nothing was left there. Name another place with --out`,
  )
}
