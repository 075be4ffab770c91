export type { EncryptionKey, EncryptionOptions } from '@gatewright/core/encryption'
export type { SqliteStoreOptions } from './options'
export { type SqliteStore, sqliteStore } from './sqlite-store'
