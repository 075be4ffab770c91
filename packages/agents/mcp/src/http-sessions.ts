import type { Call } from './connection'
import type { RequestId } from './messages'

/** What is known of one session of a client. */
export interface HttpSession {
  readonly calls: Map<RequestId, Call>
  client: string | undefined
}

/** The sessions of a gateway over HTTP, by the ids that the server gave them. */
export interface HttpSessions {
  /** Without an id: one of its own, since ids of calls repeat from client to client. */
  of(id: string | undefined): HttpSession
  /** A session began with this client. */
  began(id: string, client: string | undefined): void
  /** A session is over, and with it what its client waits for. */
  ended(id: string): void
  /** The server says that it has no such session: what waits in it is given up. */
  expired(id: string): void
}

/** What is remembered at most: an older session goes on, and its client is without a name. */
const MAX_SESSIONS = 10_000

/** Keeps sessions, and forgets the oldest when there are too many. */
export function httpSessions(): HttpSessions {
  const known = new Map<string, HttpSession>()

  function keep(id: string, session: HttpSession): HttpSession {
    known.delete(id)
    known.set(id, session)
    for (const [old, { calls }] of known) {
      if (known.size <= MAX_SESSIONS) break
      if (calls.size === 0) known.delete(old)
    }
    return session
  }

  function forget(id: string, isOver: (call: Call) => boolean): void {
    const session = known.get(id)
    known.delete(id)
    for (const call of session?.calls.values() ?? []) {
      if (!isOver(call)) continue
      // The server is told of no call in a session that it does not have.
      call.told = true
      call.gaveUp.abort(new Error('the session ended'))
    }
  }

  return {
    of(id) {
      if (id === undefined) return { calls: new Map(), client: undefined }
      return known.get(id) ?? keep(id, { calls: new Map(), client: undefined })
    },
    began: (id, client) => void keep(id, { calls: new Map(), client }),
    ended: (id) => forget(id, () => true),
    // What the server has, it answers as it answers everything in that session.
    expired: (id) => forget(id, ({ sent }) => !sent),
  }
}
