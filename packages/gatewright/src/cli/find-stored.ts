import { type ApprovalRequest, type Gate, makeVisible } from '@gatewright/core'
import { FailedError, UsageError } from './exit'
import { isNamed } from './request-ids'

/** How many of the newest requests are looked through for one that was named by its end. */
const LOOKED_THROUGH = 10_000
const PAGE = 500

/**
 * The request that was named by its id, or by the end of it.
 *
 * @throws FailedError when there is none
 * @throws UsageError when several end so
 */
export async function findStored(gate: Gate, name: string): Promise<ApprovalRequest> {
  const exact = await gate.requests.get(name)
  if (exact !== null) return exact
  const found: ApprovalRequest[] = []
  let cursor: string | null = null
  let seen = 0
  do {
    const page = await gate.requests.list({}, { cursor, limit: PAGE })
    found.push(...page.requests.filter(({ id }) => isNamed(id, name)))
    seen += page.requests.length
    cursor = page.cursor
  } while (cursor !== null && seen < LOOKED_THROUGH)
  const [request, ...others] = found
  if (request === undefined)
    throw new FailedError(
      `there is no request ${plain(name)}. "gatewright requests list" shows the last 6 characters of each id, which are enough`,
    )
  if (others.length > 0)
    throw new UsageError(
      `${found.length} requests end in ${plain(name)}: give more of the id, as ${plain(request.id)}`,
    )
  return request
}

function plain(text: string): string {
  return makeVisible(text).text
}
