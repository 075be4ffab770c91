import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * What the IANA special-purpose registry, and two clouds, keep from being somebody on the internet. Each of these has been
 * a way to a service that trusts whoever reaches it.
 */
const RESERVED_IPV4: readonly (readonly [address: string, prefix: number])[] = [
  ['0.0.0.0', 8], // "this host": Linux connects it to itself
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carriers' NAT; Alibaba's metadata is in it
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // Azure's host agent: a public address that never leaves the machine
  ['169.254.0.0', 16], // link-local, with most clouds' metadata
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24], // relays of 6to4
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // and broadcast
]

/** Where IPv6 addresses of the internet are. All others are refused: mapped, compatible, NAT64, unique-local, multicast. */
const GLOBAL_IPV6 = ['2000::', 3] as const

/** What is reserved within that. */
const RESERVED_IPV6: readonly (readonly [address: string, prefix: number])[] = [
  ['2001::', 23], // Teredo, which wraps an IPv4 address, ORCHID, benchmarks
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4, which wraps an IPv4 address
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
]

const reserved = new BlockList()
for (const [address, prefix] of RESERVED_IPV4) reserved.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of RESERVED_IPV6) reserved.addSubnet(address, prefix, 'ipv6')
const global = new BlockList()
global.addSubnet(...GLOBAL_IPV6, 'ipv6')

/** Whether an address belongs to somebody on the internet. What is no address does not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !reserved.check(address, 'ipv4')
  // A zone (`fe80::1%eth0`) names an interface of this machine.
  if (!isIPv6(address) || address.includes('%')) return false
  return global.check(address, 'ipv6') && !reserved.check(address, 'ipv6')
}
