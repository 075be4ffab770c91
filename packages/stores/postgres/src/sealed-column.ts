import { type SealedText, sealedLengths } from '@gatewright/core/encryption'

/** The format: the mark, the key's id, and in base64 the nonce, the encrypted text, the tag. No JSON begins like that. */
const MARK = 'gw1'

/** What was sealed, as a column holds it. */
export function writeSealed({ keyId, nonce, body, tag }: SealedText): string {
  return `${MARK}:${keyId}:${Buffer.concat([nonce, body, tag]).toString('base64')}`
}

/** What a column holds; `null` when it was stored in clear. What was cut short has parts of wrong lengths, and does not open. */
export function readSealed(column: string): SealedText | null {
  if (!column.startsWith(`${MARK}:`)) return null
  const [, keyId = '', base64 = ''] = column.split(':')
  const bytes = Buffer.from(base64, 'base64')
  const end = Math.max(sealedLengths.nonce, bytes.length - sealedLengths.tag)
  return {
    keyId,
    nonce: bytes.subarray(0, sealedLengths.nonce),
    body: bytes.subarray(sealedLengths.nonce, end),
    tag: bytes.subarray(end),
  }
}
