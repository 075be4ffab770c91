import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { checkOptions, OptionError, type Principal } from '@gatewright/core'

/** What a key may do: `request` asks for approval and runs what was approved; `read` sees every request. */
export type ApiScope = 'request' | 'read'

/** A program's key for the API. Votes are never cast with one (I5). */
export interface ApiKey {
  /**
   * Stands in logs, and as the agent's id in what it asks: whoever goes by an id can claim what was asked under it. Unique among
   * keys, and no id of an agent of a gate over the same store; that of this server's gate is refused.
   */
  readonly id: string
  /** SHA-256 of the key, lower-case hex, as {@link generateApiKey} gives it: the key itself is stored nowhere. */
  readonly hash: string
  readonly scopes: readonly ApiScope[]
  /** Who answers for the agent that asks with it; `null` says that nobody does. Needed with `request`. */
  readonly owner?: Principal | null
  /** The person for whom the agent acts: never from what it sends (T03). They cannot review its calls. @default nobody */
  readonly onBehalfOf?: Principal | null
  /** For people to read. @default the id */
  readonly name?: string
}

/** A new key: show `key` once to whoever will use it, and keep `hash` in the server's options. */
export function generateApiKey(): { readonly key: string; readonly hash: string } {
  const key = `gw_${randomBytes(32).toString('base64url')}`
  return { key, hash: hashOf(key).toString('hex') }
}

/** The key that a request carries, if it is one of these. Compares in constant time. */
export function findApiKey(keys: readonly ApiKey[], given: string): ApiKey | null {
  const hash = hashOf(given)
  let found: ApiKey | null = null
  for (const key of keys) if (timingSafeEqual(Buffer.from(key.hash, 'hex'), hash)) found = key
  return found
}

/** @throws OptionError naming the key that is wrong */
export function checkApiKeys(keys: readonly ApiKey[]): readonly ApiKey[] {
  if (!Array.isArray(keys)) throw new OptionError('createReviewServer.apiKeys', 'is a list of keys')
  for (const [index, key] of (keys as readonly ApiKey[]).entries()) {
    const where = `createReviewServer.apiKeys[${index}]`
    checkOptions(key, ['id', 'hash', 'scopes', 'owner', 'onBehalfOf', 'name'], where)
    if (typeof key.id !== 'string' || key.id === '') throw new OptionError(`${where}.id`, 'is needed')
    if (typeof key.hash !== 'string' || !/^[0-9a-f]{64}$/.test(key.hash))
      throw new OptionError(
        `${where}.hash`,
        'is the SHA-256 of the key in lower-case hex, from generateApiKey()',
      )
    if (!Array.isArray(key.scopes) || key.scopes.length === 0 || !key.scopes.every(isScope))
      throw new OptionError(`${where}.scopes`, "is a list of 'request' and 'read'")
    if (key.scopes.includes('request') && key.owner === undefined)
      throw new OptionError(
        `${where}.owner`,
        'is needed: whoever answers for the agent, as person(issuer, subject), or null to say "nobody"',
      )
    // I4 compares them: what is no person would exclude nobody.
    for (const who of ['owner', 'onBehalfOf'] as const)
      if (key[who] != null && !isPerson(key[who]))
        throw new OptionError(`${where}.${who}`, 'is a person, as person(issuer, subject), or null')
  }
  const ids = keys.map(({ id }) => id)
  if (new Set(ids).size < ids.length)
    throw new OptionError('createReviewServer.apiKeys', 'two keys have one id: give one of them another')
  return keys
}

/**
 * Requests know their agent by its id, so a key by the name of the gate's own agent could claim what that one asked for.
 *
 * @throws OptionError naming the key and the agent
 */
export function assertOwnIds(keys: readonly ApiKey[], agentId: string): void {
  const index = keys.findIndex(({ id }) => id === agentId)
  if (index === -1) return
  throw new OptionError(
    `createReviewServer.apiKeys[${index}].id`,
    `is "${agentId}", and so is the id of the gate's own agent ("agent.id" of createGate): with this key a program could claim what that agent asked for. Give one of them another id`,
  )
}

/** Whether it is somebody, by an immutable id: what is no person would exclude nobody (I4). */
export function isPerson({ type, issuer, subject }: Principal): boolean {
  return (
    type === 'human' &&
    typeof issuer === 'string' &&
    issuer !== '' &&
    typeof subject === 'string' &&
    subject !== ''
  )
}

function isScope(scope: unknown): scope is ApiScope {
  return scope === 'request' || scope === 'read'
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
