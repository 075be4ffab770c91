import type { RequestStatus } from '@gatewright/core'
import { REQUEST_STATUSES } from '@gatewright/core/review'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'
import { lineWriter } from './output'
import { requestLine } from './request-line'
import { openStoreGate, STORE_HELP } from './store-gate'

export const REQUESTS_LIST_HELP = `Usage: gatewright requests list [options]

Prints requests, newest first: when each was made, the end of its id, how it stands, the action, the agent, and what is
known of it.

Options:
${STORE_HELP}
  --status NAME      one of ${REQUEST_STATUSES.join(', ')}: only those that stand so. May be repeated
  --action NAME      only those of an action
  --agent ID         only those of an agent
  --last N           the newest N. Default: 50
  --json             one line of JSON for each, as it is stored: its arguments are not redacted
  -h, --help         show this

Examples:
  gatewright requests list --status pending
  gatewright requests list --action data.export --last 5`

const PAGE = 200

/** Its options, for parsing and completion. */
export const REQUESTS_LIST_OPTIONS = {
  store: { type: 'string' },
  status: { type: 'string', multiple: true },
  action: { type: 'string' },
  agent: { type: 'string' },
  last: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** `gatewright requests list`. @returns the exit code */
export async function requestsList(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, REQUESTS_LIST_OPTIONS)
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"? Name the store with --store`)
  const status = values.status?.map(statusOf)
  const most = values.last === undefined ? 50 : countOf(values.last)
  const { close, gate, store } = await openStoreGate(values.store)
  try {
    const writer = lineWriter(io)
    let shown = 0
    let cursor: string | null = null
    do {
      const filter = {
        ...(status && { status }),
        ...(values.action !== undefined && { action: values.action }),
        ...(values.agent !== undefined && { requesterId: values.agent }),
      }
      const page = await gate.requests.list(filter, { cursor, limit: Math.min(PAGE, most - shown) })
      for (const request of page.requests)
        await writer.line(
          `${values.json ? JSON.stringify(request) : requestLine(request, store.now(), io)}\n`,
        )
      shown += page.requests.length
      cursor = page.cursor
    } while (cursor !== null && shown < most)
    await writer.flush()
    if (shown === 0) io.err('There are none.')
    return Exit.ok
  } finally {
    await close()
  }
}

function statusOf(name: string): RequestStatus {
  const status = REQUEST_STATUSES.find((one) => one === name)
  if (status === undefined) throw new UsageError(`--status ${name} is none of ${REQUEST_STATUSES.join(', ')}`)
  return status
}

function countOf(text: string): number {
  const count = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(count)) throw new UsageError(`--last ${text} is no count: give a whole number, 1 or more`)
  return count
}
