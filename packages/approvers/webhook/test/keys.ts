/** A `whsec_` secret, the same for each number. */
export function secretOf(number: number): string {
  return `whsec_${Buffer.alloc(32, number).toString('base64')}`
}

/** Signs what the gate sends. */
export const OURS = secretOf(1)
/** Signs what the receiver sends. */
export const THEIRS = secretOf(2)
