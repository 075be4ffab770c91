import type { FactPerson } from './fact-person'

/** What the first event of a request says, and later ones do not repeat. */
export interface Begun {
  readonly action: string | null
  readonly requester: string | null
  readonly onBehalfOf: FactPerson | null
}

/** Requests that have not ended, and as many that have: deliveries and late outcomes come after the end. */
const MOST_OPEN = 50_000
const MOST_ENDED = 5_000

const ENDS =
  /^(?:request\.(?:rejected|expired|cancelled|undeliverable|lapsed|invalidated)|execution\.(?:succeeded|failed|blocked))$/

/** Remembers how requests began, in bounded memory: the oldest are forgotten first. */
export class EventMemory {
  readonly #open = new Map<string, Begun>()
  readonly #ended = new Map<string, Begun>()

  /** Notes what an event says of its request, and answers with what is known of it. */
  know(requestId: string, type: string, said: Begun): Begun | null {
    let known = this.#open.get(requestId) ?? this.#ended.get(requestId) ?? null
    if (known === null && said.action !== null) {
      known = said
      keep(this.#open, MOST_OPEN, requestId, said)
    }
    if (known !== null && ENDS.test(type) && this.#open.delete(requestId))
      keep(this.#ended, MOST_ENDED, requestId, known)
    return known
  }
}

function keep(map: Map<string, Begun>, most: number, requestId: string, begun: Begun): void {
  if (map.size >= most) {
    const [oldest] = map.keys()
    if (oldest !== undefined) map.delete(oldest)
  }
  map.set(requestId, begun)
}
