import type { Clock } from '@gatewright/core'
import type { OutboundClient } from '@gatewright/outbound'
import { type CryptoKey, importJWK } from 'jose'
import { z } from 'zod'
import { TeamsError } from '../failure'

/** The keys that messages from Teams are signed with. */
export interface SigningKeys {
  /** The key of this id; `null` when none is published under it that may sign for Teams. Rejects when the keys cannot be had. */
  find(id: string): Promise<CryptoKey | null>
}

const metadata = z.object({ jwks_uri: z.url() })
const published = z.object({
  keys: z.array(
    z.object({
      kty: z.string(),
      kid: z.string().optional(),
      n: z.string().optional(),
      e: z.string().optional(),
      endorsements: z.array(z.string()).optional(),
    }),
  ),
})

/** Keys are read anew after a day, as the service asks. */
const LASTING_MS = 86_400_000
/** An id that nobody knows makes us read again, at most so often: anybody can send one. */
const PAUSE_MS = 300_000

/**
 * The published keys, by the service's OpenID metadata. Only RSA keys that are endorsed for `msteams` are taken, and of each
 * the modulus and the exponent alone: nothing else in it can make it another kind of key.
 */
export function createSigningKeys(metadataUrl: string, client: OutboundClient, clock: Clock): SigningKeys {
  let keys: ReadonlyMap<string, CryptoKey> = new Map()
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | null = null

  async function readAll(): Promise<void> {
    const { jwks_uri: url } = metadata.parse(await document(client, metadataUrl))
    const { keys: listed } = published.parse(await document(client, url))
    const found = new Map<string, CryptoKey>()
    for (const { kty, kid, n, e, endorsements = [] } of listed) {
      if (kty !== 'RSA' || kid === undefined || n === undefined || e === undefined) continue
      if (!endorsements.includes('msteams')) continue
      const key = await importJWK({ kty, n, e }, 'RS256')
      if (!(key instanceof Uint8Array)) found.set(kid, key)
    }
    keys = found
    readAt = clock.now()
  }

  function refresh(): Promise<void> {
    reading ??= readAll().finally(() => {
      reading = null
    })
    return reading
  }

  return {
    async find(id) {
      // A clock that was put back must not keep old keys for ever.
      const age = Math.abs(clock.now() - readAt)
      if (age >= LASTING_MS || (!keys.has(id) && age >= PAUSE_MS)) await refresh()
      return keys.get(id) ?? null
    },
  }
}

async function document(client: OutboundClient, url: string): Promise<unknown> {
  const { status, body } = await client.request({
    method: 'get',
    url,
    headers: { accept: 'application/json' },
  })
  if (status !== 200)
    throw new TeamsError(`the keys of Teams could not be read: the service answered ${status}.`, { status })
  return JSON.parse(body.toString())
}
