import type { CanonicalPerson, Principal } from '../contracts/principal'
import type { Engine } from '../engine/engine'
import { GatewrightError } from '../errors'

/** The canonical person behind an actor; `null` for agents, services, and whom the directory does not know. */
export async function personOf(engine: Engine, actor: Principal): Promise<CanonicalPerson | null> {
  return actor.type === 'human' ? engine.identities.person(actor) : null
}

/**
 * Fails closed: nothing is shown to, or done for, somebody who cannot be identified.
 *
 * @throws GatewrightError `ERR_IDENTITY_UNAVAILABLE` for whatever kept a link or the directory from being read
 */
export async function identified<T>(looking: Promise<T>): Promise<T> {
  try {
    return await looking
  } catch (cause) {
    throw new GatewrightError(
      'ERR_IDENTITY_UNAVAILABLE',
      'who somebody is could not be checked, so nothing is shown to them or done for them. Try again once the directory and the store answer.',
      { cause },
    )
  }
}
