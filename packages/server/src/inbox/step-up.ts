import type { AssuranceRequirement } from '@gatewright/core'
import type { Site } from '../http/environment'
import type { Session } from '../sign-in/session'

/**
 * Where to sign in so that a vote would count (RFC 9470), and come back to a page; `null` where nobody can sign in well
 * enough. The sign-in the person used is asked again; a made-up one proves nothing, so another one is.
 *
 * @param returnTo - a path of this server
 */
export function stepUpPath(
  { settings, at }: Site,
  { provider }: Session,
  { maxAgeMs, acr }: AssuranceRequirement,
  returnTo: string,
): string | null {
  const real = settings.signIns.filter(({ demo }) => !demo)
  const chosen = real.find(({ id }) => id === provider) ?? real[0]
  if (chosen === undefined) return null
  const query = new URLSearchParams({ return: returnTo })
  if (maxAgeMs !== undefined) query.set('max_age', `${Math.floor(maxAgeMs / 1_000)}`)
  if (acr !== undefined) query.set('acr', acr.join(' '))
  return `${at(`/sign-in/${chosen.id}`)}?${query}`
}
