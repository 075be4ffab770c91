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

function reporting(environment: Record<string, string>, command = 'terraform apply') {
  const lines: string[] = []
  const io = { out: () => undefined, err: (text: string) => void lines.push(text), progress: () => undefined }
  const options = { json: true, result: null, command, receipt: (id: string) => `audit receipt ${id}` }
  return { lines, report: createReport(io, environment, options) }
}

function reported(result: RunResult, environment: Record<string, string>, command?: string) {
  const { lines, report } = reporting(environment, command)
  report.end(result)
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
    for (const mark of ['GITHUB_ACTIONS', 'NOTHING']) {
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

const ERASE = '\u001b[0K'

/** What GitLab reads in a log: its markers, wherever they stand, and the rest. */
function gitlabReads(log: string) {
  const found: string[] = []
  const [text = '', ...others] = log.split(`\r${ERASE}`).reverse()
  const rest = others.reverse().map((part) => {
    // Each of its markers ends in that, and in nothing else.
    const [all = '', what, name] =
      /section_(start|end):\d+:([\w.-]+(?:\[\w+=\w+(?:, ?\w+=\w+)*\])?)$/.exec(part) ?? []
    if (what !== undefined) found.push(`${what} ${name}`)
    return part.slice(0, part.length - all.length)
  })
  // Of no meaning by itself: ours stands before each marker too.
  return { found, text: [...rest, text].join('').replaceAll(ERASE, '') }
}

describe('sections in GitLab', () => {
  const halves = [
    'section_end:1:gatewright_request',
    'x section_start:1:x[collapsed=true]\r',
    'section_start:1:x\r\u001b[0K',
    '\u001b[0K',
    '\u009b0Ksection_end:1:x\r\u009b0K',
  ]

  test.each([...attacks, ...halves])('are ours alone, whatever people and agents wrote: %j', (text) => {
    const { lines, report } = reporting({ GITLAB_CI: 'true' }, text)
    report.asked({ action: text, id: text, link: text })
    report.say(text)
    report.decided()
    const before = lines.length
    report.end({ ...rejected, action: text, by: [text], link: text, reason: text, requestId: text })
    const { found, text: rest } = gitlabReads(lines.join('\n'))
    const [request = '', result = ''] = [found[0], found[2]].map(
      (one) => /gatewright_\w+/.exec(one ?? '')?.[0],
    )
    expect(request).toMatch(/^gatewright_request_[0-9a-f]{12}$/)
    expect(result).toMatch(/^gatewright_result_[0-9a-f]{12}$/)
    expect(found).toEqual([
      `start ${request}`,
      `end ${request}`,
      `start ${result}[collapsed=true]`,
      `end ${result}`,
    ])
    for (const one of ['##', '\r', '\u001b', '\u009b', '\u2028', '\u2029', '\u202e'])
      expect(rest).not.toContain(one)
    // Nobody's words begin a line, and the line of JSON is the last.
    for (const line of rest.split('\n').slice(0, -1)) expect(line).toMatch(/^$|^gatewright: /)
    expect(gitlabReads(lines[before - 1] ?? '').found).toEqual([`end ${request}`])
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ reason: text })
  })

  test('show the request while it waits, and at the end what was decided, with everything of it folded', () => {
    const { lines, report } = reporting({ GITLAB_CI: 'true' })
    report.asked({ action: 'plan.apply', id: '01M8', link: 'https://ask.example.com/01M8' })
    report.end(rejected)
    expect(gitlabReads(lines.slice(0, -1).join('\n')).text.split('\n')).toEqual([
      'gatewright: approval of plan.apply',
      'gatewright: waiting for approval of plan.apply: request 01M8, https://ask.example.com/01M8',
      '',
      'gatewright: error: plan.apply rejected, so nothing was run (request 01M8), decided by Rita: no',
      'gatewright: Action: plan.apply',
      'gatewright: Command: terraform apply',
      'gatewright: Decision: rejected',
      'gatewright: Decided by: Rita',
      'gatewright: Outcome: it did not run; exit code 77',
      'gatewright: Why: no',
      'gatewright: Request: 01M8',
      'gatewright: Receipt: audit receipt 01M8',
      '',
    ])
  })

  test('T43: repeat no secret of a command line', () => {
    expect(
      reported(rejected, { GITLAB_CI: 'true' }, `deploy --token=${'a'.repeat(20)}`).join(),
    ).not.toContain('aaaa')
  })

  test.each(['GITHUB_ACTIONS', 'NOTHING'])('are written nowhere else: %s', (mark) => {
    const { lines, report } = reporting({ [mark]: 'true' })
    report.asked({ action: 'plan.apply', id: '01M8', link: null })
    report.decided()
    report.end(rejected)
    expect(lines.join('\n')).not.toContain('section_')
    expect(lines.join('\n')).not.toContain('\u001b')
  })
})

test('T43: secrets of known kinds are not repeated', () => {
  expect(inert(`token=${'a'.repeat(20)} ghp_${'a'.repeat(36)}`)).not.toMatch(/aaaa/)
})

test('a summary that cannot be written changes nothing, and is said', () => {
  const summary = join(place, 'no', 'where')
  const lines = reported(rejected, { GITHUB_STEP_SUMMARY: summary })
  expect(lines).toContainEqual(
    `gatewright: warning: the step summary cannot be written to ${summary} (ENOENT)`,
  )
})
