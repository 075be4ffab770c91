import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../../test/cli-log'
import { type Desk, SHELLS, saying, zshCompletes } from '../../test/shells'
import { COMMANDS } from './commands'

const place = mkdtempSync(join(tmpdir(), 'gatewright-completion-'))
const [cwd, home, programs] = [join(place, 'cwd'), join(place, 'home'), join(place, 'programs')]
beforeAll(() => {
  for (const folder of [cwd, home, programs, join(cwd, 'a log')]) mkdirSync(folder)
  for (const file of ['a key.pem', 'conf.mjs']) writeFileSync(join(cwd, file), '')
  for (const program of ['gatewright', 'gated-server', 'gated-sender']) {
    writeFileSync(join(programs, program), '')
    chmodSync(join(programs, program), 0o755)
  }
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

async function desk(shell: string): Promise<Desk> {
  return { home, cwd, programs, script: (await cli('completion', shell)).out }
}

const FIRST = [...new Set(COMMANDS.map(({ name }) => name.replace(/ .*/, '')))]
const LONG_OF_SHOW = Object.keys(COMMANDS.find(({ name }) => name === 'audit show')?.options ?? {})
const BOTH = ['a key.pem', 'a log', 'conf.mjs']

describe.each(SHELLS)('$name', ({ missing, name, offers, optionsByDash }) => {
  describe.skipIf(missing)(missing ? `offers (skipped: ${name} is not installed)` : 'offers', () => {
    test.each<[readonly string[], readonly string[]]>([
      // Commands.
      [[''], [...FIRST, '--help', '--version']],
      [['do'], ['doctor']],
      [['--'], ['--help', '--version']],
      [
        ['requests', ''],
        ['cancel', 'list', 'show', '--help'],
      ],
      [
        ['audit', 're'],
        ['receipt', 'redact', 'report'],
      ],
      [['audit', '--'], ['--help']],
      [['help', ''], FIRST],
      [['help', 'requests', 's'], ['show']],
      [['help', 'doctor', '--'], ['--help']],
      [['nothing', ''], []],
      // Options.
      [
        ['doctor', '--'],
        ['--config', '--data', '--help', '--json', '--offline', '--quick'],
      ],
      [['audit', 'show', '--f'], ['--follow']],
      [
        ['audit', 'show', '-'],
        [...LONG_OF_SHOW.map((long) => `--${long}`), '--help', '-f', '-h'],
      ],
      [
        ['requests', 'list', '--agent', 'audit', '--st'],
        ['--status', '--store'],
      ],
      [['run', '--pin', 'a', '--pi'], ['--pin']],
      // Their values.
      [
        ['audit', 'export', '--format', ''],
        ['csv', 'ocsf'],
      ],
      [['audit', 'report', '--framework', 's'], ['soc2']],
      [['requests', 'list', '--status', 'p'], ['pending']],
      [['requests', 'list', '--agent', ''], []],
      [['doctor', '--data', ''], ['a log']],
      [['doctor', '--config', ''], BOTH],
      [
        ['audit', 'key', '--key', 'a'],
        ['a key.pem', 'a log'],
      ],
      // Arguments.
      [
        ['completion', ''],
        ['bash', 'fish', 'zsh'],
      ],
      [['audit', 'show', ''], ['a log']],
      [['audit', 'verify', ''], BOTH],
      // Another command line.
      [
        ['mcp', '--reviewers', 'ops', '--', 'gated-se'],
        ['gated-sender', 'gated-server'],
      ],
      [['run', '--action', 'a.b', '--', 'gated-server', 'conf'], ['conf.mjs']],
      [['run', '--action', 'a.b', '--', 'gated-server', '--js'], []],
    ])('%j', async (words, expected) => {
      const isDashed = words.at(-1)?.startsWith('-')
      const due = optionsByDash && !isDashed ? expected.filter((one) => !one.startsWith('-')) : expected
      expect(offers(await desk(name), words)).toEqual([...due].sort())
    })

    test('each command, and each of its options', async () => {
      const at = await desk(name)
      for (const { name: command, options } of COMMANDS) {
        const long = [...Object.keys(options), 'help'].map((option) => `--${option}`)
        expect(offers(at, [...command.split(' '), '--']), command).toEqual(long.sort())
      }
    })

    test('a value behind "=" too', async () => {
      const at = await desk(name)
      // Bash makes three words of it, fish gives the whole word.
      const given = (option: string, value: string) =>
        name === 'bash' ? [option, '=', ...(value === '' ? [] : [value])] : [`${option}=${value}`]
      const values = (words: readonly string[]) =>
        offers(at, words).map((one) => one.replace(/^--[a-z]+=/, ''))
      expect(values(['audit', 'export', ...given('--format', '')])).toEqual(['csv', 'ocsf'])
      expect(values(['audit', 'export', ...given('--format', 'o')])).toEqual(['ocsf'])
      expect(values(['doctor', ...given('--data', 'a')])).toEqual(['a log'])
    })
  })
})

const [, zsh, fish] = SHELLS

describe.skipIf(zsh?.missing)(zsh?.missing ? 'zsh (skipped: not installed)' : 'zsh', () => {
  test('writes what it completes, with a blank or a slash behind it', async () => {
    const at = await desk('zsh')
    expect(zshCompletes(at, ['requests', 'can'])).toBe('gatewright requests cancel')
    expect(zshCompletes(at, ['audit', 'show', 'a'])).toBe('gatewright audit show a\\ log/')
  })

  test('completes the line of another program as that program says', async () => {
    const at = await desk('zsh')
    const more = join(home, 'more.zsh')
    writeFileSync(more, '_gated() { _arguments : --slowly --surely }; compdef _gated gated-server')
    try {
      expect(zsh?.offers(at, ['mcp', '--', 'gated-server', '--s'])).toEqual(['--slowly', '--surely'])
    } finally {
      rmSync(more)
    }
  })

  test('finds it in a folder of $fpath', async () => {
    const at = await desk('zsh')
    writeFileSync(join(home, '_gatewright'), at.script)
    const found = { ...at, script: 'fpath=($HOME $fpath); compinit -u -D' }
    expect(zsh?.offers(found, ['requests', 'c'])).toEqual(['cancel'])
    expect(zsh?.offers(found, ['doctor', '--q'])).toEqual(['--quick'])
  })

  test('without its completion system it says what is missing', async () => {
    const at = await desk('zsh')
    const said = saying(at, 'zsh', ['-f', '-c', 'source /dev/stdin <<<"$SCRIPT" 2>&1'], { SCRIPT: at.script })
    expect(said).toMatch(/^gatewright: .*autoload -Uz compinit && compinit/)
  })
})

describe.skipIf(fish?.missing)(fish?.missing ? 'fish (skipped: not installed)' : 'fish', () => {
  test('completes the line of another program as that program says', async () => {
    const at = await desk('fish')
    const own = 'complete -c gated-server -l slowly; complete -c gated-server -l surely;'
    const line = "gatewright mcp -- gated-server 'a b' --s"
    expect(saying(at, 'fish', ['-c', `${own} complete -C "$LINE"`], { LINE: line })).toBe(
      '--slowly\n--surely\n',
    )
  })

  test('says what each command is for', async () => {
    const at = await desk('fish')
    expect(saying(at, 'fish', ['-c', 'complete -C "gatewright doc"'])).toBe(
      `doctor\t${COMMANDS.find((one) => one.name === 'doctor')?.about}\n`,
    )
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
