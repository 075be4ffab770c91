import { factReader, readLog } from '@gatewright/audit'
import { makeVisible } from '@gatewright/core'
import { FailedError, UsageError } from './exit'

/** Enough of an id to know it by among those of a screen: its random end. */
const SHORT = 6

/** The end of an id, as lines show it. */
export function shortId(id: string): string {
  return id.slice(-SHORT).padEnd(SHORT)
}

/** Whether an id is the one that was named, whole or by its end. */
export function isNamed(id: string | null, name: string): boolean {
  return id !== null && (id === name || (name.length >= SHORT && id.endsWith(name)))
}

const MOST_NAMED = 5

/**
 * The whole id of a request that was named by it, or by its end.
 *
 * @throws FailedError when the log knows none
 * @throws UsageError when it knows several
 */
export async function findRequest(directory: string, name: string): Promise<string> {
  const factsOf = factReader()
  const found = new Set<string>()
  for await (const { event } of readLog(directory)) {
    const { requestId } = factsOf(event)
    if (requestId === name) return name
    if (requestId !== null && isNamed(requestId, name)) found.add(requestId)
  }
  const [id, ...others] = [...found]
  if (id === undefined)
    throw new FailedError(
      `the log holds nothing of a request ${plain(name)}. "gatewright audit show ${directory}" shows the last 6 characters of each id, which are enough`,
    )
  if (others.length === 0) return id
  throw new UsageError(
    `${found.size} requests end in ${plain(name)}: give more of the id, as ${[...found].slice(0, MOST_NAMED).map(plain).join(', ')}`,
  )
}

function plain(text: string): string {
  return makeVisible(text).text
}
