import { expect, test } from 'vitest'
import { isLoopback, privateServiceUrl, privateUrl } from './loopback'

test.each(['localhost', '127.0.0.1', '127.255.3.4', '[::1]'])('%s is this computer', (host) => {
  expect(isLoopback(host)).toBe(true)
  expect(privateUrl(`http://${host}:8443/a`)?.pathname).toBe('/a')
})

test.each([
  'localhost.evil.example',
  'evil-localhost',
  '127.0.0.1.evil.example',
  '128.0.0.1',
  '10.0.0.1',
  '[::2]',
  '0.0.0.0',
  '',
])('%j is not', (host) => {
  expect(isLoopback(host)).toBe(false)
  expect(privateUrl(`http://${host}/`)).toBeNull()
})

test('an address written otherwise is read before it is judged', () => {
  for (const url of ['http://0x7f.1/', 'http://2130706433/', 'http://LOCALHOST/'])
    expect(privateUrl(url)).not.toBeNull()
  for (const url of [
    'http://localhost@evil.example/',
    'ftp://localhost/',
    'javascript:alert(1)',
    'localhost',
    7,
  ])
    expect(privateUrl(url)).toBeNull()
})

test('a service’s address holds no query, fragment or user', () => {
  expect(privateServiceUrl('https://idp.example/scim/v2')?.href).toBe('https://idp.example/scim/v2')
  for (const url of ['https://idp.example/?a', 'https://idp.example/#a', 'https://ada@idp.example/'])
    expect(privateServiceUrl(url)).toBeNull()
})
