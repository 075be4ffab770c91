import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CliResult } from './cli-log'
import { cliStart } from './cli-start'

const root = join(import.meta.dirname, '../../..')
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/** Runs a program of this repository from its sources, in a process of its own. */
export function program(cwd: string, file: string, env: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, ['--import', loader, file], {
    cwd,
    env: { PATH: process.env.PATH ?? '', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs a command line in a process of its own, in that directory. */
export async function cliIn(cwd: string, ...args: string[]): Promise<CliResult> {
  const start = cliStart(cwd, args)
  return ended(
    spawn(process.execPath, start.args, { cwd, env: start.env, stdio: ['ignore', 'pipe', 'pipe'] }),
  )
}

/** What a program came to. */
export async function ended(child: ReturnType<typeof program>): Promise<CliResult> {
  let out = ''
  let err = ''
  child.stdout.on('data', (piece) => {
    out += piece
  })
  child.stderr.on('data', (piece) => {
    err += piece
  })
  const code = await new Promise<number>((resolve) => child.on('close', (value) => resolve(value ?? -1)))
  return { code, out: out.trimEnd(), err: err.trimEnd() }
}
