import type { JsonObject } from '@gatewright/core'
import type { EventFacts } from '../event-facts'
import type { FactPerson } from '../fact-person'
import { given } from './event-data'

/** `type_id` of a user, and its name. */
const USER_TYPES: Readonly<Record<string, readonly [number, string]>> = {
  human: [1, 'User'],
  service: [4, 'Service'],
  agent: [99, 'Agent'],
}

/** A person as the object `user`. */
function userOf({ issuer, name, subject, type }: FactPerson): JsonObject {
  const [typeId, typeName] = USER_TYPES[type ?? ''] ?? []
  return given({
    uid: subject ?? 'unknown',
    name: name ?? undefined,
    domain: issuer ?? undefined,
    type_id: typeId,
    type: typeName,
  })
}

/**
 * Who did it: the person who took the step, with who vouches for them; else the agent, with the human it acts for; else the
 * gate.
 */
export function actorOf({ actor, onBehalfOf, requester }: EventFacts, source: string): JsonObject {
  const person = actor ?? onBehalfOf
  const program = actor === null ? (requester ?? source) : undefined
  return given({
    app_name: program,
    user: person === null ? undefined : userOf(person),
    idp: person?.issuer == null ? undefined : { uid: person.issuer },
  })
}

/** `observable` numbers of the schema: of the attribute `user.uid`, and of the type of `user.name`. */
const USER_UID = 31
const USER_NAME = 4

/** What analysts search by: people. */
export function observablesOf({ actor, onBehalfOf }: EventFacts): readonly JsonObject[] {
  const person = actor ?? onBehalfOf
  if (person === null) return []
  const found: JsonObject[] = []
  if (person.subject !== null)
    found.push({ name: 'actor.user.uid', type_id: USER_UID, value: person.subject })
  if (person.name !== null) found.push({ name: 'actor.user.name', type_id: USER_NAME, value: person.name })
  return found
}
