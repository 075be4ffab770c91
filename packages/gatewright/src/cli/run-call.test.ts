import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { UsageError } from './exit'
import { makeCall } from './run-call'
import { readFacts } from './run-facts'
import { findJob } from './run-job'
import { readRunOptions } from './run-options'
import { quoteCommand } from './shell-words'

const place = mkdtempSync(join(tmpdir(), 'gatewright-call-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

function file(text: string): string {
  const path = join(place, 'facts.json')
  writeFileSync(path, text)
  return path
}

describe('a command line as people see it', () => {
  test.each([
    [['ls', '-la', 'a/b.c'], 'ls -la a/b.c'],
    [['echo', ''], "echo ''"],
    [['echo', 'a b', "it's", '$(x)', ';', '*', '~'], `echo 'a b' 'it'\\''s' '$(x)' ';' '*' '~'`],
    [['echo', 'a\nrm -rf /'], "echo $'a\\nrm -rf /'"],
    [['echo', '\u001b[2J\r\u0007'], "echo $'\\x1b[2J\\x0d\\x07'"],
    [['echo', '\u202eabc\u200b'], "echo $'\\u202eabc\\u200b'"],
    [['echo', '\u{e0041}\\'], "echo $'\\U000e0041\\\\'"],
    [['echo', 'grüße'], "echo 'grüße'"],
  ])('%j', (argv, shown) => {
    expect(quoteCommand(argv)).toBe(shown)
  })

  test('typed into bash, it is the same command line', () => {
    const argv = [
      'a b',
      "it's",
      '$(x) `y`',
      'a\nb\tc',
      '\u001b[2J\r',
      '\u202e\u200b\u{e0041}',
      '\\n',
      '',
      '~',
      "'\n'",
    ]
    const out = execFileSync('bash', ['-c', `printf '%s\\0' ${quoteCommand(argv)}`], {
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    })
    expect(out.toString().split('\0').slice(0, -1)).toEqual(argv)
  })
})

describe('facts', () => {
  test('are a JSON object', () => {
    expect(readFacts(file('{"plan":{"add":1,"destroy":[]},"safe":null}'))).toEqual({
      plan: { add: 1, destroy: [] },
      safe: null,
    })
  })

  test.each([
    ['[1]', 'are no JSON object'],
    ['null', 'are no JSON object'],
    ['{"a":', 'are no JSON'],
    ['{"a":{"b":[9007199254740993]}}', '/a/b/0 is beyond'],
    ['{"a":"\\ud800"}', '/a holds a lone surrogate'],
    ['{"a":[{"__proto__":{"safe":true}}]}', '/a/0/__proto__ is a name that cannot be used'],
    ['{"a":1e999}', '/a '],
    [`{"a":"${'x'.repeat(70_000)}"}`, '65536 are the most'],
  ])('%.40s is refused', (text, words) => {
    expect(() => readFacts(file(text))).toThrow(UsageError)
    expect(() => readFacts(file(text))).toThrow(words)
  })

  test('T43: what is no JSON is not repeated', () => {
    expect(() => readFacts(file('{"a": s3cr3t}'))).toThrow(/^(?!.*s3cr3t)/)
  })
})

test('a command line that is too long to be shown is wrong usage, before anybody is asked', async () => {
  const long = Array.from({ length: 11 }, () => 'x'.repeat(100_000))
  const options = readRunOptions(['--action', 'a.b', '--reviewers', 'x', '--', 'sh', ...long])
  const call = makeCall(options, null, { PATH: process.env.PATH ?? '' }, place)
  await expect(call).rejects.toThrow(UsageError)
  await expect(call).rejects.toThrow(
    /^the command line has \d+ characters, of which people can be shown 1000000/,
  )
})

describe('the key of a call that nobody named', () => {
  const github = {
    PATH: process.env.PATH ?? '',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'deploy',
    GITHUB_ACTION: '__run',
    RUNNER_NAME: 'runner 1',
  }
  async function call(environment: Record<string, string>, ...command: string[]) {
    const options = readRunOptions(['--action', 'a.b', '--reviewers', 'x', '--', ...command])
    if (options === null) throw new Error('no options')
    return makeCall(options, findJob(environment, null), environment, place)
  }

  test('is the same when the step starts anew, and another for all else', async () => {
    const { key } = await call(github, 'sh', '-c', 'x')
    expect((await call(github, 'sh', '-c', 'x')).key).toBe(key)
    const others = [
      await call(github, 'sh', '-c', 'y'),
      await call({ ...github, GITHUB_RUN_ATTEMPT: '2' }, 'sh', '-c', 'x'),
      await call({ ...github, GITHUB_ACTION: '__run_2' }, 'sh', '-c', 'x'),
      await call({ ...github, RUNNER_NAME: 'runner 2' }, 'sh', '-c', 'x'),
      await call({ PATH: github.PATH, GITLAB_CI: 'true', CI_JOB_ID: '7' }, 'sh', '-c', 'x'),
      await call({ PATH: github.PATH, GITLAB_CI: 'true', CI_JOB_ID: '8' }, 'sh', '-c', 'x'),
    ]
    expect(new Set([key, ...others.map((one) => one.key)]).size).toBe(7)
    for (const one of others) expect(one.key).toMatch(/^[\x21-\x7e]{1,255}$/)
  })

  test('outside of CI each is its own', async () => {
    const { PATH } = github
    expect((await call({ PATH }, 'sh')).key).not.toBe((await call({ PATH }, 'sh')).key)
  })
})
