import type { CanonicalPerson, PersonRef } from '../contracts/principal'
import type { ApprovalStore } from '../contracts/store'
import { freezeJson } from './freeze'
import type { Open } from './open'

/** Makes an empty table of identities and the people behind them. */
export function createLinks(open: Open): ApprovalStore['links'] {
  const people = new Map<string, CanonicalPerson>()
  return {
    put(identity, person) {
      open()
      people.set(keyOf(identity), freezeJson(person))
    },
    get(identity) {
      open()
      return people.get(keyOf(identity)) ?? null
    },
    remove(identity) {
      open()
      people.delete(keyOf(identity))
    },
  }
}

/** Both parts come from outside, so no separator would be safe. */
function keyOf({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}
