import type { ApproverFinding, Clock } from '@gatewright/core'
import { isOutboundError, type OutboundReader } from '@gatewright/outbound'
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose'
import type { Issuer } from './issuer-options'
import { loadJose } from './load-jose'

/** An issuer's keys could not be read: nothing is known of a token, so nothing is decided, and it may help to come again. */
export class KeysUnavailableError extends Error {
  constructor(issuer: string, cause: unknown) {
    super(`the keys of ${issuer} could not be read`, { cause })
    this.name = 'KeysUnavailableError'
  }
}

/** The keys of one issuer. */
export interface IssuerKeys {
  /** Finds the key of a token. Rejects with a {@link KeysUnavailableError}, or as jose does when there is none. */
  readonly find: JWTVerifyGetKey
  close(): void
}

/** A key that was withdrawn is good for no longer than that. */
const KEEP_MS = 600_000
/** An unknown key id makes them be read again, but not more often: ids are free to make up. */
const COOL_DOWN_MS = 30_000

/** The keys of an issuer, given or read (T36). Only a list that was read and is young is used: else it fails closed. */
export function issuerKeys({ issuer, keys }: Issuer, clock: Clock): IssuerKeys {
  if (typeof keys !== 'function') {
    const given = loadJose().then(({ createLocalJWKSet }) =>
      createLocalJWKSet({ keys: keys.map((key) => ({ ...key })) } as JSONWebKeySet),
    )
    // Said by each token that needs it.
    given.catch(() => {})
    return { find: async (header, token) => (await given)(header, token), close() {} }
  }
  const reader = keys()
  let kept: { readonly find: JWTVerifyGetKey; readonly at: number } | null = null
  let reading: Promise<JWTVerifyGetKey> | null = null

  function readOnce(): Promise<JWTVerifyGetKey> {
    reading ??= read(reader)
      .then((find) => {
        kept = { find, at: clock.now() }
        return find
      })
      .catch((error: unknown) => {
        throw new KeysUnavailableError(issuer, error)
      })
      .finally(() => {
        reading = null
      })
    return reading
  }

  return {
    async find(header, token) {
      const { errors } = await loadJose()
      const age = kept === null ? Number.NaN : Math.abs(clock.now() - kept.at)
      if (kept === null || !(age < KEEP_MS)) return (await readOnce())(header, token)
      try {
        return await kept.find(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || age < COOL_DOWN_MS) throw error
        return (await readOnce())(header, token)
      }
    },
    close: () => reader.close(),
  }
}

async function read(reader: OutboundReader, signal?: AbortSignal): Promise<JWTVerifyGetKey> {
  const { createLocalJWKSet } = await loadJose()
  const bytes = await reader.read(signal)
  return createLocalJWKSet(JSON.parse(bytes.toString('utf8')) as JSONWebKeySet)
}

/**
 * Reads an issuer's keys once. `null` for one whose keys were given.
 *
 * @throws the signal's reason
 */
export async function checkIssuerKeys(
  { issuer, keys }: Issuer,
  signal: AbortSignal,
): Promise<ApproverFinding | null> {
  if (typeof keys !== 'function') return null
  const reader = keys()
  try {
    await read(reader, signal)
    return { status: 'ok', message: `the keys of ${issuer} can be read`, fix: null }
  } catch (error) {
    signal.throwIfAborted()
    return {
      status: 'problem',
      message: `the keys of ${issuer} cannot be read, so no decision of its people counts: ${isOutboundError(error) ? error.message : 'what stands there is no list of keys'}`,
      fix: `correct its "keysUrl", or let this machine reach ${reader.target}`,
    }
  } finally {
    reader.close()
  }
}
