import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type KnownHead, parseTrust, type TrustedKey } from '@gatewright/audit'
import { UsageError } from './exit'

/** Text of a file that was named on the command line. @throws UsageError when it cannot be read */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    throw new UsageError(`${what} ${path} cannot be read (${code})`)
  }
}

/** Looks whether a file can be written later, before anything is done for it. @throws UsageError naming the option when it cannot */
export function checkWritable(path: string, option: string): void {
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' })
    accessSync(there === undefined ? dirname(path) : path, constants.W_OK)
  } catch (error) {
    throw new UsageError(`${option} ${path} cannot be written (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** The keys of a trust file. @throws UsageError naming what is wrong with it */
export function readTrust(path: string): readonly TrustedKey[] {
  const text = readText(path, 'the trust file')
  try {
    return parseTrust(text)
  } catch (error) {
    throw new UsageError(
      `the trust file ${path} cannot be used: ${error instanceof Error ? error.message : 'it is damaged'}`,
    )
  }
}

/**
 * Heads that were kept: a file that `--save-head` wrote, or a signed checkpoint.
 *
 * @throws UsageError for anything else
 */
export function readHeads(path: string): readonly (KnownHead | string)[] {
  const text = readText(path, 'the known head')
  if (!text.trimStart().startsWith('[')) return [text]
  try {
    const heads: unknown = JSON.parse(text)
    if (Array.isArray(heads) && heads.length > 0 && heads.every(isHead))
      return heads.map(({ origin, size, root }) => ({ origin, size, root }))
  } catch {
    // Said below, as for every other file that is none.
  }
  throw new UsageError(`the known head ${path} is neither a checkpoint nor what --save-head wrote`)
}

function isHead(value: unknown): value is KnownHead {
  const { origin, size, root } = (value ?? {}) as Partial<KnownHead>
  return typeof origin === 'string' && Number.isSafeInteger(size) && typeof root === 'string'
}
