import type { Principal } from '../contracts/principal'
import { recordAlone } from '../engine/commit'
import type { Engine } from '../engine/engine'
import { actorData } from '../engine/events'
import { redactText } from '../engine/present'
import { cutVisible } from '../present/visible'

/** A vote that a transport refused before the gate could judge it: its form is wrong, or it claims to be somebody (T03). */
export interface MalformedVote {
  /** Who sent it, as the transport verified: never who it says it is. Nobody unverified fills a log. */
  readonly actor: Principal
  /** As it was sent: there may be no such request. */
  readonly requestId: string
  readonly channel: string
  /** JSON Pointers to what is wrong; none where the whole could not be read. Values stay out (T43). */
  readonly fields: readonly string[]
}

const MOST_FIELDS = 10
const LONGEST = 100

/** Records it like every vote that is refused (I6). It is counted nowhere, and nothing is looked up (T04). */
export async function recordMalformedVote(
  engine: Engine,
  { actor, requestId, channel, fields }: MalformedVote,
): Promise<void> {
  const text = (given: string): string => cutVisible(redactText(engine, given), LONGEST)
  await recordAlone(engine, 'vote.refused', {
    actor: actorData(actor),
    channel,
    decision: null,
    fields: fields.slice(0, MOST_FIELDS).map(text),
    known: false,
    // What the gate answers to the same in good form.
    reason: actor.type === 'human' ? 'malformed' : 'not-human',
    requestId: text(requestId),
  })
}
