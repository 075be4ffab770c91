// A review server in Next.js: app/gate/[[...path]]/route.ts exports these, and `export const dynamic = 'force-dynamic'`.
import type { ReviewServer } from '@gatewright/server'

/** What Next.js takes as a route handler: its request is a `Request`, its answer a `Response`. */
export type RouteHandler = (
  request: Request,
  context: { readonly params: Promise<Record<string, string | readonly string[] | undefined>> },
) => Response | Promise<Response>

export function inNext(server: ReviewServer) {
  const handler = (request: Request): Promise<Response> => server.fetch(request)
  return {
    GET: handler,
    HEAD: handler,
    POST: handler,
    PUT: handler,
    PATCH: handler,
    DELETE: handler,
    OPTIONS: handler,
  } satisfies Record<string, RouteHandler>
}
