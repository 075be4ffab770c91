import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'

/** What a file held when people were asked. */
export interface Pin {
  /** As it was named. */
  readonly file: string
  readonly sha256: string
  readonly bytes: number
}

/** A pinned file is not what it was, so nothing was run. */
export class PinChangedError extends Error {
  override readonly name = 'PinChangedError'

  constructor(file: string, problem: string) {
    super(`${file} ${problem} since people were asked, so the command was not run. Ask again`)
  }
}

/**
 * Digests what a file holds, whole.
 *
 * @param file - from `directory`, where it is relative
 * @throws Error naming the file, in words for people
 */
export async function pinFile(file: string, directory: string): Promise<Pin> {
  try {
    // Without waiting for somebody who writes to a pipe.
    const handle = await open(resolve(directory, file), constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await handle.stat()).isFile()) throw new Error('is no file, as a pin must be')
      const hash = createHash('sha256')
      let bytes = 0
      for await (const chunk of handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
        hash.update(chunk)
        bytes += chunk.length
      }
      return { file, sha256: hash.digest('hex'), bytes }
    } finally {
      await handle.close()
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(`the file ${file} ${code === undefined ? message : `cannot be read (${code})`}`, {
      cause: error,
    })
  }
}

/**
 * T10: what was pinned is what is there now. The time from here to the command's own reading is not covered.
 *
 * @throws PinChangedError naming the first file that is another
 */
export async function checkPins(pins: readonly Pin[], directory: string): Promise<void> {
  for (const pin of pins) {
    const now = await pinFile(pin.file, directory).catch((): null => null)
    if (now === null) throw new PinChangedError(pin.file, 'can no longer be read, as it could')
    if (now.sha256 !== pin.sha256) throw new PinChangedError(pin.file, 'changed')
  }
}
