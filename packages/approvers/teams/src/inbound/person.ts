import type { Principal } from '@gatewright/core'
import type { Connector } from '../bot/connector'
import { isGuid, type ResolvedOptions } from '../bot/options'
import { withoutThread } from '../bot/reference'
import { issuerOf } from '../bot/routes'
import type { Activity } from './activity'

/** Who pressed, or why they count as nobody. */
export type Presser =
  | { readonly person: Principal; readonly problem?: never }
  | { readonly problem: string; readonly person?: never }

/**
 * Whose activity it is, by what Teams verified alone (I5): the object id in the pinned tenant. Bots, guests and people of
 * other tenants are nobody; whether somebody is a guest is what Teams says of the conversation's members now.
 *
 * @throws when Teams does not say: then nothing may be counted
 */
export async function presserOf(
  { from, conversation }: Activity,
  { tenantId, allowGuests }: ResolvedOptions,
  connector: Connector,
): Promise<Presser> {
  const subject = (from.aadObjectId ?? '').toLowerCase()
  if (!from.id.startsWith('29:') || /bot|skill/i.test(from.role ?? '') || !isGuid(subject))
    return { problem: 'Only people of this organization can decide here.' }
  if (from.tenantId !== undefined && from.tenantId.toLowerCase() !== tenantId)
    return { problem: 'People of other organizations cannot decide here.' }
  const member = await connector.member(withoutThread(conversation.id), from.id)
  if (member.objectId !== subject) return { problem: 'Only people of this organization can decide here.' }
  if (member.tenantId !== '' && member.tenantId !== tenantId)
    return { problem: 'People of other organizations cannot decide here.' }
  if (member.role !== 'user' && !(allowGuests && member.role === 'guest'))
    return { problem: 'Guests cannot decide here. Ask a member of the organization.' }
  const name = (from.name ?? '').trim() || subject
  return {
    person: {
      type: 'human',
      issuer: issuerOf(tenantId),
      subject,
      name,
      groups: [],
      assurance: { method: 'chat' },
    },
  }
}
