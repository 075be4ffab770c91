import { describe, expect, test } from 'vitest'
import { parseAllowList } from './allow-list'
import { parseTarget } from './target'

const target = (url: string, allow: readonly string[] = [], allowHttp = true) =>
  parseTarget(url, parseAllowList(allow, 'allow'), allowHttp, 'url')
const forbidden = expect.objectContaining({ code: 'ERR_OUTBOUND_FORBIDDEN' })
const wrong = expect.objectContaining({ code: 'ERR_OPTION_INVALID' })

describe('T36: an address is judged however it is written', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://0x7f.1/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://2130706433/',
    'http://0/',
    'http://0x0a.1/',
    'http://１２７.０.０.１/',
    'http://127。0。0。1/',
    'http://%31%32%37.0.0.1/',
    'http://①②⑦.0.0.1/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[2002:a9fe:a9fe::]/',
    'http://[fd00:ec2::254]/',
    'https:\\\\169.254.169.254\\latest',
    'https:///169.254.169.254/latest',
    'HTTPS://169.254.169.254:443/',
  ])('%s', (url) => {
    expect(() => target(url)).toThrow(forbidden)
  })
})

describe('a target is refused', () => {
  test.each([
    ['http://hooks.example.com/', [], false, 'allowHttp'],
    ['ftp://hooks.example.com/', [], true, 'https://'],
    ['file:///etc/passwd', [], true, 'https://'],
    ['https://user@hooks.example.com/', [], true, 'user name'],
    ['https://hooks.example.com@10.0.0.1/', ['10.0.0.0/8'], true, 'user name'],
    ['https://:pass@hooks.example.com/', [], true, 'user name'],
    ['https://hooks.example.com/#x', [], true, 'fragment'],
    ['hooks.example.com', [], true, 'must be a URL'],
    ['http://[fe80::1%25eth0]/', [], true, 'must be a URL'],
    ['', [], true, 'must be a URL'],
  ] as const)('%s', (url, allow, allowHttp, message) => {
    expect(() => target(url, allow, allowHttp)).toThrow(wrong)
    expect(() => target(url, allow, allowHttp)).toThrow(message)
  })
})

describe('what a name resolves to', () => {
  test('T36: is refused when any of its addresses is internal, or there is none', () => {
    const { judge } = target('https://hooks.example.com/')
    expect(() => judge(['8.8.8.8', '2606:4700::1111'])).not.toThrow()
    expect(() => judge(['8.8.8.8', '10.0.0.1'])).toThrow(forbidden)
    expect(() => judge(['8.8.8.8', '::ffff:8.8.8.8'])).toThrow(forbidden)
    expect(() => judge([])).toThrow(forbidden)
  })

  test('may be internal where it is allowed by range, and nowhere else', () => {
    const { judge } = target('https://hooks.example.com/', ['10.1.0.0/16', 'fd12::/64', '192.168.7.7'])
    expect(() => judge(['10.1.255.255', 'fd12::1', '192.168.7.7'])).not.toThrow()
    for (const address of ['10.2.0.0', 'fd12:0:0:1::1', '192.168.7.8', '127.0.0.1', 'fd12::1%eth0'])
      expect(() => judge([address])).toThrow(forbidden)
  })

  test('may be anything for a name that is allowed: that very name', () => {
    expect(() =>
      target('https://Hooks.Corp.Example./', ['hooks.corp.example']).judge(['10.0.0.1']),
    ).not.toThrow()
    expect(() => target('https://localhost/', ['localhost']).judge(['127.0.0.1', '::1'])).not.toThrow()
    for (const host of ['x.hooks.corp.example', 'hooks.corp.example.evil.test', 'corp.example'])
      expect(() => target(`https://${host}/`, ['hooks.corp.example']).judge(['10.0.0.1'])).toThrow(forbidden)
  })

  test('the path and the query are in no message', () => {
    const { judge, name } = target('https://hooks.example.com:8443/T0/secret?sig=hunter2')
    expect(name).toBe('hooks.example.com:8443')
    expect(() => judge(['10.0.0.1'])).toThrow(
      /^hooks\.example\.com:8443 is at 10\.0\.0\.1, (?!.*(secret|hunter2))/,
    )
  })
})

describe('an allow list takes', () => {
  test.each([
    '',
    '*.example.com',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    'fd12::/129',
    'fe80::1%eth0/64',
    'example.com:443',
    'example.com/x',
    'user@example.com',
    '2130706433',
    '0x7f.1',
    'bücher.example',
    ' ',
  ])('no %j', (entry) => {
    expect(() => parseAllowList([entry], 'allow')).toThrow(wrong)
  })

  test('no text in the place of a list', () => {
    expect(() => parseAllowList('10.0.0.0/8' as never, 'allow')).toThrow(wrong)
    expect(() => parseAllowList([7] as never, 'allow')).toThrow(wrong)
  })
})
