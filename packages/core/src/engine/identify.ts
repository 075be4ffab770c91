import type { Awaitable } from '../contracts/awaitable'
import type { Clock } from '../contracts/clock'
import type { CanonicalPerson, Directory, PersonRef, Principal } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import type { ApprovalStore } from '../contracts/store'
import { samePerson } from '../policy/eligibility'
import { withDeadline } from '../values/deadline'
import { andThen } from '../values/is-promise'

const NOBODY: readonly PersonRef[] = []

/** Resolves identities to canonical people. Rejects when a link or the directory cannot be read: whoever asked refuses. */
export interface Identities {
  /** The canonical person behind a principal; `null` when the directory knows nobody by it. */
  person(
    principal: PersonRef & { readonly name?: string; readonly groups?: readonly string[] },
  ): Awaitable<CanonicalPerson | null>
  /** Those who may not review a request: its agent's owner and whom the agent acts for, in every form known (I4). */
  excluded(request: Pick<ApprovalRequest, 'requester' | 'onBehalfOf'>): Awaitable<readonly PersonRef[]>
  /** How many people of a group there are, or `null` where the directory cannot list. */
  readonly directory: Directory | null
}

/** Makes the identity resolution of one gate. */
export function createIdentities(
  store: ApprovalStore,
  directory: Directory | null,
  clock: Clock,
  timeoutMs: number,
): Identities {
  function person(principal: Parameters<Identities['person']>[0]): Awaitable<CanonicalPerson | null> {
    return andThen(store.links.get(principal), (linked) => {
      const known = linked ?? principal
      if (directory !== null) return withDeadline(clock, timeoutMs, directory.resolve(known), 'the directory')
      if (linked !== null) return linked
      const { issuer, subject, name = subject, groups = [] } = principal
      return { issuer, subject, name, groups }
    })
  }

  async function inEveryForm(principals: readonly (Principal | null)[]): Promise<readonly PersonRef[]> {
    const excluded: PersonRef[] = []
    for (const principal of principals) {
      if (principal === null) continue
      // Both forms: a directory that forgot somebody must not make them eligible.
      excluded.push(principal)
      const canonical = await person(principal)
      if (canonical !== null && !samePerson(canonical, principal)) excluded.push(canonical)
    }
    return excluded
  }

  return {
    directory,
    person,
    excluded: ({ requester: { owner }, onBehalfOf }) =>
      owner === null && onBehalfOf === null ? NOBODY : inEveryForm([owner, onBehalfOf]),
  }
}
