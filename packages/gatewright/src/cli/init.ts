import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readArguments } from './arguments'
import { Exit, FailedError, UsageError } from './exit'
import { type ConfigName, initialConfig } from './init-config'
import type { CommandIo } from './io'

export const INIT_HELP = `Usage: gatewright init [options]

Writes gatewright.config.mjs here: a config that works as it is, with comments on what may be changed. Nothing that is there
is replaced.

Options:
  --ts           write gatewright.config.ts (Node 22.18 or newer runs it as it is)
  --gitignore    add .gatewright/, where requests and the log are kept, to .gitignore
  --force        replace a config that is there
  --dry-run      print the config, and write nothing
  --json         say what was done as JSON
  -h, --help     show this`

/** Its options, for parsing and completion. */
export const INIT_OPTIONS = {
  ts: { type: 'boolean' },
  gitignore: { type: 'boolean' },
  force: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const

const IGNORED = '.gatewright/'

/** `gatewright init`. @returns the exit code */
export function init(args: readonly string[], io: CommandIo): number {
  const { values, positionals } = readArguments(args, INIT_OPTIONS)
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"? The config is written here`)
  const file: ConfigName = values.ts ? 'gatewright.config.ts' : 'gatewright.config.mjs'
  const config = initialConfig(file)
  const dryRun = values['dry-run'] ?? false
  const ignored = isIgnored()
  const adds = !ignored && (values.gitignore ?? false)
  if (!dryRun) {
    writeConfig(file, config, values.force ?? false)
    if (adds) addToIgnored()
  }
  const ignore = ignored ? 'there' : adds ? 'added' : 'missing'
  if (values.json) io.out(JSON.stringify({ file, written: !dryRun, gitignore: ignore, config }, null, 2))
  else if (dryRun) io.out(config.trimEnd())
  else tellWhatNext(file, ignore, io)
  return Exit.ok
}

/** @throws UsageError when it is there, and may not be replaced */
function writeConfig(file: string, config: string, force: boolean): void {
  try {
    // Whatever is there meanwhile stays, a link too.
    writeFileSync(file, config, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new UsageError(`${file} is already there, and was left as it is; give --force to replace it`)
    throw new FailedError(`${file} cannot be written (${code})`, { cause: error })
  }
}

function isIgnored(): boolean {
  if (!existsSync('.gitignore')) return false
  const lines = readFileSync('.gitignore', 'utf8').split(/\r?\n/)
  return lines.some((line) => /^\/?\.gatewright\/?$/.test(line.trim()))
}

function addToIgnored(): void {
  const before = existsSync('.gitignore') ? readFileSync('.gitignore', 'utf8') : ''
  appendFileSync('.gitignore', `${before === '' || before.endsWith('\n') ? '' : '\n'}${IGNORED}\n`)
}

function tellWhatNext(file: string, ignore: 'there' | 'added' | 'missing', io: CommandIo): void {
  io.out(`${file} was written${ignore === 'added' ? `, and ${IGNORED} added to .gitignore` : ''}. What next:`)
  const next = [
    [`echo ${IGNORED} >> .gitignore`, 'keep requests and the log out of git'],
    ['gatewright doctor', 'is everything all right?'],
    ['gatewright inbox --group ops', 'decide what agents wait for'],
  ] as const
  for (const [command, about] of ignore === 'missing' ? next : next.slice(1))
    io.out(`  ${command.padEnd(33)}${about}`)
}
