import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Whose request it is: a session alone is no proof, since ids of sessions stand in logs. Equal for equal credentials. */
export function ownerOf(headers: IncomingHttpHeaders): string {
  return createHash('sha256')
    .update(
      JSON.stringify([
        headers['mcp-session-id'] ?? null,
        headers.authorization ?? null,
        headers.cookie ?? null,
      ]),
    )
    .digest('base64')
}
