import { describe, expect, test } from 'vitest'
import { reportCell } from './csv'
import { receiptCommand } from './receipt-command'
import { readableDuration, readableTime } from './times'

describe('a cell', () => {
  test.each([
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
    ['José, 日本', '"José, 日本"'],
  ])('%j is quoted as RFC 4180 asks', (text, cell) => expect(reportCell(text)).toBe(cell))

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1+1', '\r=1+1', '\n=1+1', '＝1+1', '＠SUM(A1)', "'=1+1"])(
    '%j is no formula, and can be told from one that was none',
    (text) => {
      const cell = reportCell(text).replace(/^"/, '')
      expect(cell.startsWith("'")).toBe(true)
      expect(cell).not.toMatch(/^[=+\-@\t\r\n]/)
    },
  )

  test('what hides is visible, once', () => {
    expect(reportCell('a\u202eb')).toBe('a⟦U+202E⟧b')
    expect(reportCell('a⟦U+202E⟧b')).toBe('a⟦U+202E⟧b')
  })

  test('a number, and nothing', () => {
    expect([reportCell(0), reportCell(-5), reportCell(null)]).toEqual(['0', '-5', ''])
  })
})

test('the receipt command is quoted for a shell, whatever an id says', () => {
  const command = (directory: string, id: string) => receiptCommand({ id, place: { directory, index: 0 } })
  expect(command('./audit-log', '01KDV')).toBe('gatewright audit receipt ./audit-log 01KDV')
  expect(command('my logs', "x'; rm -rf ~ #")).toBe("gatewright audit receipt 'my logs' 'x'\\''; rm -rf ~ #'")
  expect(command('log', '$(id)')).toContain("'$(id)'")
})

test('times and durations that cannot be are told as numbers, not thrown', () => {
  expect(readableTime(1e300)).toBe('1e+300')
  expect(readableTime(0)).toBe('1970-01-01 00:00:00 UTC')
  expect([0, 999, 2_500, 200_000, 18_180_000, 864_000_000].map(readableDuration)).toEqual([
    '0 ms',
    '999 ms',
    '2.5 s',
    '3 min 20 s',
    '5 h 3 min',
    '10 days',
  ])
})
