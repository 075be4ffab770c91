import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, makeLog } from '../../test/cli-log'

const place = mkdtempSync(join(tmpdir(), 'gatewright-report-'))
const log = join(place, 'log')
let requestId = ''

beforeAll(async () => {
  requestId = await makeLog(log)
})

afterAll(() => rmSync(place, { recursive: true, force: true }))

describe('gatewright audit report', () => {
  const html = join(place, 'evidence.html')
  const csv = join(place, 'evidence.csv')
  const files = ['--out', html, '--csv', csv] as const

  test('verifies, and writes a page and a line for each action', async () => {
    const { code, out, err } = await cli(
      ...['audit', 'report', log, '--framework', 'nist800-53', '--title', 'Mail <bot>', ...files],
    )
    expect(code).toBe(0)
    expect(out).toContain('2 privileged actions, 1 of them put before people; 0 exceptions')
    expect(out).toContain(`evidence: ${html}`)
    expect(out).toContain('valid: everything that was checked holds.')
    expect(err).toContain('beside the log')
    const page = readFileSync(html, 'utf8')
    expect(page).toContain('<h1>Mail &lt;bot&gt;</h1>')
    expect(page).toContain('AC-5')
    expect(page).toContain(`gatewright audit receipt ${log} ${requestId}`)
    const lines = readFileSync(csv, 'utf8').split('\r\n')
    expect(lines).toHaveLength(4)
    expect(lines.some((line) => line.startsWith(`${requestId},request,`))).toBe(true)
    expect(page).toContain(createHash('sha256').update(readFileSync(csv)).digest('hex'))
  })

  test('of the days that were asked for, the last one whole', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const days = (from: string, to: string) =>
      cli('audit', 'report', log, '--framework', 'soc2', '--from', from, '--to', to, ...files)
    // A test that runs into midnight has its events on two days.
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    expect((await days(yesterday, today)).out).toContain('2 privileged actions')
    expect((await days('2020-01-01', '2020-12-31T23:59:59+01:00')).out).toContain('0 privileged actions')
    expect((await days(tomorrow, '2999-01-01')).out).toContain('0 privileged actions')
  })

  test('T47: exits 1 for a log that was changed, and says so in what it writes', async () => {
    const copy = join(place, 'changed-for-report')
    cpSync(log, copy, { recursive: true })
    const [name = ''] = readdirSync(join(copy, 'journal'))
    const path = join(copy, 'journal', name)
    const bytes = readFileSync(path)
    const at = bytes.indexOf('mail.send')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const { code, out } = await cli(
      ...['audit', 'report', copy, '--framework', 'soc2', '--trust', `${log}.trust.json`, ...files],
    )
    expect(code).toBe(1)
    expect(out).toContain('Do not rely on it')
    expect(readFileSync(html, 'utf8')).toContain('role="alert">The log is INVALID')
  })
})
