import type { PersonRef } from '@gatewright/core'
import type { Context } from 'hono'
import type { ServerSettings } from '../options'
import { isLoopback } from './loopback'
import { networkOf } from './network'

/** The name under which a person's requests are counted. */
export function countedPerson({ issuer, subject }: PersonRef): string {
  return `person ${issuer} ${subject}`
}

/**
 * Says where a request came from: the name under which requests of nobody in particular are counted together. Of an IPv6
 * address its first 64 bits count.
 *
 * @returns `null` where that is not known
 */
export type ClientAddress = (request: Request, environment: unknown) => string | null

/** What a request without a name is for: those without an address are counted apart by it. */
export type Surface = 'api' | 'pages'

/** Names those who prove nothing, for counting. */
export type Strangers = (c: Context, surface: Surface) => string

const LONGEST_ADDRESS = 100

/** The address at the other end of the connection, where the host passes that as `@hono/node-server` does. */
export const connectionAddress: ClientAddress = (_, environment) => {
  const { incoming } = (environment ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } }
  return incoming?.socket?.remoteAddress ?? null
}

/**
 * Names strangers by their address. Those without one cannot be told apart and share a count; those of the API have another
 * one than those of the pages, so that a program with a wrong key keeps nobody from signing in. Who proved who they are is
 * never counted with them.
 */
export function createStrangers({ clientAddress, logger, url }: ServerSettings): Strangers {
  let warned = false

  function warn(words: string): void {
    if (warned) return
    warned = true
    logger.warn(
      {},
      `${words}, and those who are not signed in share one rate limit. Say in "clientAddress" where a request came from`,
    )
  }

  return (c, surface) => {
    const address = addressOf(clientAddress, c)
    if (address === null) {
      warn('it is not known from where requests come')
      return `nobody ${surface}`
    }
    // Everybody who comes by a proxy comes from there.
    if (clientAddress === connectionAddress && isLocal(address) && !isLoopback(url.hostname))
      warn('all requests come from this computer')
    return `address ${networkOf(address)}`
  }
}

/** What a host's function cannot say is not known. */
function addressOf(clientAddress: ClientAddress, c: Context): string | null {
  try {
    const address: unknown = clientAddress(c.req.raw, c.env)
    return typeof address === 'string' && address !== '' ? address.slice(0, LONGEST_ADDRESS) : null
  } catch {
    return null
  }
}

function isLocal(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '')
  return isLoopback(plain.includes(':') ? `[${plain}]` : plain)
}
