import { createHash } from 'node:crypto'

/**
 * What binds an identity token to a statement: the SHA-256 of the statement's bytes, in base64url without padding. Ask the
 * identity provider for a token with this `nonce`.
 *
 * @param statement - the JSON text, exactly as it will be sent
 */
export function statementNonce(statement: string): string {
  return createHash('sha256').update(statement, 'utf8').digest('base64url')
}
