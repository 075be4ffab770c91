import { isIP } from 'node:net'
import { OptionError } from '@gatewright/core'
import { OutboundError } from '../errors'
import type { AllowList } from './allow-list'
import { isPublicAddress } from './public-address'

/** Where messages go, judged as far as it can be without asking the name server. */
export interface Target {
  readonly url: URL
  /** For messages: the host and port, without path and query, which may hold a secret. */
  readonly name: string
  /** Throws unless all of these addresses, to which the host resolved, may be reached (T36). */
  judge(addresses: readonly string[]): void
}

/**
 * Reads a target. The URL is parsed first, as WHATWG says: `0x7f.1`, `2130706433` and `１２７.０.０.１` are 127.0.0.1 from
 * then on, and what is judged is what is connected to.
 *
 * @throws OptionError for what is no URL of a target
 * @throws OutboundError `ERR_OUTBOUND_FORBIDDEN` when the URL holds an address that may not be reached
 */
export function parseTarget(text: string, allow: AllowList, allowHttp: boolean, option: string): Target {
  if (typeof text !== 'string' || !URL.canParse(text))
    throw new OptionError(option, 'must be a URL, such as https://hooks.example.com/gatewright')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new OptionError(option, 'must begin with https://')
  if (url.protocol === 'http:' && !allowHttp)
    throw new OptionError(option, 'must begin with https://; for plain http, set allowHttp')
  if (url.username !== '' || url.password !== '')
    throw new OptionError(option, 'must hold no user name and no password; use headers.authorization')
  if (url.hash !== '') throw new OptionError(option, 'must hold no fragment: it is never sent')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const target: Target = {
    url,
    name: url.host,
    judge: (addresses) => judge(url.host, host, addresses, allow),
  }
  // Node asks no name server for an address, so that nothing would judge it later.
  if (isIP(host) !== 0) target.judge([host])
  return target
}

function judge(name: string, host: string, addresses: readonly string[], allow: AllowList): void {
  if (addresses.length === 0) throw forbidden(`${name} has no address.`)
  if (allow.host(host)) return
  // All of them: a name with one public and one private address is how a judged name is swapped.
  const wrong = addresses.find((address) => !isPublicAddress(address) && !allow.address(address))
  if (wrong === undefined) return
  throw forbidden(
    `${name} is at ${wrong}, which is not on the internet. Allow it by name or range in "allow" if it is meant.`,
  )
}

function forbidden(problem: string): OutboundError {
  return new OutboundError('ERR_OUTBOUND_FORBIDDEN', `${problem} Nothing was sent.`)
}
