import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isRecord } from './messages'

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

/**
 * Whose a message is that a transport of an SDK brought.
 *
 * @param extra - what it says beside the message: the request of versions 1 or 2, and who was authenticated
 * @param connection - the owner of what came by no request, since nobody else speaks there
 */
export function ownerBy(extra: unknown, connection: string): string {
  const { authInfo, request, requestInfo } = isRecord(extra) ? extra : {}
  if (!isRecord(authInfo) && !isRecord(request) && !isRecord(requestInfo)) return connection
  const { headers } = (request ?? requestInfo ?? {}) as { readonly headers?: IncomingHttpHeaders | Headers }
  const { clientId, token } = (authInfo ?? {}) as { readonly clientId?: unknown; readonly token?: unknown }
  const own = ownerOf(headers instanceof Headers ? Object.fromEntries(headers) : (headers ?? {}))
  return JSON.stringify([own, clientId ?? null, token ?? null])
}
