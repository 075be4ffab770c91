export type { KnownHead } from './known-heads'
export type {
  Finding,
  FindingCode,
  FindingPlace,
  MeaningCode,
  Severity,
  StructureCode,
  Verdict,
  VerdictStatus,
  VerifiedCounts,
  VerifiedHead,
} from './verdict'
export { type VerifyLogOptions, type VerifyProgress, verifyLog } from './verify-log'
