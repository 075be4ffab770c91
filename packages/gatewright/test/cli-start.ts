import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'
import { ONE_FILE } from '../../../tests/bundled'

const root = join(import.meta.dirname, '../../..')
const source = join(root, 'tests/terminal/cli-program.ts')
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
let bundle: string | null = null

/** What starts the command line from its sources, in a process of its own: what follows `node`, and its environment. */
export function cliStart(cwd: string, args: readonly string[]) {
  const env = {
    PATH: process.env.PATH ?? '',
    TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'),
    ARGS: JSON.stringify(args),
  }
  // A config names packages, which its folder does not have: the loader finds their sources.
  const hasConfig = args.includes('--config') || existsSync(join(cwd, 'gatewright.config.mjs'))
  return { args: hasConfig ? ['--import', loader, source] : [bundled()], env }
}

/** All sources in one file: a process starts eight times as fast by it as by the loader. Made once in each process. */
function bundled(): string {
  if (bundle !== null) return bundle
  // Beside this package's own dependencies, so that those with native parts are found.
  const folder = join(import.meta.dirname, '../node_modules/.cache/gatewright')
  mkdirSync(folder, { recursive: true })
  bundle = join(folder, `cli-program-${process.pid}.mjs`)
  buildSync({
    ...ONE_FILE,
    entryPoints: [source],
    outfile: bundle,
    external: ['libsql'],
  })
  return bundle
}
