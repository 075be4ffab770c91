import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPublicAddress } from './public-address'

describe('T36: these are on the internet', () => {
  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.1',
    '172.15.255.255',
    '172.32.0.0',
    '168.63.129.15',
    '192.167.255.255',
    '223.255.255.255',
    '2606:4700::1111',
    '2001:4860:4860::8888',
    '2001:200::1',
    '2a00:1450:4001::',
    '3ffe:ffff::1',
  ])('%s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})

describe('T36: these are not', () => {
  test.each([
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'this network'],
    ['10.0.0.1', 'private'],
    ['100.64.0.1', 'carrier NAT'],
    ['100.100.100.200', "Alibaba's metadata"],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['168.63.129.16', "Azure's host agent"],
    ['169.254.169.254', 'metadata'],
    ['169.254.170.2', "ECS's metadata"],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.192', "Oracle's metadata of old"],
    ['192.168.1.1', 'private'],
    ['198.18.0.1', 'benchmarks'],
    ['203.0.113.7', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.250', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'mapped'],
    ['::ffff:8.8.8.8', 'mapped, of a public one'],
    ['::127.0.0.1', 'compatible'],
    ['::ffff:0:127.0.0.1', 'translated'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b:1::a00:1', 'NAT64, local'],
    ['100::1', 'discard'],
    ['2001::1', 'Teredo'],
    ['2001:1ff:ffff::1', 'of the protocol'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4'],
    ['3fff::1', 'documentation'],
    ['5f00::1', 'segment routing'],
    ['fc00::1', 'unique-local'],
    ['fd00:ec2::254', "EC2's metadata"],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local, with its zone'],
    ['2606:4700::1111%eth0', 'with a zone'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['', 'nothing'],
    ['localhost', 'a name'],
    ['127.1', 'half an address'],
    ['0x7f.0.0.1', 'hex'],
    ['1.2.3.4.5', 'too much'],
    ['8.8.8.8 ', 'with a space'],
  ])('%s (%s)', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

// Written another way than the code: numbers, not lists.
const private4 = (n: number): boolean =>
  [
    [0x00000000, 8],
    [0x0a000000, 8],
    [0x64400000, 10],
    [0x7f000000, 8],
    [0xa9fe0000, 16],
    [0xac100000, 12],
    [0xc0a80000, 16],
    [0xe0000000, 4],
    [0xf0000000, 4],
  ].some(([base = 0, bits = 0]) => n >>> (32 - bits) === base >>> (32 - bits))

const dotted = (n: number): string => [24, 16, 8, 0].map((bits) => (n >>> bits) & 255).join('.')

test('T36: no private IPv4 address passes, alone or wrapped into IPv6', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (n) => {
      if (private4(n)) expect(isPublicAddress(dotted(n))).toBe(false)
      const [high, low] = [(n >>> 16).toString(16), (n & 0xffff).toString(16)]
      for (const wrapped of [
        `::ffff:${high}:${low}`,
        `::${high}:${low}`,
        `64:ff9b::${high}:${low}`,
        `2002:${high}:${low}::1`,
        `2001:0:${high}:${low}::`,
        `fd00::${high}:${low}`,
      ])
        expect(isPublicAddress(wrapped)).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})

test('T36: of IPv6 only 2000::/3 can pass', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
      const address = groups.map((group) => group.toString(16)).join(':')
      const [first = 0] = groups
      if (first >>> 13 !== 1) expect(isPublicAddress(address)).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})
