import { canonicalize, type Json, sha256Hex } from '@gatewright/core'
import { listOf, objectOf } from './facts'

/** Enough for every policy that is in force at a time. */
const KEPT = 512

/** The hash that a policy record must have, for what an event states of it. Remembers, since most calls are decided alike. */
export class PolicyHashes {
  readonly #known = new Map<string, string>()

  /** SHA-256 over the requirements and the ids, versions and effects of the rules; `null` for what is no record. */
  of(requirements: unknown, rules: unknown): string | null {
    const hashed = {
      requirements: requirements as Json,
      rules: listOf(rules).map((rule) => {
        const { effect, id, version } = objectOf(rule)
        return { effect, id, version } as unknown as Json
      }),
    }
    const key = JSON.stringify(hashed)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const hash = hashOf(hashed)
    if (hash === null) return null
    if (this.#known.size >= KEPT) this.#known.clear()
    this.#known.set(key, hash)
    return hash
  }
}

function hashOf(hashed: Json): string | null {
  try {
    return sha256Hex(canonicalize(hashed))
  } catch {
    return null
  }
}

/** What the rules of a record come to: the strongest of their effects. `null`: none spoke, or one says what no rule can. */
export function effectOf(rules: unknown): 'allow' | 'deny' | 'require' | null {
  let strongest: 'allow' | 'require' | null = null
  for (const rule of listOf(rules)) {
    const { effect, failed } = objectOf(rule)
    if (effect === 'deny' || failed === true) return 'deny'
    if (effect === 'require') strongest = 'require'
    else if (effect === 'allow') strongest ??= 'allow'
    else return null
  }
  return strongest
}
