import { consoleApprover } from '@gatewright/console'
import { readArguments } from './arguments'
import { Exit, FailedError, UsageError } from './exit'
import type { CommandIo } from './io'
import { openStoreGate, STORE_HELP } from './store-gate'

export const INBOX_HELP = `Usage: gatewright inbox [options]

Shows what agents wait for, one request after the other, and takes your decisions at this terminal. You vote as the user of
this system, who is known by nothing better (assurance "local"): requests that ask for a sign-in cannot be decided here. The
agent's own process need not run meanwhile; what you decide waits for it. Ctrl-C ends it.

Options:
${STORE_HELP}
  --group NAME       a group that you belong to. You vouch for it, and it stands in the log. May be repeated
  -h, --help         show this

Example:
  gatewright inbox --group ops`

/** Its options, for parsing and completion. */
export const INBOX_OPTIONS = {
  store: { type: 'string' },
  group: { type: 'string', multiple: true },
} as const

/** `gatewright inbox`. @returns the exit code */
export async function inbox(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, INBOX_OPTIONS)
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"? Name the store with --store`)
  if (process.stdin.isTTY !== true)
    throw new UsageError('the inbox needs a terminal: a decision is a key that a person presses')
  const approver = consoleApprover({ name: 'inbox', groups: values.group ?? [] })
  const { close, gate } = await openStoreGate(values.store, [approver])
  const interrupted = io.interrupted?.() ?? new AbortController().signal
  // While nothing waits, nothing else keeps the process alive.
  const alive = setInterval(() => {}, 2 ** 30)
  try {
    io.err('Waiting for requests. Ctrl-C ends it.')
    await gate.start()
    await new Promise<void>((resolve) => {
      if (interrupted.aborted) resolve()
      interrupted.addEventListener('abort', () => resolve(), { once: true })
    })
    return Exit.ok
  } catch (error) {
    throw new FailedError(error instanceof Error ? error.message : 'the inbox cannot be opened', {
      cause: error,
    })
  } finally {
    clearInterval(alive)
    await close()
  }
}
