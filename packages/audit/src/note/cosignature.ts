import { AuditLogError } from '../errors'
import { parseCheckpoint } from './checkpoint'

/** Begins what an ML-DSA-44 cosigner signs, so that nothing else can be taken for it. */
const LABEL = Buffer.from('subtree/v1\n\0')
const MAX_NAME_BYTES = 255
/** Bytes of the time before an ML-DSA-44 signature. */
const TIME_BYTES = 8
/** Bytes of an ML-DSA-44 signature (FIPS 204). */
const ML_DSA_44_BYTES = 2_420

/** What {@link cosignedMessage} is made of. */
export interface CosignedMessage {
  /** Of the key. */
  readonly name: string
  /** The text of a checkpoint, as `Signer.sign` gets it. */
  readonly text: string
  /** Seconds since 1970; 0 says nothing of the time. @default 0 */
  readonly timestamp?: bigint
}

/**
 * The very bytes that an ML-DSA-44 key signs for a checkpoint (`cosigned_message`, c2sp.org/tlog-cosignature). The
 * signature line then holds the timestamp, in 8 bytes, before the signature.
 *
 * @throws AuditLogError `ERR_LOG_CHECKPOINT_INVALID` for a text that is no checkpoint, has extension lines (they would go
 *   unsigned), or an origin of more than 255 bytes; `ERR_LOG_KEY_INVALID` for such a name
 */
export function cosignedMessage({ name, text, timestamp = 0n }: CosignedMessage): Buffer {
  const { extensions, origin, root, size } = parseCheckpoint(text)
  if (extensions.length > 0)
    throw new AuditLogError(
      'ERR_LOG_CHECKPOINT_INVALID',
      'the checkpoint has extension lines, which an ML-DSA-44 signature does not cover',
    )
  const cosigner = Buffer.from(name)
  const log = Buffer.from(origin)
  if (log.length > MAX_NAME_BYTES)
    throw new AuditLogError('ERR_LOG_CHECKPOINT_INVALID', 'the origin has more than 255 bytes')
  if (cosigner.length === 0 || cosigner.length > MAX_NAME_BYTES)
    throw new AuditLogError('ERR_LOG_KEY_INVALID', 'the name of the key does not have 1 to 255 bytes')
  return Buffer.concat([
    LABEL,
    Buffer.of(cosigner.length),
    cosigner,
    uint64(timestamp),
    Buffer.of(log.length),
    log,
    uint64(0n),
    uint64(BigInt(size)),
    root,
  ])
}

/** The signature line's bytes of an ML-DSA-44 signature that says nothing of the time. */
export function timelessSignature(signature: Uint8Array): Buffer {
  return Buffer.concat([Buffer.alloc(TIME_BYTES), signature])
}

/** The time and the signature of a signature line; `null` for a wrong length, or a time that the format has no room for. */
export function readTimedSignature(
  bytes: Uint8Array,
): { readonly timestamp: bigint; readonly signature: Uint8Array } | null {
  if (bytes.length !== TIME_BYTES + ML_DSA_44_BYTES) return null
  const timestamp = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readBigUInt64BE(0)
  return timestamp >= 2n ** 63n ? null : { timestamp, signature: bytes.subarray(TIME_BYTES) }
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}
