import {
  type Clock,
  checkOptions,
  type Duration,
  OptionError,
  parseDuration,
  systemClock,
} from '@gatewright/core'
import { createRowCipher, type EncryptionOptions, type RowCipher } from '@gatewright/core/encryption'

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /**
   * The file. Made with mode 0600 when there is none, in a directory that is made with mode 0700. Beside it lie `-wal` and
   * `-shm`, which belong to it. Not on a network file system: SQLite's locks do not work there.
   */
  readonly file: string
  /**
   * `full`: what was acknowledged survives a power cut. `normal`: it survives a crash of the process, and a power cut may take
   * the last moments; then a call can be run a second time whose start was forgotten. @default 'full'
   */
  readonly synchronous?: 'full' | 'normal'
  /** How long a write waits for another process that writes, before it fails. Nothing else waits meanwhile. @default '5s' */
  readonly busyTimeout?: Duration
  /**
   * Whether writing gets a thread of its own, so that many calls at once keep the program's thread free. `auto`: as soon as many
   * writes wait at once, if there can be one; `always`: from the beginning, and without it the store does not open; `never`.
   * It takes some 50 ms to start and about 10 MB. @default 'auto'
   */
  readonly thread?: 'auto' | 'always' | 'never'
  /** Encrypts what is not asked for by queries. @default nothing is encrypted */
  readonly encryption?: EncryptionOptions
  /** What the store judges time by. Processes that share a file should share a clock. @default systemClock */
  readonly clock?: Pick<Clock, 'now'>
}

/** Options that were checked. */
export interface Settings {
  readonly file: string
  readonly synchronous: 'full' | 'normal'
  readonly busyMs: number
  readonly thread: 'auto' | 'always' | 'never'
  readonly cipher: RowCipher
  readonly clock: Pick<Clock, 'now'>
}

/** @throws OptionError for an option that is wrong or unknown */
export function readOptions(options: SqliteStoreOptions): Settings {
  checkOptions(
    options,
    ['file', 'synchronous', 'busyTimeout', 'thread', 'encryption', 'clock'],
    'sqliteStore',
  )
  const { file, synchronous = 'full', busyTimeout = '5s', thread = 'auto' } = options
  const { encryption, clock = systemClock } = options
  if (typeof file !== 'string' || file === '' || file.includes('\0'))
    throw new OptionError('sqliteStore.file', 'must be the path of a file')
  // A store in memory would lose everything, and its two connections would not see the same.
  if (file === ':memory:' || file.startsWith('file:'))
    throw new OptionError('sqliteStore.file', 'must be a path; use memoryStore() to keep nothing')
  if (/^(libsql|https?|wss?):/.test(file))
    throw new OptionError('sqliteStore.file', 'must be a path of this machine')
  if (synchronous !== 'full' && synchronous !== 'normal')
    throw new OptionError('sqliteStore.synchronous', "must be 'full' or 'normal'")
  if (thread !== 'auto' && thread !== 'always' && thread !== 'never')
    throw new OptionError('sqliteStore.thread', "must be 'auto', 'always' or 'never'")
  if (typeof clock?.now !== 'function') throw new OptionError('sqliteStore.clock', 'must be a Clock')
  return {
    file,
    synchronous,
    busyMs: parseDuration(busyTimeout, 'sqliteStore.busyTimeout'),
    thread,
    cipher: createRowCipher(encryption, 'sqliteStore'),
    clock,
  }
}
