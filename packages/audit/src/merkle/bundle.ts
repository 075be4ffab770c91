import { AuditLogError, type Place } from '../errors'

/** Entries as C2SP tlog-tiles bundles them: each after its length, a big-endian uint16. */
export function formatBundle(entries: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = []
  for (const entry of entries) {
    if (entry.length > 65_535)
      throw new AuditLogError(
        'ERR_LOG_ENTRY_TOO_LARGE',
        'an entry bundle holds entries of at most 65,535 bytes',
      )
    parts.push(Buffer.of(entry.length >> 8, entry.length & 0xff), entry)
  }
  return Buffer.concat(parts)
}

/**
 * The entries of a bundle: views of its bytes, not copies.
 *
 * @param width - how many there must be
 * @throws AuditLogError `ERR_LOG_TILE_INVALID` for fewer or more, or bytes left over
 */
export function parseBundle(bytes: Uint8Array, width: number, place?: Place): Uint8Array[] {
  const entries: Uint8Array[] = []
  let offset = 0
  while (offset + 2 <= bytes.length && entries.length < width) {
    const end = offset + 2 + (((bytes[offset] as number) << 8) | (bytes[offset + 1] as number))
    if (end > bytes.length) break
    entries.push(bytes.subarray(offset + 2, end))
    offset = end
  }
  if (entries.length !== width || offset !== bytes.length) {
    throw new AuditLogError(
      'ERR_LOG_TILE_INVALID',
      `an entry bundle does not hold exactly ${width} entries, one after the other`,
      { place: { ...place, offset } },
    )
  }
  return entries
}
