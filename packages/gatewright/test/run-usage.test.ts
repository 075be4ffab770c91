import { describe, expect, test } from 'vitest'
import { cli } from './cli-log'

describe('wrong usage is 4, and says what to do', () => {
  test.each([
    [['--', 'x'], 'Name the action'],
    [['--action', 'a.b'], 'name the command after --'],
    [
      ['--action', 'a.b', '--reviewers', 'x', '--server', 'https://x', '--', 'y'],
      '--server and --reviewers each say who decides',
    ],
    [['--action', 'a.b', '--data', 'x', '--', 'y'], '--data goes with --reviewers'],
    [
      ['--action', 'a.b', '--reviewers', 'x', '--', 'no-such-command-at-all'],
      'there is no command no-such-command-at-all',
    ],
    [['--action', 'a.b', '--reviewers', 'x', '--', './README'], './README is no file that may be run'],
    [
      ['--action', 'a.b', '--reviewers', 'x', '--pin', '/no/such', '--', 'sh'],
      'the file /no/such cannot be read (ENOENT)',
    ],
    [['--action', 'a.b', '--reviewers', 'x', '--pin', '/', '--', 'sh'], 'the file / is no file'],
    [['--action', 'a.b', '--reviewers', 'x', '--env', 'A=B', '--', 'sh'], '"A=B" is no name of a variable'],
    [['--action', 'a.b', '--reviewers', 'x', '--timeout', 'soon', '--', 'sh'], '--timeout is a time'],
    [['--action', 'a.b', '--reviewers', 'x', '--key', 'a b', '--', 'sh'], '--key must be'],
    [['--action', 'a.b', '--server', 'http://approvals.example.com', '--', 'sh'], '--server is the address'],
    [['--action', 'a.b', '--server', 'https://x.example?y', '--', 'sh'], '--server is the address'],
    [['--action', 'a.b', '--server', 'https://user:pass@x.example', '--', 'sh'], '--server is the address'],
    [['--action', 'a.b', '--server', 'https://x.example', '--', 'sh'], '--server needs a credential'],
    [['--action', 'a.b', '--', 'sh'], 'who decides?'],
    [['--actoin', 'a.b', '--', 'sh'], "Unknown option '--actoin'"],
    [['--action', 'Plan Apply', '--reviewers', 'x', '--', 'sh'], '--action must be dotted and lower case'],
    [['--action', 'a.b', '--reviewers', '', '--', 'sh'], '--reviewers is the name of a group'],
    [['--action', 'a.b', '--reviewers', 'x', '--retry', '--', 'sh'], '--retry needs the --key'],
    [
      ['--action', 'a.b', '--timeout', '-5m', '--', 'sh'],
      '--timeout has no value; one that begins with a dash is given as --timeout=VALUE; --help',
    ],
    [
      ['--action', 'a.b', '--reviewers', 'x', '--result', '/no/such/file', '--', 'sh'],
      '--result /no/such/file cannot be written (ENOENT)',
    ],
    [
      ['--action', 'a.b', '--reviewers', 'x', '--result', '/', '--', 'sh'],
      '--result / cannot be written (EISDIR)',
    ],
  ])('%j', async (args, words) => {
    const { code, err, out } = await cli('run', ...args)
    expect([code, out, err]).toEqual([4, '', expect.stringContaining(words)])
  })

  test('what it repeats of the command line is nobody’s command', async () => {
    const { code, err } = await cli(
      'run',
      '--action',
      'a.b',
      '--reviewers',
      'x',
      '--',
      'x\n::error::y ##[error]z',
    )
    expect([code, err]).toEqual([4, 'gatewright: there is no command x ⏎ ::error::y # #[error]z in PATH'])
  })

  test('--help has the exit codes', async () => {
    const { code, out } = await cli('run', '--help')
    expect(code).toBe(0)
    for (const word of ['77', '78', '79', '70', '128 + n']) expect(out).toContain(word)
  })
})
