export { AuditLogError, type AuditLogErrorCode, isAuditLogError, type Place } from './errors'
export {
  chainHash,
  decodeEntry,
  decodeEvent,
  encodeEntry,
  encodeEvent,
  type LogEvent,
  type LogEventType,
  type LogOwnEventType,
  MAX_ENTRY_BYTES,
} from './event'
export * from './export'
export { type FileAudit, fileAudit, type LogHead } from './file-audit'
export type { FileAuditOptions } from './file-audit-options'
export { type FollowLogOptions, followLog } from './follow-log'
export type { OpenReport } from './journal/open-log'
export type { LogCut } from './journal/recover'
export type { LogRecord, ReadLogOptions } from './log-record'
export { readLogKeys } from './log-trust'
export {
  type ConsistencyClaim,
  consistencyProof,
  type HashAt,
  type InclusionClaim,
  inclusionProof,
  leafHash,
  nodeHash,
  type ReadTile,
  TileReader,
  Tree,
  tilePath,
  verifyConsistency,
  verifyInclusion,
} from './merkle'
export {
  type Checkpoint,
  type CosignedMessage,
  checkpointText,
  cosignedMessage,
  type FileSignerOptions,
  fileSigner,
  formatLogProof,
  formatNote,
  formatTrust,
  formatVerifierKey,
  type GenerateSignerOptions,
  generateSigner,
  keySigner,
  type LogProof,
  type LogProofClaim,
  type Note,
  type NoteSignature,
  type OpenedCheckpoint,
  openCheckpoint,
  type ParsedCheckpoint,
  parseCheckpoint,
  parseLogProof,
  parseNote,
  parseTrust,
  parseVerifierKey,
  type SignatureAlgorithm,
  type Signer,
  signNote,
  type TrustedKey,
  type VerifiedNote,
  type Verifier,
  verifyLogProof,
  verifyNote,
} from './note'
export { discloseEvent, opensCommitment } from './openings/open-commitment'
export type { FieldPlace } from './openings/opening-line'
export type { Redaction, RedactionReport } from './openings/redaction'
export { readLog } from './read-log'
export * from './receipt'
export * from './report'
export { rotateKeyFile } from './rotate-key-file'
export { type TeeAuditOptions, teeAudit } from './tee/tee-audit'
export * from './verify'
