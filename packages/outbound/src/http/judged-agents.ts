import { lookup } from 'node:dns/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction, Socket } from 'node:net'
import type { Target } from '../address/target'

/** Every address of a name, by the system's resolver. */
export type Resolve = (
  host: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>

/** Asks as the system is configured to: hosts file, search domains, both families. */
export const systemResolve: Resolve = (host) => lookup(host, { all: true })

/** The agents that requests to a target go through. */
export interface JudgedAgents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
  /** Ends every connection. */
  destroy(): void
}

/**
 * Agents whose connections go to judged addresses and nowhere else (T36). The name is resolved once for each connection;
 * what was judged is what Node is given to connect to, so that a name server that answers differently the next time is not
 * asked. A connection that is kept open goes on to where it was judged to go.
 *
 * @param ca - certificates to trust instead of the system's, in PEM
 */
export function judgedAgents(target: Target, resolve: Resolve, ca: string | undefined): JudgedAgents {
  const options = { keepAlive: true, maxSockets: 16, lookup: judgedLookup(target, resolve) }
  const http = withJudgedConnections(new HttpAgent(options), target)
  const https = withJudgedConnections(
    new HttpsAgent({
      ...options,
      // Said outright: NODE_TLS_REJECT_UNAUTHORIZED=0 would switch it off.
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
    }),
    target,
  )
  return {
    http,
    https,
    destroy() {
      http.destroy()
      https.destroy()
    },
  }
}

function judgedLookup(target: Target, resolve: Resolve): LookupFunction {
  return (host, { all, family }, callback) => {
    const fail = (error: unknown): void => callback(error as NodeJS.ErrnoException, [])
    resolve(host).then((found) => {
      // All of them, also those of a family that is not wanted.
      try {
        target.judge(found.map(({ address }) => address))
      } catch (error) {
        return fail(error)
      }
      const wanted = found.filter((one) => !family || `${family}`.endsWith(`${one.family}`))
      const [first] = wanted
      if (first === undefined) return fail(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }))
      if (all) callback(null, [...wanted])
      else callback(null, first.address, first.family)
    }, fail)
  }
}

/** Looks at where a connection came out, whatever led it there, before anything is written to it. */
function withJudgedConnections<A extends HttpAgent>(agent: A, target: Target): A {
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback)
    socket.once('connect', () => {
      const { remoteAddress } = socket as Socket
      try {
        target.judge(remoteAddress === undefined ? [] : [remoteAddress])
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    return socket
  }
  return agent
}
