import type { CanonicalPerson, PersonRef, Principal } from '../contracts/principal'
import { recordAlone } from '../engine/commit'
import type { Engine } from '../engine/engine'
import { personData } from '../engine/events'
import { INVITATION } from '../engine/lifetime'
import { unseal } from '../engine/seal-value'
import { storeCall } from '../engine/store-call'
import { GatewrightError } from '../errors'
import { samePerson } from '../policy/eligibility'
import { identified, personOf } from './identified'

/** What an invitation states: an identity that an approver's transport verified. */
export interface Invitation extends PersonRef {
  /** As the transport calls them; for people to read. */
  readonly name: string
  /** The approver that invited. */
  readonly approver: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** The ceremony that makes two identities one person (DESIGN section 6). */
export interface LinkedIdentities {
  /** What an invitation states, if it is of this gate and not past its end; else `null`. Opening it changes nothing. */
  open(invitation: string): Invitation | null
  /**
   * Links the invited identity to whoever signed in, in place of its former link, and records it (`identity.linked`). Ask
   * the person first, showing whose identity it is: from then on it votes as them.
   *
   * @throws GatewrightError `ERR_LINK_INVALID` for an invitation that is not ours or too old, and for anybody but a person
   *   whom the directory knows and who signed in (`sso`, `token`); `ERR_IDENTITY_UNAVAILABLE`, `ERR_STORE_UNAVAILABLE`
   */
  link(invitation: string, by: Principal): Promise<CanonicalPerson>
  /** Ends a link, by the person whose it is. @throws GatewrightError `ERR_LINK_INVALID`, `ERR_STORE_UNAVAILABLE` */
  unlink(identity: PersonRef, by: Principal): Promise<void>
}

/** Makes the ceremony of one gate. */
export function createLinkedIdentities(engine: Engine): LinkedIdentities {
  const { settings, store } = engine

  function open(invitation: string): Invitation | null {
    const stated = unseal(settings.secrets, invitation, INVITATION)
    if (!Array.isArray(stated)) return null
    const [issuer, subject, name, approver, expiresAt] = stated as [string, string, string, string, number]
    return store.now() > expiresAt ? null : { issuer, subject, name, approver, expiresAt }
  }

  async function signedIn(by: Principal): Promise<CanonicalPerson> {
    if (by.type !== 'human') throw invalid('only people have linked identities')
    // A chat identity proves no other one: the pair would be as weak as the weaker of the two.
    if (by.assurance.method !== 'sso' && by.assurance.method !== 'token' && by.assurance.method !== 'demo')
      throw invalid('sign in at the identity provider first')
    const person = await identified(personOf(engine, by))
    if (person === null) throw invalid('the directory does not know you')
    return person
  }

  return {
    open,
    async link(invitation, by) {
      const invited = open(invitation)
      if (invited === null) throw invalid('the invitation is not good, or no longer. Ask for another one')
      const person = await signedIn(by)
      const identity = personData(invited)
      if (samePerson(identity, person)) throw invalid('both identities are the same')
      // I7: recorded first. A crash in between leaves a record of a link that nobody has, and never a link without one.
      await recordAlone(engine, 'identity.linked', {
        approver: invited.approver,
        identity,
        person: personData(person),
        provenBy: personData(by),
      })
      await storeCall(() => store.links.put(identity, person, by))
      return person
    },
    async unlink(identity, by) {
      const person = await signedIn(by)
      const linked = await storeCall(() => store.links.get(identity))
      if (linked === null || !samePerson(linked, person)) throw invalid('it is not linked to you')
      // The other way around: what the log calls unlinked votes for nobody.
      await storeCall(() => store.links.remove(identity))
      await recordAlone(engine, 'identity.unlinked', {
        identity: personData(identity),
        person: personData(person),
        provenBy: personData(by),
      })
    },
  }
}

function invalid(problem: string): GatewrightError {
  return new GatewrightError('ERR_LINK_INVALID', `the identities were not linked: ${problem}.`)
}
