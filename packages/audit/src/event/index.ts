export {
  type BodyReference,
  bodyReference,
  type DetachedBody,
  type PackedEntry,
  packEntry,
  restoreBody,
} from './body'
export {
  chainHash,
  decodeEntry,
  encodeEntry,
  MAX_ENTRY_BYTES,
  type ReadEntry,
  readEntry,
  TYPE_PREFIX,
} from './entry'
export { type LogEvent, type LogEventType, type LogOwnEventType, logSubject } from './log-event'
