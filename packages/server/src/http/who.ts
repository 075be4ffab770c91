import type { PersonRef } from '@gatewright/core'
import type { Context } from 'hono'

/** The name under which a person's requests are counted. */
export function countedPerson({ issuer, subject }: PersonRef): string {
  return `person ${issuer} ${subject}`
}

/** The name under which requests of nobody in particular are counted. Only the connection tells: a header may say anything. */
export function countedAddress(c: Context): string {
  const incoming = (c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming
  return `address ${incoming?.socket?.remoteAddress ?? 'unknown'}`
}
