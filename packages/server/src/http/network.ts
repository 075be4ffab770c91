/**
 * What one subscriber's addresses have in common, for counting: an IPv4 address whole, of IPv6 the first 64 bits. A host may
 * pick the rest itself and as often as it likes (RFC 4291, section 2.5.1; RFC 8981). What is no address comes back as it is.
 */
export function networkOf(address: string): string {
  const canonical = `http://[${address.replace(/%.*$/, '')}]`
  if (!address.includes(':') || !URL.canParse(canonical)) return address
  // Lower case, no leading zeros, IPv4 at the end in hexadecimal.
  const plain = new URL(canonical).hostname.slice(1, -1)
  const [head = '', tail = ''] = plain.split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail)
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  const mapped = /^0:0:0:0:0:ffff:/.test(all.join(':'))
  return mapped ? ipv4Of(all.slice(6)) : `${all.slice(0, 4).join(':')}::/64`
}

function groupsOf(part: string): readonly string[] {
  return part === '' ? [] : part.split(':')
}

function ipv4Of(groups: readonly string[]): string {
  return groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((number) => [number >> 8, number & 255])
    .join('.')
}
