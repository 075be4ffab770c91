import { type Duration, defineAction, parseDuration } from '@gatewright/core'
import { readArguments, splitAtCommand } from './arguments'
import { UsageError } from './exit'

/** Its options, for parsing and completion. */
export const RUN_OPTIONS = {
  action: { type: 'string' },
  audience: { type: 'string' },
  config: { type: 'string' },
  data: { type: 'string' },
  env: { type: 'string', multiple: true },
  facts: { type: 'string' },
  'id-token-env': { type: 'string' },
  json: { type: 'boolean' },
  key: { type: 'string' },
  'only-env': { type: 'boolean' },
  pin: { type: 'string', multiple: true },
  reason: { type: 'string' },
  result: { type: 'string' },
  retry: { type: 'boolean' },
  reviewers: { type: 'string' },
  server: { type: 'string' },
  timeout: { type: 'string' },
} as const

const LONGEST_MS = 20 * 86_400_000
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** What was said to `gatewright run`, checked. */
export interface RunOptions {
  readonly action: string
  /** The command and its arguments. */
  readonly argv: readonly [string, ...string[]]
  readonly reason: string | null
  readonly facts: string | null
  readonly pins: readonly string[]
  /** Names of the pinned variables, each once. */
  readonly env: readonly string[]
  readonly onlyEnv: boolean
  readonly timeoutMs: number | null
  readonly key: string | null
  readonly retry: boolean
  /** Who decides: exactly one of a group, a server, and a config, which may be unnamed. */
  readonly decider:
    | { readonly type: 'group'; readonly name: string; readonly data: string | null }
    | { readonly type: 'server'; readonly url: string }
    | { readonly type: 'config'; readonly file: string | null }
  readonly audience: string
  readonly idTokenEnv: string
  readonly json: boolean
  readonly result: string | null
}

/** @throws UsageError naming what is wrong, missing or contradictory */
export function readRunOptions(args: readonly string[]): RunOptions {
  const { before, command } = splitAtCommand(args, RUN_OPTIONS)
  const { values } = readArguments(before, RUN_OPTIONS)
  const { action, key = null, server, reviewers, config, data, timeout } = values
  if (action === undefined) throw new UsageError('what is it? Name the action: --action terraform.apply')
  checkAction(action)
  const [program, ...rest] = command
  if (program === undefined || program === '') throw new UsageError('name the command after --')
  const said = Object.entries({ server, reviewers, config }).filter(([, value]) => value !== undefined)
  if (said.length > 1)
    throw new UsageError(`${said.map(([name]) => `--${name}`).join(' and ')} each say who decides: name one`)
  if (reviewers === '') throw new UsageError('--reviewers is the name of a group, as ops')
  if (data !== undefined && reviewers === undefined) throw new UsageError('--data goes with --reviewers')
  if (key !== null && !/^[\x21-\x7e]{1,255}$/.test(key))
    throw new UsageError('--key must be 1 to 255 visible ASCII characters')
  for (const name of [...(values.env ?? []), values['id-token-env'] ?? 'A'])
    if (!NAME.test(name)) throw new UsageError(`"${name}" is no name of a variable`)
  return {
    action,
    argv: [program, ...rest],
    reason: values.reason || null,
    facts: values.facts ?? null,
    pins: values.pin ?? [],
    env: [...new Set(values.env)].sort(),
    onlyEnv: values['only-env'] ?? false,
    timeoutMs: timeout === undefined ? null : readTimeout(timeout),
    key,
    retry: values.retry ?? false,
    decider:
      server !== undefined
        ? { type: 'server', url: server }
        : reviewers !== undefined
          ? { type: 'group', name: reviewers, data: data ?? null }
          : { type: 'config', file: config ?? null },
    audience: values.audience ?? 'gatewright',
    idTokenEnv: values['id-token-env'] ?? 'GATEWRIGHT_ID_TOKEN',
    json: values.json ?? false,
    result: values.result ?? null,
  }
}

function checkAction(name: string): void {
  try {
    defineAction({ name })
  } catch {
    throw new UsageError('--action must be dotted and lower case, as terraform.apply')
  }
}

function readTimeout(text: string): number {
  try {
    const ms = parseDuration(text as Duration, '--timeout')
    if (ms >= 1_000 && ms <= LONGEST_MS) return ms
  } catch {
    // Said below.
  }
  throw new UsageError('--timeout is a time from 1s to 20d, as 30m')
}
