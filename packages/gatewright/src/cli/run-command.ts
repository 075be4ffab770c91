import { spawn } from 'node:child_process'
import { accessSync, constants as modes, statSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { UsageError } from './exit'
import { RunExit } from './run-words'

/** How a command ended: by itself, or by a signal. */
export interface CommandEnd {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** What runs: nothing of it is looked up again. */
export interface Command {
  /** Absolute: of `argv[0]`, when people were asked. */
  readonly executable: string
  readonly argv: readonly [string, ...string[]]
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
}

/** The exit code that tells of it, as shells do. */
export function exitOf({ exitCode, signal }: CommandEnd): number {
  if (signal === null) return exitCode ?? RunExit.internal
  return signalExit(signal)
}

/** The exit code of what a signal ended. */
export function signalExit(signal: NodeJS.Signals): number {
  return RunExit.signalled + constants.signals[signal]
}

/** How it ended, in words. */
export function endWords({ exitCode, signal }: CommandEnd): string {
  return signal === null ? `exit code ${exitCode}` : `ended by ${signal}`
}

/**
 * The file that a command's name stands for: looked up once, so that no other `PATH` runs another one.
 *
 * @throws UsageError when there is none that may be run
 */
export function findExecutable(name: string, directory: string, path: string): string {
  const places = name.includes('/')
    ? [directory]
    : path.split(delimiter).map((place) => resolve(directory, place))
  for (const place of places) {
    const file = resolve(place, name)
    if (isExecutable(file)) return file
  }
  throw new UsageError(
    name.includes('/') ? `${name} is no file that may be run` : `there is no command ${name} in PATH`,
  )
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, modes.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * Runs a command over this process's own streams, without a shell. Resolves with how it ended.
 *
 * @param began - is given the way to send it signals
 * @throws Error when it cannot be started: then nothing ran
 */
export function runCommand(
  { executable, argv, directory, environment }: Command,
  began: (send: (signal: NodeJS.Signals) => void) => void,
): Promise<CommandEnd> {
  return new Promise((done, fail) => {
    const [argv0, ...args] = argv
    const child = spawn(executable, args, {
      argv0,
      cwd: directory,
      env: environment,
      stdio: 'inherit',
      shell: false,
    })
    child.once('spawn', () => began((signal) => void child.kill(signal)))
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined)
        fail(
          new Error(`${argv0} cannot be started (${error.code ?? 'it failed'}), so nothing ran`, {
            cause: error,
          }),
        )
    })
    child.once('close', (exitCode, signal) => child.pid !== undefined && done({ exitCode, signal }))
  })
}
