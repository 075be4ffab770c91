import { ambient } from './ambient'
import type { Session } from './contracts/session'

/**
 * The session of the gated call that runs now, or `undefined` outside of one. Follows the call through every `await`.
 *
 * @example
 * ```ts
 * import { currentSession } from '@gatewright/core'
 *
 * async function exportTable(table: string) {
 *   const response = await fetch(`https://warehouse.example/${table}`, { signal: currentSession()?.signal ?? null })
 *   await currentSession()?.record('rows', Number(response.headers.get('x-rows')))
 * }
 * ```
 */
export function currentSession(): Session | undefined {
  return ambient().session
}
