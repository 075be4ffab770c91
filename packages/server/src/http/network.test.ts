import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { networkOf } from './network'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:201', '192.0.2.1'],
  ['2001:db8:0:1::5', '2001:db8:0:1::/64'],
  ['2001:0DB8::0001:aaaa:bbbb:cccc:dddd', '2001:db8:0:1::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
  ['unix:/run/app.sock', 'unix:/run/app.sock'],
  ['203.0.113.9:4711', '203.0.113.9:4711'],
  ['', ''],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('addresses of one /64 are one, however they are written, and no two networks are', () => {
  const hextet = fc.integer({ min: 0, max: 0xffff })
  const half = fc.array(hextet, { minLength: 4, maxLength: 4 })
  const words = (numbers: readonly number[]) => numbers.map((n) => n.toString(16)).join(':')
  fc.assert(
    fc.property(half, half, half, half, (network, host, otherHost, otherNetwork) => {
      const address = `${words(network)}:${words(host)}`
      expect(isIPv6(address)).toBe(true)
      fc.pre(network.some((n) => n !== 0) && otherNetwork.some((n) => n !== 0))
      const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1)
      const long = [...network, ...otherHost]
        .map((n) => n.toString(16).padStart(4, '0').toUpperCase())
        .join(':')
      expect(networkOf(shortest)).toBe(networkOf(address))
      expect(networkOf(long)).toBe(networkOf(address))
      const same = words(network) === words(otherNetwork)
      expect(networkOf(`${words(otherNetwork)}:${words(host)}`) === networkOf(address)).toBe(same)
    }),
  )
})
