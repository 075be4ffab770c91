import type { SealedValue } from '@gatewright/core'

/**
 * Where a button of a message may be pressed: in this channel of this workspace, and in this message, once it is known which
 * (T20).
 */
export function messageAudience(teamId: string, channel: string, ts?: string): string {
  return `slack:${teamId}/${channel}${ts === undefined ? '' : `/${ts}`}`
}

/** Who may submit a modal: the person it was opened for. */
export function viewAudience(teamId: string, user: string): string {
  return `slack:${teamId}/view/${user}`
}

/** Opens a message's value, sealed before or after its place was known. */
export function openPressed(
  open: (token: string, audience: string) => SealedValue | null,
  token: string,
  place: { readonly teamId: string; readonly channel: string; readonly ts: string },
): SealedValue | null {
  const { teamId, channel, ts } = place
  return open(token, messageAudience(teamId, channel, ts)) ?? open(token, messageAudience(teamId, channel))
}
