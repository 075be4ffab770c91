import { reviewText } from '@gatewright/console'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import { findStored } from './find-stored'
import type { CommandIo } from './io'
import { requestLine } from './request-line'
import { openStoreGate, STORE_HELP } from './store-gate'

export const REQUESTS_SHOW_HELP = `Usage: gatewright requests show <request id> [options]

Prints one request in full, as its reviewers see it: redacted, with everything that was asked, and who voted. The end of an
id is enough, as "gatewright requests list" prints it.

Options:
${STORE_HELP}
  --json             the review document as JSON
  -h, --help         show this`

/** Its options, for parsing and completion. */
export const REQUESTS_SHOW_OPTIONS = {
  store: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** `gatewright requests show`. @returns the exit code */
export async function requestsShow(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, REQUESTS_SHOW_OPTIONS)
  const [name, ...others] = positionals
  if (name === undefined || others.length > 0) throw new UsageError('give the id of one request')
  const { close, gate, store } = await openStoreGate(values.store)
  try {
    const request = await findStored(gate, name)
    const review = await gate.requests.review(request.id)
    if (values.json) io.out(JSON.stringify(review, null, 2))
    else if (review !== null) {
      const width = Math.min(io.columns ?? 100, 120)
      io.out(reviewText(review, { width, color: io.colour ?? false, now: store.now(), detailed: true }))
      io.out(requestLine(request, store.now(), io))
    }
    return Exit.ok
  } finally {
    await close()
  }
}
