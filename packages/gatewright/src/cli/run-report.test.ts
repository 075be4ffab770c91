import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createReport, inert } from './run-report'
import type { RunResult } from './run-result'

const place = mkdtempSync(join(tmpdir(), 'gatewright-report-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const rejected: RunResult = {
  action: 'plan.apply',
  requestId: '01M8',
  status: 'rejected',
  exitCode: 77,
  command: null,
  reason: 'no',
  by: ['Rita'],
  link: null,
}

function reported(result: RunResult, environment: Record<string, string>, command = 'terraform apply') {
  const lines: string[] = []
  const io = { out: () => undefined, err: (text: string) => void lines.push(text), progress: () => undefined }
  const options = { json: true, result: null, command, receipt: (id: string) => `audit receipt ${id}` }
  createReport(io, environment, options).end(result)
  return lines
}

const attacks = [
  '::set-output name=a::b',
  'x\n::error::y',
  'x\r\n::add-mask::y',
  'x\r::stop-commands::y',
  ' \t::warning::y',
  'x ##[group]y',
  'x ###[group]y ####[error]z',
  'x ##vso[task.setvariable variable=a]b',
  'x\u2028::error::y',
  '\u001b[0Ksection_start:1:x\r\u001b[0Kheader',
  '\u202e::error::',
  'x%0A::error::y',
]

describe('what people and agents wrote is no command of a CI system', () => {
  test.each(attacks)('%j', (text) => {
    for (const mark of ['GITHUB_ACTIONS', 'GITLAB_CI', 'NOTHING']) {
      const lines = reported({ ...rejected, reason: text, by: [text], action: text }, { [mark]: 'true' })
      expect(lines).toHaveLength(2)
      for (const line of lines) {
        expect(line).not.toMatch(/##|[\r\n\u2028\u2029\u202e]/)
        expect(line.includes('\u001b')).toBe(false)
      }
      const [said = '', json = ''] = lines
      const isAnnotation = mark === 'GITHUB_ACTIONS'
      expect(said.startsWith(isAnnotation ? '::error title=gatewright::' : 'gatewright: ')).toBe(true)
      // A percent sign is data, never an escape that the runner turns back into a new line.
      if (isAnnotation) expect(said).not.toMatch(/%0A/i)
      expect(JSON.parse(json)).toMatchObject({ reason: text })
    }
  })

  test('the step summary shows them as text', () => {
    const path = join(place, 'summary.md')
    const hostile = '</code><img src=x>|x|`y` @everyone [z](http://e) <!-- \n# title'
    reported(
      { ...rejected, reason: hostile, by: [hostile] },
      { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: path },
      hostile,
    )
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines.slice(0, 4)).toEqual(['### Gatewright', '', '| | |', '| --- | --- |'])
    for (const row of lines.slice(4))
      expect(row).toMatch(/^\| [A-Z][a-z ]+ \| <code>(?:[^<>|`@[\]()!&#\\]|&#\d+;)*<\/code> \|$/)
    expect(lines.join('\n')).toContain('audit receipt 01M8')
  })
})

test('T43: secrets of known kinds are not repeated', () => {
  expect(inert(`token=${'a'.repeat(20)} ghp_${'a'.repeat(36)}`)).not.toMatch(/aaaa/)
})

test('a summary that cannot be written changes nothing, and is said', () => {
  const lines = reported(rejected, { GITHUB_STEP_SUMMARY: join(place, 'no', 'where') })
  expect(lines).toContainEqual('gatewright: warning: the step summary cannot be written (ENOENT)')
})
