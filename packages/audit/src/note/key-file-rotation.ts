import { existsSync, linkSync, readFileSync, renameSync } from 'node:fs'
import { AuditLogError } from '../errors'
import { type FileSignerOptions, fileSigner, syncDirectory } from './file-signer'
import type { Signer } from './signer'

/** Where the key waits that a log is about to be handed over to. */
export function nextKeyPath(path: string): string {
  return `${path}.next`
}

/**
 * The key that comes after the one in a file: made beside it, durable, or found there when an earlier rotation did not
 * come to its end.
 *
 * @throws AuditLogError as `fileSigner` does, and `ERR_LOG_KEY_INVALID` when there is no room for the old one
 */
export function prepareNextKey(path: string, options: FileSignerOptions): Signer {
  const retired = retiredPath(path, options)
  // Before the log speaks of it: afterwards it could not be put in place.
  if (existsSync(retired)) refuseOther(path, retired)
  return fileSigner(nextKeyPath(path), options)
}

/**
 * Puts the next key in the place of the key file, and keeps the old one beside it. To be called when the log was handed
 * over; may be called again after a crash: at every moment there is a key file, whole.
 *
 * @returns where the retired key lies
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` when another file has that name, or the system refuses
 */
export function finishKeyFile(path: string, options: FileSignerOptions): string {
  const retired = retiredPath(path, options)
  try {
    keep(path, retired)
    syncDirectory(path)
    renameSync(nextKeyPath(path), path)
  } catch (cause) {
    if (cause instanceof AuditLogError) throw cause
    throw unfinished(
      path,
      `the system refused (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`,
      cause,
    )
  }
  syncDirectory(path)
  return retired
}

function keep(path: string, retired: string): void {
  try {
    linkSync(path, retired)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    refuseOther(path, retired)
  }
}

function refuseOther(path: string, retired: string): void {
  if (!readFileSync(retired).equals(readFileSync(path))) throw unfinished(path, `${retired} is another file`)
}

function retiredPath(path: string, options: FileSignerOptions): string {
  const [, keyId = ''] = fileSigner(path, options).verifierKey.split('+')
  return `${path}.retired-${keyId}`
}

function unfinished(path: string, problem: string, cause?: unknown): AuditLogError {
  return new AuditLogError(
    'ERR_LOG_KEY_INVALID',
    `the key ${nextKeyPath(path)} cannot take the place of ${path}: ${problem}. The log goes on with the key that it names: mend the cause, and open it again.`,
    { place: { file: path }, cause },
  )
}
