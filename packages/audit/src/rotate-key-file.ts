import { existsSync } from 'node:fs'
import { AuditLogError } from './errors'
import type { FileAudit } from './file-audit'
import { shortKey } from './journal/key-history'
import { fileSigner } from './note'
import { finishKeyFile, prepareNextKey } from './note/key-file-rotation'

/**
 * Hands a log over from the key in a file to a new one, and puts that in the file's place. The new key is durable at
 * `<path>.next` before the log speaks of it. After a crash, opening the log with the same `keyFile` goes on with the key
 * that the log names, and finishes the renaming.
 *
 * @param log - open, and written with the key in that file
 * @param path - of the key file: the log's `keyFile`, `<directory>.key` by default
 * @returns where the old key lies now, `<path>.retired-<key id>`: nothing needs it any more
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` when the file does not hold the log's key, or cannot be replaced; and as
 *   `FileAudit.rotateKey` does
 */
export async function rotateKeyFile(log: FileAudit, path: string): Promise<string> {
  await log.opened
  const options = { name: log.logId }
  const held = existsSync(path) ? fileSigner(path, options).verifierKey : null
  if (held !== log.verifierKey) {
    const found = held === null ? 'there is none' : `it holds ${shortKey(held)}`
    throw new AuditLogError(
      'ERR_LOG_KEY_INVALID',
      `the key file ${path} is not the key of the log, ${shortKey(log.verifierKey ?? '')}: ${found}. Nothing was rotated.`,
      { place: { file: path } },
    )
  }
  await log.rotateKey(prepareNextKey(path, options))
  return finishKeyFile(path, options)
}
