import { describe, expect, test } from 'vitest'
import { cli } from '../../test/cli-log'
import { COMMANDS } from './commands'
import { choicesOf } from './complete/choices'
import { nearest } from './nearest'
import { HELP_WIDTH, optionWords, wrapHelp } from './wrap-help'

const names = COMMANDS.map(({ name }) => name)

describe('help', () => {
  test('alone it lists every command, and is wrong usage; asked for, it is not', async () => {
    const alone = await cli()
    const asked = await cli('--help')
    expect(alone.code).toBe(4)
    expect(asked.code).toBe(0)
    expect(asked.out).toBe(alone.out)
    for (const name of names) expect(asked.out).toMatch(new RegExp(`^ {2}${name} +\\w`, 'm'))
  })

  test.each(['requests', 'audit'])('%s alone lists its own commands', async (group) => {
    const alone = await cli(group)
    expect(alone.code).toBe(4)
    for (const name of names) expect(alone.out.includes(`  ${name} `)).toBe(name.startsWith(`${group} `))
    for (const args of [
      [group, '--help'],
      [group, 'help'],
      ['help', group],
    ])
      expect(await cli(...args)).toEqual({ code: 0, out: alone.out, err: '' })
  })

  test.each(names)('%s: --help, -h and help say the same, in 80 columns', async (name) => {
    const words = name.split(' ')
    const { code, out } = await cli(...words, '--help')
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^Usage: gatewright ${name}`))
    expect(await cli(...words, '-h')).toEqual({ code: 0, out, err: '' })
    if (name !== 'help') expect(await cli('help', ...words)).toEqual({ code: 0, out, err: '' })
    const [group = '', ...rest] = words
    if (rest.length > 0) expect((await cli(group, 'help', ...rest)).out).toBe(out)
    const wide = out.split('\n').filter((line) => line.length > HELP_WIDTH)
    // What is copied stays on one line.
    expect(
      wide.filter((line) => !/^ {2}(?:gatewright|echo) |^Usage:/.test(line) || line.length > 100),
    ).toEqual([])
  })

  test.each(COMMANDS)(
    '$name: its help tells of each of its options, and of no other',
    ({ help, options }) => {
      expect([...optionWords(help).keys()].sort()).toEqual([...Object.keys(options), 'help'].sort())
      const said = optionWords(help)
      for (const [option, { type }] of Object.entries(options)) {
        expect(said.get(option)?.value === null, `${option} takes a value`).toBe(type === 'boolean')
        expect(said.get(option)?.about).not.toBe('')
      }
    },
  )

  test('what follows -- is no question to this program', async () => {
    const { code, err } = await cli('mcp', '--', 'server', '--help')
    expect(code).toBe(4)
    expect(err).toContain('who decides?')
  })
})

describe('did you mean', () => {
  test.each([
    [['inti'], 'there is no command "inti"; did you mean "init"?'],
    [['docter'], 'did you mean "doctor"?'],
    [['audit', 'verfy'], 'there is no command "audit verfy"; did you mean "audit verify"?'],
    [['request', 'list'], 'did you mean "requests list"?'],
    [['help', 'audit', 'shwo'], 'did you mean "audit show"?'],
    [['requests', 'list', '--stroe', 'x'], 'did you mean "--store"; --help shows what there is'],
    [['doctor', '--qick'], 'did you mean "--quick"'],
  ])('%j', async (args, message) => {
    const { code, err, out } = await cli(...args)
    expect({ code, out }).toEqual({ code: 4, out: '' })
    expect(err).toContain(message)
  })

  test('nothing that is far from everything', async () => {
    const { err } = await cli('frobnicate')
    expect(err).toMatch(/there is no command "frobnicate"\. Commands: init, doctor,/)
    expect(nearest('zzzzzz', names)).toBe(null)
    expect(nearest('', names)).toBe(null)
    expect(nearest('x'.repeat(100_000), names)).toBe(null)
  })
})

test('prose is set as one paragraph, what is for an option in its own column, and copied lines stay', () => {
  const text = `Usage: gatewright ${'x'.repeat(80)}

${'word '.repeat(30).trim()}
more

Options:
  --one VALUE   ${'what it is for '.repeat(8).trim()}
                and more

Example:
  gatewright ${'y'.repeat(80)}`
  const lines = wrapHelp(text).split('\n')
  expect(lines[0]).toBe(text.split('\n')[0])
  expect(lines.at(-1)).toBe(text.split('\n').at(-1))
  const rest = lines.slice(1, -1)
  expect(Math.max(...rest.map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(rest.filter((line) => line.startsWith(' '.repeat(16))).length).toBeGreaterThan(0)
  expect(lines.join(' ').replace(/\s+/g, ' ')).toBe(text.replace(/\s+/g, ' '))
})

test('what completion offers is what the tables have', () => {
  for (const [at, { options }] of choicesOf(COMMANDS).entries())
    expect(options.map(({ name }) => name)).toEqual([...Object.keys(COMMANDS[at]?.options ?? {}), 'help'])
})
