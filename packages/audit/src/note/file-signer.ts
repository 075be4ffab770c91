import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { AuditLogError } from '../errors'
import { isKeyName } from './note'
import { generateKey, keySigner, type Signer } from './signer'
import { materialOf, type SignatureAlgorithm } from './verifier-key'

/** Options of {@link fileSigner}. */
export interface FileSignerOptions {
  /** Of the key: the origin of the log that it signs, `example.com/log42`. No spaces, no `+`. */
  readonly name: string
  /** Of the key that is made, and of the one that is read. @default 'ed25519' */
  readonly algorithm?: SignatureAlgorithm
}

/** No key file is larger. */
const MAX_KEY_BYTES = 4_096
const isWindows = process.platform === 'win32'

/**
 * A signer whose key is in a file: made on first use (PKCS #8 PEM, mode 0600, durable before it is used), read from
 * then on. Whoever can read the file can sign in the log's name. Two processes that start at once get the same key.
 *
 * @param path - of the file; its directory must exist
 * @throws AuditLogError `ERR_LOG_KEY_UNSAFE` when others than its owner may read or write the file, or it is no regular file;
 *   `ERR_LOG_KEY_INVALID` for a file without a key of that algorithm, a wrong name, or a file that cannot be made or read
 */
export function fileSigner(path: string, { name, algorithm = 'ed25519' }: FileSignerOptions): Signer {
  if (!isKeyName(name))
    throw new AuditLogError('ERR_LOG_KEY_INVALID', 'the name of a key is empty, or holds a space or a plus')
  const pem = readKey(path) ?? makeKey(path, algorithm)
  // Also for a key that was there: who made it may not have come this far.
  syncDirectory(path)
  return keySigner(name, parseKey(pem, path, algorithm))
}

/** The file's text; `null` when there is none. */
function readKey(path: string): string | null {
  let file: number
  try {
    // A link is refused: whoever may change it would choose the key. Without O_NONBLOCK a pipe would hang.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    if (code === 'ELOOP') throw unsafe(path, 'is a symbolic link')
    throw unusable(path, 'cannot be read', error)
  }
  try {
    const { mode, size } = checkFile(file, path)
    if (!isWindows && (mode & 0o077) !== 0)
      throw unsafe(
        path,
        `may be used by others than its owner (mode ${(mode & 0o777).toString(8)}). Run: chmod 600`,
      )
    if (size > MAX_KEY_BYTES) throw unusable(path, 'is too large for a key')
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

function checkFile(file: number, path: string): { readonly mode: number; readonly size: number } {
  const stat = fstatSync(file)
  if (!stat.isFile()) throw unsafe(path, 'is no regular file')
  return stat
}

/** Makes the key beside, and links it into place whole: nobody ever sees half a key, and nobody's key is replaced. */
function makeKey(path: string, algorithm: SignatureAlgorithm): string {
  const pem = generateKey(algorithm).export({ type: 'pkcs8', format: 'pem' }) as string
  const beside = `${path}.${randomUUID()}.new`
  try {
    const file = openSync(beside, 'wx', 0o600)
    try {
      writeFileSync(file, pem)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    linkSync(beside, path)
  } catch (error) {
    // Another process was faster: its key is the key.
    const made = (error as NodeJS.ErrnoException).code === 'EEXIST' ? readKey(path) : null
    if (made !== null) return made
    throw unusable(path, 'cannot be made', error)
  } finally {
    unlinkIfThere(beside)
  }
  return pem
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(path, 'cannot be removed', error)
  }
}

/** Makes the names beside a file durable. Without this, a power cut may leave a log signed by a key that is gone. Windows has no such call. */
export function syncDirectory(path: string): void {
  if (isWindows) return
  try {
    const directory = openSync(dirname(path), 'r')
    try {
      fsyncSync(directory)
    } finally {
      closeSync(directory)
    }
  } catch (error) {
    throw unusable(path, 'cannot be made durable', error)
  }
}

function parseKey(pem: string, path: string, algorithm: SignatureAlgorithm): KeyObject {
  let key: KeyObject | undefined
  try {
    key = createPrivateKey({ key: pem, format: 'pem' })
    if (materialOf(createPublicKey(key)).algorithm !== algorithm) key = undefined
  } catch {
    // What OpenSSL says of it stays out: it may quote the file.
    key = undefined
  }
  if (key === undefined) throw unusable(path, `holds no ${algorithm} key in PKCS #8 PEM`)
  return key
}

function unsafe(path: string, problem: string): AuditLogError {
  return new AuditLogError('ERR_LOG_KEY_UNSAFE', `the key file ${path} ${problem}. Nothing is signed.`, {
    place: { file: path },
  })
}

function unusable(path: string, problem: string, cause?: unknown): AuditLogError {
  return new AuditLogError('ERR_LOG_KEY_INVALID', `the key file ${path} ${problem}. Nothing is signed.`, {
    place: { file: path },
    cause,
  })
}
