export { type Checkpoint, checkpointText, type ParsedCheckpoint, parseCheckpoint } from './checkpoint'
export { type CosignedMessage, cosignedMessage } from './cosignature'
export { type FileSignerOptions, fileSigner } from './file-signer'
export { formatNote, type Note, type NoteSignature, parseNote } from './note'
export { formatLogProof, type LogProof, type LogProofClaim, parseLogProof, verifyLogProof } from './proof'
export { type GenerateSignerOptions, generateSigner, keySigner, type Signer, signNote } from './signer'
export {
  formatTrust,
  isValidFor,
  type OpenedCheckpoint,
  openCheckpoint,
  parseTrust,
  type TrustedKey,
} from './trust'
export {
  formatVerifierKey,
  parseVerifierKey,
  type SignatureAlgorithm,
  type Verifier,
} from './verifier-key'
export { type VerifiedNote, verifyNote } from './verify-note'
