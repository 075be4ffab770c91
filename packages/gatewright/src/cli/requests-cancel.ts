import { osUser } from '@gatewright/console'
import { makeVisible } from '@gatewright/core'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import { findStored } from './find-stored'
import type { CommandIo } from './io'
import { openStoreGate, STORE_HELP } from './store-gate'

export const REQUESTS_CANCEL_HELP = `Usage: gatewright requests cancel <request id> [options]

Cancels a request that waits, or was approved and has not begun to run. It is recorded as done by you, the user of this
system. The end of an id is enough.

Options:
${STORE_HELP}
  --reason TEXT      why: the agent is told, and it stands in the log
  --json             what became of it as JSON
  -h, --help         show this`

/** Its options, for parsing and completion. */
export const REQUESTS_CANCEL_OPTIONS = {
  store: { type: 'string' },
  reason: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** `gatewright requests cancel`. @returns the exit code: 1 when it was too late */
export async function requestsCancel(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, REQUESTS_CANCEL_OPTIONS)
  const [name, ...others] = positionals
  if (name === undefined || others.length > 0) throw new UsageError('give the id of one request')
  const { close, gate } = await openStoreGate(values.store)
  try {
    const request = await findStored(gate, name)
    const reason = values.reason ?? 'cancelled from the command line'
    const after = await gate.cancel(request.id, { reason, by: osUser() })
    const status = after?.status ?? 'gone'
    const id = makeVisible(request.id).text
    const cancelled = status === 'cancelled' && request.status !== 'cancelled'
    if (values.json) io.out(JSON.stringify({ requestId: request.id, status, cancelled }, null, 2))
    if (cancelled) {
      if (!values.json) io.out(`${id}: cancelled. It will not run.`)
      return Exit.ok
    }
    io.err(`${id} is ${status}: there is nothing to cancel any more.`)
    return Exit.invalid
  } finally {
    await close()
  }
}
