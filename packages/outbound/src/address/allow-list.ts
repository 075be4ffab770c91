import { BlockList, isIP, isIPv4 } from 'node:net'
import { OptionError } from '@gatewright/core'

/** What may be reached although it is not on the internet. */
export interface AllowList {
  /** Whether everything that a name resolves to is allowed. */
  host(name: string): boolean
  address(address: string): boolean
}

/**
 * Reads a list of addresses, CIDR ranges and host names. A name is meant exactly: no wildcard, no subdomains.
 *
 * @throws OptionError for an entry that is none of these
 */
export function parseAllowList(entries: readonly string[], option: string): AllowList {
  if (!Array.isArray(entries)) throw new OptionError(option, 'must be a list of host names and CIDR ranges')
  const ranges = new BlockList()
  const hosts = new Set<string>()
  for (const [index, entry] of entries.entries()) {
    const where = `${option}[${index}]`
    if (typeof entry !== 'string' || entry === '') throw new OptionError(where, 'must be a non-empty string')
    if (isIP(entry) !== 0 || entry.includes('/')) addRange(ranges, entry, where)
    else hosts.add(parseHost(entry, where))
  }
  return {
    host: (name) => hosts.has(withoutDot(name.toLowerCase())),
    address: (address) => {
      const family = isIP(address)
      if (family === 0 || address.includes('%')) return false
      return ranges.check(address, family === 4 ? 'ipv4' : 'ipv6')
    },
  }
}

function addRange(ranges: BlockList, entry: string, where: string): void {
  const [address = '', bits, ...more] = entry.split('/')
  const most = isIPv4(address) ? 32 : 128
  const prefix = bits === undefined ? most : Number(bits)
  const valid = isIP(address) !== 0 && !address.includes('%') && more.length === 0
  if (!valid || (bits !== undefined && !/^\d{1,3}$/.test(bits)) || prefix > most)
    throw new OptionError(where, 'is no CIDR range, such as 10.1.0.0/16 or fd12::/64')
  ranges.addSubnet(address, prefix, most === 32 ? 'ipv4' : 'ipv6')
}

function parseHost(entry: string, where: string): string {
  const url = URL.canParse(`https://${entry}/`) ? new URL(`https://${entry}/`) : null
  // The parser would take a port, a path, a user, and a number for an address.
  if (url === null || withoutDot(url.hostname) !== withoutDot(entry.toLowerCase()) || entry.includes('*'))
    throw new OptionError(where, 'is no host name (in its ASCII form), address or CIDR range')
  return withoutDot(url.hostname)
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}
