import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../../test/cli-log'
import { COMMANDS } from './commands'

const place = mkdtempSync(join(tmpdir(), 'gatewright-completion-'))
beforeAll(() => {
  mkdirSync(join(place, 'a log'))
  writeFileSync(join(place, 'a key.pem'), '')
  writeFileSync(join(place, 'conf.mjs'), '')
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** What bash offers for a line, the last word of which is being written. */
async function bashOffers(...words: string[]): Promise<string[]> {
  const { out } = await cli('completion', 'bash')
  const program = `source <(cat "$SCRIPT")
COMP_WORDS=(gatewright "$@"); COMP_CWORD=$#
complete -p gatewright >/dev/null || exit 9
_gatewright; printf '%s\\n' "\${COMPREPLY[@]}"`
  const script = join(place, 'script.bash')
  writeFileSync(script, out)
  const offered = execFileSync('bash', ['--norc', '-c', program, 'bash', ...words], {
    cwd: place,
    env: { ...process.env, SCRIPT: script },
    encoding: 'utf8',
  })
  rmSync(script)
  return offered
    .split('\n')
    .filter((line) => line !== '')
    .sort()
}

describe('bash', () => {
  test.each([
    [[''], [...new Set(COMMANDS.map(({ name }) => name.replace(/ .*/, '')))].concat('--help', '--version')],
    [['do'], ['doctor']],
    [
      ['requests', ''],
      ['--help', 'cancel', 'list', 'show'],
    ],
    [['help', 'requests', 's'], ['show']],
    [
      ['audit', 're'],
      ['receipt', 'redact', 'report'],
    ],
    [
      ['doctor', '--'],
      ['--config', '--data', '--help', '--json', '--quick'],
    ],
    [['audit', 'show', '--f'], ['--follow']],
    [
      ['audit', 'show', '-'],
      [
        ...Object.keys(COMMANDS.find(({ name }) => name === 'audit show')?.options ?? {}).map(
          (name) => `--${name}`,
        ),
        '--help',
        '-f',
        '-h',
      ],
    ],
    [
      ['audit', 'export', '--format', ''],
      ['csv', 'ocsf'],
    ],
    [['audit', 'report', '--framework', 's'], ['soc2']],
    [['requests', 'list', '--status', 'p'], ['pending']],
    [['audit', 'show', ''], ['a log']],
    [
      ['audit', 'key', '--key', 'a'],
      ['a key.pem', 'a log'],
    ],
    [['doctor', '--data', ''], ['a log']],
    [['doctor', '--config', 'c'], ['conf.mjs']],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['mcp', '--reviewers', 'ops', '--', 'server', 'conf'], ['conf.mjs']],
    [['requests', 'list', '--agent', ''], []],
    [['nothing', ''], []],
  ])('%j', async (words, expected) => {
    expect(await bashOffers(...words)).toEqual([...expected].sort())
  })
})

/** The options that a script offers for a command, by its text: for shells that this machine may not have. */
const OFFERED = {
  zsh: (script: string, name: string) => {
    const [block = ''] = new RegExp(`^    '${name}'\\)\\n[\\s\\S]*? ;;$`, 'm').exec(script) ?? []
    return [...block.matchAll(/(?:'\*?|,)--([\w-]+)/g)].map(([, option]) => option)
  },
  fish: (script: string, name: string) =>
    [...script.matchAll(new RegExp(`-n '__gatewright_at ${name}' -l ([\\w-]+)`, 'g'))].map(
      ([, option]) => option,
    ),
}

describe.each(['zsh', 'fish'] as const)('%s', (shell) => {
  test('offers each command, and each of its options', async () => {
    const { code, out } = await cli('completion', shell)
    expect(code).toBe(0)
    for (const { name, options } of COMMANDS) {
      expect(out).toContain(name.split(' ').at(-1))
      expect(OFFERED[shell](out, name).sort(), name).toEqual([...Object.keys(options), 'help'].sort())
    }
  })

  test('has every quote and bracket closed', async () => {
    const { out } = await cli('completion', shell)
    for (const line of out.split('\n').filter((one) => !one.trimStart().startsWith('#'))) {
      const unquoted = shell === 'zsh' ? line.replaceAll("'\\''", '') : line.replaceAll("\\'", '')
      expect(unquoted.split("'").length % 2, line).toBe(1)
    }
    const opened = shell === 'zsh' ? [/^ *case /gm, /^ *esac/gm] : [/^function /gm, /^end$/gm]
    const [begun, ended] = opened.map((word) => out.match(word)?.length)
    expect(begun).toBe(ended)
  })
})

test.each([
  [['completion'], 'for which shell?'],
  [['completion', 'tcsh'], 'there is no completion for tcsh: give one of bash, zsh, fish'],
  [['completion', 'bash', 'zsh'], 'for which shell?'],
])('%j is wrong usage', async (args, message) => {
  const { code, err } = await cli(...args)
  expect({ code, err }).toEqual({ code: 4, err: expect.stringContaining(message) })
})
