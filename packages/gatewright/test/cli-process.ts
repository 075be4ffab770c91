import { spawn } from 'node:child_process'
import type { CliResult } from './cli-log'
import { cliStart, FROM_SOURCES } from './cli-start'

/** Runs a program of this repository from its sources, in a process of its own. */
export function program(cwd: string, file: string, env: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [...FROM_SOURCES.args, file], {
    cwd,
    env: { ...FROM_SOURCES.env, ...env },
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
