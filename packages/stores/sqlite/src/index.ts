export type { EncryptionKey, EncryptionOptions } from './documents/encryption'
export type { SqliteStoreOptions } from './options'
export { type SqliteStore, sqliteStore } from './sqlite-store'
