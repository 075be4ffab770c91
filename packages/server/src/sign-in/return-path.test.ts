import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { returnPath } from './return-path'

describe('the page to go to after a sign-in', () => {
  test.each(['/requests', '/requests/01J?x=1', '/link/a.b-c_d', '/history?status=approved&action=a.b'])(
    '%s is a page of ours',
    (path) => expect(returnPath(path, '')).toBe(path),
  )

  test.each([
    undefined,
    '',
    'requests',
    'https://evil.example/requests',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/%0d%0aSet-Cookie: x'.replace('%0d%0a', '\r\n'),
    '/..//evil.example',
    'javascript:alert(1)',
    '/requests\u0000',
    `/${'a'.repeat(2_000)}`,
  ])('%j leads to the inbox', (path) => expect(returnPath(path, '')).toBe('/requests'))

  test('stays below the path at which the server is mounted', () => {
    expect(returnPath('/approvals/requests/1', '/approvals')).toBe('/approvals/requests/1')
    expect(returnPath('/admin', '/approvals')).toBe('/approvals/requests')
    expect(returnPath('/approvals/../admin', '/approvals')).toBe('/approvals/requests')
    expect(returnPath('/approvalsx', '/approvals')).toBe('/approvals/requests')
  })

  test('whatever is given, a browser stays on this site and below its path', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2f',
      '%5c',
      '@',
      ':',
      '//',
      'evil.example',
      'x',
      '?',
      '#',
      '\t',
      '\n',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }), (pieces) => {
        const url = new URL(returnPath(pieces.join(''), '/a'), 'https://here.example')
        expect(url.origin).toBe('https://here.example')
        expect(url.pathname.startsWith('/a/') || url.pathname === '/a').toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
