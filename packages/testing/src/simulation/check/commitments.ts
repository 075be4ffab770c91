import { createHmac } from 'node:crypto'
import type { AuditEvent } from '@gatewright/core'
import { canonicalText } from './canonical'
import { breaches, type Check } from './case'
import { listOf, objectOf, textOf } from './facts'

/** An event without what stands beside it: this is what hashes cover. */
export function stated({ openings: _, ...event }: AuditEvent): AuditEvent {
  return event
}

const statedTexts = new WeakMap<AuditEvent, string>()

/** The canonical text of what hashes cover. Written once for each event: nothing changes what was read from a log. */
export function statedText(event: AuditEvent): string {
  const known = statedTexts.get(event)
  if (known !== undefined) return known
  const text = canonicalText(stated(event))
  statedTexts.set(event, text)
  return text
}

/** I7: what was committed is what stands beside, each with a salt of its own; and what is personal stands nowhere in clear. */
export const checkCommitments: Check = ({ evidence, logs }) => {
  const { found, expect } = breaches('I7')
  const salts = new Set<string>()
  for (const event of [...logs.chains.values()].flat()) {
    const { id, openings = [], data, subject } = event
    expect(
      canonicalText(data.committed ?? []) === canonicalText(openings.map(({ pointer }) => pointer)),
      subject,
      `${id} lists other commitments than stand beside it`,
    )
    for (const { pointer, salt, value } of openings) {
      const hmac = createHmac('sha256', Buffer.from(salt, 'base64'))
        .update(canonicalText(value))
        .digest('hex')
      expect(
        textOf(objectOf(valueAt(data, pointer)).hmac) === hmac,
        subject,
        `${id} does not commit to what stands beside it as ${pointer}`,
      )
      expect(!salts.has(salt), subject, `${id} has the salt of another commitment`)
      salts.add(salt)
    }
    if (evidence.personal.length === 0) continue
    const text = JSON.stringify(stated(event))
    const leaked = evidence.personal.find((one) => text.includes(`${one}"`))
    expect(leaked === undefined, subject, `${id} (${event.type}) states "${leaked}" in clear`)
    expect(
      typeof objectOf(data.actor).name !== 'string' && typeof objectOf(data.by).name !== 'string',
      subject,
      `${id} (${event.type}) states a name in clear`,
    )
  }
  for (const event of evidence.emitted)
    expect(event.openings === undefined, event.subject, `listeners heard what ${event.id} only commits to`)
  return found
}

/** What a JSON Pointer leads to; `undefined` when nothing. */
function valueAt(value: unknown, pointer: string): unknown {
  let found = value
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    found = Array.isArray(found) ? listOf(found)[Number(name)] : objectOf(found)[name]
  }
  return found
}
