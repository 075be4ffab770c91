import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, cliWith, makeLog } from '../../test/cli-log'
import { OutputClosedError } from './exit'

const place = mkdtempSync(join(tmpdir(), 'gatewright-export-'))
const log = join(place, 'log')
let shown: readonly string[] = []

beforeAll(async () => {
  await makeLog(log)
  shown = (await cli('audit', 'show', log, '--json')).out.split('\n')
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

describe('gatewright audit export', () => {
  test('prints a line of OCSF for each event', async () => {
    const { code, out } = await cli('audit', 'export', log, '--format', 'ocsf')
    expect(code).toBe(0)
    const ids = out.split('\n').map((line) => JSON.parse(line).metadata.uid)
    expect(ids).toEqual(shown.map((line) => JSON.parse(line).id))
  })

  test('writes a file of CSV, whole or not at all', async () => {
    const out = join(place, 'events.csv')
    const { code, err } = await cli('audit', 'export', log, '--format', 'csv', '--out', out)
    expect([code, err]).toEqual([0, `${out}: ${shown.length} events`])
    expect(readFileSync(out, 'utf8').startsWith('time,type,event_id,')).toBe(true)
    const before = readdirSync(place)
    const broken = join(place, 'broken.csv')
    const failed = await cli(
      'audit',
      'export',
      log,
      join(place, 'nowhere'),
      '--format',
      'csv',
      '--out',
      broken,
    )
    expect(failed.code).toBe(1)
    expect(failed.err).toContain('holds no log')
    expect(readdirSync(place)).toEqual(before)
  })

  test('replaces nothing unless it is told to', async () => {
    const out = join(place, 'kept.csv')
    writeFileSync(out, 'mine')
    const args = ['audit', 'export', log, '--format', 'csv', '--out', out]
    expect((await cli(...args)).code).toBe(4)
    expect(readFileSync(out, 'utf8')).toBe('mine')
    expect((await cli(...args, '--force')).code).toBe(0)
    expect(readFileSync(out, 'utf8')).not.toBe('mine')
  })

  test('a reader that has gone ends it quietly', async () => {
    const gone = async () => {
      throw new OutputClosedError('gone')
    }
    expect(await cliWith({ write: gone }, 'audit', 'export', log, '--format', 'ocsf')).toEqual({
      code: 0,
      out: '',
      err: '',
    })
  })

  test('a period', async () => {
    const { out } = await cli('audit', 'export', log, '--format', 'csv', '--until', '2020-01-01')
    expect(out.trim().split('\n')).toHaveLength(1)
  })

  test.each([
    [['audit', 'export'], 'which log'],
    [['audit', 'export', log], '--format ocsf or --format csv'],
    [['audit', 'export', log, '--format', 'toString'], 'there is no format "toString"'],
    [['audit', 'export', log, '--format', 'csv', '--since', '1'], '--since 1 is no time'],
    [['audit', 'export', log, '--format', 'csv', '--since', '2026-13-01'], 'is no time'],
    [
      ['audit', 'export', log, '--format', 'csv', '--since', '2026-02-01', '--until', '2026-01-01'],
      'is not after',
    ],
    [['audit', 'export', log, log, '--format', 'csv'], 'names a directory twice'],
  ])('exits 4 for %j, and says what to do', async (args, message) => {
    const { code, err, out } = await cli(...args)
    expect([code, out]).toEqual([4, ''])
    expect(err).toContain(message)
  })
})
