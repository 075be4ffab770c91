import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { fileAudit } from '@gatewright/audit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, cliWith, makeLog } from '../../test/cli-log'

const place = mkdtempSync(join(tmpdir(), 'gatewright-show-'))
const log = join(place, 'log')
let requestId = ''

beforeAll(async () => {
  requestId = await makeLog(log)
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const show = async (...args: string[]) => (await cli('audit', 'show', log, ...args)).out.split('\n')
/** What happened, line by line. */
const steps = (lines: readonly string[]) =>
  lines.map((line) => line.slice(21 + 2 + 7, 21 + 2 + 7 + 11).trim())

describe('the lines of audit show', () => {
  test('say who did what, and why, each part under the one above', async () => {
    const lines = await show('--request', requestId)
    expect(steps(lines)).toEqual(['asks', 'shown', 'votes yes', 'APPROVED', 'runs', 'succeeded'])
    const [asks = '', , votes = '', approved = ''] = lines
    expect(asks).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}\w{6} {2}asks +mail\.send +bot +text=/)
    expect(votes).toContain('mock reviewer')
    expect(votes).toContain('through mock · known by demo')
    expect(approved).toContain('on votes')
    const at = asks.indexOf('mail.send')
    expect(lines.map((line) => line.indexOf('mail.send'))).toEqual(lines.map(() => at))
    expect(lines.every((line) => line.includes(requestId.slice(-6)))).toBe(true)
  })

  test('have colours only where they are seen, and fit the terminal', async () => {
    expect((await show()).join('')).not.toContain('\u001b')
    const write: string[] = []
    const seen = { colour: true, columns: 100, write: async (text: string) => void write.push(text) }
    await cliWith(seen, 'audit', 'show', log)
    const text = write.join('')
    expect(text).toContain('\u001b[32mAPPROVED')
    // What an agent wrote brings no colour of its own.
    expect(text).not.toContain('\u001b[2J')
    const plain = stripVTControlCharacters(text).trimEnd().split('\n')
    expect(Math.max(...plain.map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(plain.some((line) => line.endsWith('…'))).toBe(true)
  })

  test('what anybody wrote begins no line of its own, and what was set aside is said to be', async () => {
    const directory = join(place, 'forged')
    const audit = fileAudit({ directory, origin: 'example.com/forged' })
    const by = { issuer: 'i', name: { hmac: 'ab' }, subject: 'ada' }
    const data = { action: 'a\nb', by, reason: 'no\r\u2028\n2026-01-01 00:00:00Z  APPROVED\u202e' }
    const [source, subject] = ['bot', 'call\n1']
    const id = `${subject}/1`
    await audit.append([{ data, id, previous: null, seq: 1, source, subject, time: 0, type: 'call.denied' }])
    await audit.close()
    const { out } = await cli('audit', 'show', directory, '--type', 'call')
    expect(out.split(/[\n\r\u2028]/)).toHaveLength(1)
    expect(out).toContain('a⏎b')
    expect(out).toContain('[withheld]')
    expect(out).toContain('no⟦U+000D⟧⟦U+2028⟧⏎2026-01-01 00:00:00Z  APPROVED⟦U+202E⟧')
  })

  test.each([
    [
      ['--action', 'mail.send'],
      ['asks', 'shown', 'votes yes', 'APPROVED', 'runs', 'succeeded'],
    ],
    [
      ['--action', 'data'],
      ['runs', 'succeeded'],
    ],
    [['--action', 'data.*', '--type', 'execution.started'], ['runs']],
    [['--action', 'mai'], []],
    [['--by', 'Mock Reviewer'], ['votes yes']],
    [
      ['--by', 'bot', '--type', 'request'],
      ['asks', 'APPROVED'],
    ],
    [['--by', 'nobody'], []],
    [['--last', '1', '--type', 'log'], ['log closes']],
    [['--until', '2020-01-01'], []],
  ])('%j', async (args, expected) => {
    expect(steps((await show(...args)).filter((line) => line !== ''))).toEqual(expected)
  })

  test('the end of an id is enough', async () => {
    expect(await show('--request', requestId.slice(-6))).toEqual(await show('--request', requestId))
    expect(await show('--request', requestId.slice(-5))).toEqual([''])
  })
})

describe('audit show --follow', () => {
  test('prints what is there, then what comes, until it is interrupted', async () => {
    const directory = join(place, 'growing')
    const audit = fileAudit({ directory, origin: 'example.com/growing', segmentBytes: 4_096 })
    await audit.opened
    const add = (from: number, to: number) =>
      audit.append(
        Array.from({ length: to - from }, (_, at) => ({
          data: { action: `step.${'x'.repeat(300)}`, reason: `number ${from + at}` },
          id: `call-${from + at}/1`,
          previous: null,
          seq: 1,
          source: 'bot',
          subject: `call-${from + at}`,
          time: from + at,
          type: 'call.denied' as const,
        })),
      )
    await add(0, 3)
    const written: string[] = []
    const stop = new AbortController()
    const waits: number[] = []
    const changes = [() => add(3, 40), () => undefined, () => add(40, 41), () => stop.abort()]
    const { code } = await cliWith(
      {
        write: async (text) => void written.push(text),
        interrupted: () => stop.signal,
        changed: async (where, signal) => {
          expect([where, signal]).toEqual([directory, stop.signal])
          waits.push(written.join('').split('\n').length - 1)
          await changes.shift()?.()
        },
      },
      ...['audit', 'show', directory, '--follow', '--last', '2', '--type', 'call'],
    )
    await audit.close()
    expect(code).toBe(0)
    // Everything is printed before the next wait: the last two of three, then all that came.
    expect(waits).toEqual([2, 39, 39, 40])
    const numbers = [...written.join('').matchAll(/number (\d+)/g)].map(([, number]) => Number(number))
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, at) => at + 1))
  })

  test('goes with no --until', async () => {
    const { code, err } = await cli('audit', 'show', log, '-f', '--until', '2027-01-01')
    expect([code, err.includes('give one of them')]).toEqual([4, true])
  })

  test('exits 1 where there is no log', async () => {
    const { code, err } = await cli('audit', 'show', place, '--follow')
    expect([code, err.includes('holds no log')]).toEqual([1, true])
  })
})
