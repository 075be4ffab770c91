import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundled } from '../../../tests/bundled'

const root = join(import.meta.dirname, '../../..')
const folder = join(root, 'tests/terminal')
const programs = await bundled(folder, ['cli-program.ts'])

/** What has `node` run sources of this repository as they are. */
export const FROM_SOURCES = {
  args: ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href],
  env: { PATH: process.env.PATH ?? '', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') },
} as const

/** What starts the command line from its sources, in a process of its own: what follows `node`, and its environment. */
export function cliStart(cwd: string, args: readonly string[]) {
  const program = importsPackages(configOf(cwd, args))
    ? [...FROM_SOURCES.args, join(folder, 'cli-program.ts')]
    : [programs['cli-program.ts']]
  return { args: program, env: { ...FROM_SOURCES.env, ARGS: JSON.stringify(args) } }
}

function configOf(cwd: string, args: readonly string[]): string {
  const said = args.indexOf('--config')
  return resolve(cwd, (said === -1 ? undefined : args[said + 1]) ?? 'gatewright.config.mjs')
}

/** Its folder does not have them: the loader finds their sources, and takes eight times as long to start. */
function importsPackages(config: string): boolean {
  return existsSync(config) && /^\s*import /m.test(readFileSync(config, 'utf8'))
}
