export {
  bodyReference,
  type DetachedBody,
  packEntry,
  restoreBody,
} from './body'
export {
  chainHash,
  decodeEntry,
  decodeEvent,
  encodeEntry,
  encodeEvent,
  MAX_ENTRY_BYTES,
  readEntry,
} from './entry'
export { type LogEvent, type LogEventType, type LogOwnEventType, logSubject } from './log-event'
