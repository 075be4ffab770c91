import { OptionError } from '@gatewright/core'
import { unavailable } from '../errors'

/** A key, and the name by which rows say that they were sealed with it. */
export interface EncryptionKey {
  /** 1 to 64 letters, digits, `.`, `_` or `-`. Never given to another key. */
  readonly id: string
  /** 32 bytes. */
  readonly key: Uint8Array
}

/** How documents are encrypted at rest. */
export interface EncryptionOptions {
  /**
   * The keys: new rows are sealed with the first, and rows that any of them sealed can be read. Asked at each read and
   * write, so that a key that comes later counts at once; answer from memory.
   */
  readonly keys: () => readonly EncryptionKey[]
}

/** The present keys. */
export interface Keys {
  first(): EncryptionKey
  /** @throws GatewrightError `ERR_STORE_UNAVAILABLE` naming the key, when it is not among them */
  named(id: string): EncryptionKey
}

/** @throws OptionError when there is no key, or one is none */
export function createKeys(encryption: EncryptionOptions): Keys {
  let checked: readonly EncryptionKey[] | null = null

  function current(): readonly EncryptionKey[] {
    const keys = encryption.keys()
    if (keys !== checked) checkKeys(keys)
    checked = keys
    return keys
  }

  current()
  return {
    first() {
      const [key] = current()
      if (key === undefined) throw new OptionError('sqliteStore.encryption.keys', 'has no key')
      return key
    },
    named(id) {
      const key = current().find((candidate) => candidate.id === id)
      if (key === undefined)
        throw unavailable(
          `a row was encrypted with key '${id}', which "encryption.keys" does not list. Add it behind the first.`,
        )
      return key
    },
  }
}

function checkKeys(keys: unknown): void {
  const option = 'sqliteStore.encryption.keys'
  if (!Array.isArray(keys) || keys.length === 0) throw new OptionError(option, 'must answer a list of keys')
  const ids = new Set<unknown>()
  for (const entry of keys as readonly (Partial<EncryptionKey> | null)[]) {
    if (typeof entry?.id !== 'string' || !/^[\w.-]{1,64}$/.test(entry.id))
      throw new OptionError(option, 'has a key whose id is not 1 to 64 letters, digits, ".", "_" or "-"')
    if (!(entry.key instanceof Uint8Array) || entry.key.length !== 32)
      throw new OptionError(option, `has a key '${entry.id}' that is not 32 bytes`)
    if (ids.has(entry.id)) throw new OptionError(option, `has two keys with the id '${entry.id}'`)
    ids.add(entry.id)
  }
}
