import { createHash, randomUUID } from 'node:crypto'
import { canonicalize, type Json, sha256Hex } from '@gatewright/core'
import { UsageError } from './exit'
import { isOwnVariable } from './own-variables'
import { type Command, findExecutable } from './run-command'
import { readFacts } from './run-facts'
import { type Job, keyOf } from './run-job'
import type { RunOptions } from './run-options'
import { checkPins, type Pin, pinFile } from './run-pins'
import { quoteCommand } from './shell-words'

/** One call: what people are shown, and what runs if they approve. Both are fixed when it is made. */
export interface Call {
  readonly action: string
  readonly arguments: { readonly [name: string]: Json }
  /** SHA-256 over the RFC 8785 JSON of `[arguments]`. */
  readonly digest: string
  readonly key: string
  readonly reason: string | null
  readonly retry: boolean
  readonly command: Command
  /** The digests of all that is pinned, by the names that people see. */
  pins(): Promise<Readonly<Record<string, string>>>
  /** @throws PinChangedError naming the file that is not what it was */
  check(): Promise<void>
}

/** As many as a gate copies of a call's arguments. */
const MOST_CHARACTERS = 1_000_000

/**
 * Looks at everything that the command line names, once: nothing of it is looked up again, and what is pinned is only compared.
 *
 * @throws UsageError for what is not there, or cannot be what it was named for
 */
export async function makeCall(
  options: RunOptions,
  job: Job | null,
  environment: NodeJS.ProcessEnv,
  directory: string,
): Promise<Call> {
  const { argv, action } = options
  const executable = findExecutable(argv[0], directory, environment.PATH ?? '')
  const facts = options.facts === null ? null : readFacts(options.facts)
  if (options.retry && options.key === null && job === null)
    throw new UsageError('--retry needs the --key of the run that failed: outside CI each run has a new one')
  const key =
    options.key ?? (job === null ? `once-${randomUUID()}` : keyOf(job, [action, directory, ...argv]))
  const pins = await pinned([executable, ...options.pins], directory)
  const [program, ...files] = pins
  const args = {
    command: quoteCommand(argv),
    argv: [...argv],
    directory,
    executable: { ...(program as Pin) },
    pins: files.map((pin) => ({ ...pin })),
    environment: options.env.map((name) => ({ name, sha256: valueDigest(key, name, environment[name]) })),
    inherits: options.onlyEnv ? 'only these variables' : 'all variables, of which only these are pinned',
    ...(facts === null ? {} : { facts }),
    ...(job === null ? {} : { job: job.shown }),
  }
  const text = canonicalize([args])
  if (text.length > MOST_CHARACTERS)
    throw new UsageError(
      `the command line has ${text.length} characters, of which people can be shown ${MOST_CHARACTERS}: name a file, and pin it`,
    )
  return {
    action,
    arguments: args,
    digest: sha256Hex(text),
    key,
    reason: options.reason,
    retry: options.retry,
    command: { executable, argv, directory, environment: inherited(options, environment) },
    async pins() {
      const now = await Promise.all(pins.map(({ file }) => pinFile(file, directory).catch((): null => null)))
      return Object.fromEntries(pins.map(({ file }, index) => [file, now[index]?.sha256 ?? 'cannot be read']))
    },
    check: () => checkPins(pins, directory),
  }
}

async function pinned(files: readonly string[], directory: string): Promise<readonly Pin[]> {
  const pins: Pin[] = []
  for (const file of new Set(files)) {
    try {
      pins.push(await pinFile(file, directory))
    } catch (error) {
      throw new UsageError((error as Error).message)
    }
  }
  return pins
}

/** With the call's key in it: equal values of two calls do not look alike, and no table tells a short one. */
function valueDigest(key: string, name: string, value: string | undefined): string | null {
  if (value === undefined) return null
  return createHash('sha256')
    .update(JSON.stringify([key, name, value]))
    .digest('hex')
}

function inherited({ env, onlyEnv, idTokenEnv }: RunOptions, all: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(all).filter(
    ([name]) => env.includes(name) || !(onlyEnv || isOwnVariable(name) || name === idTokenEnv),
  )
  return Object.fromEntries(kept)
}
