import { createRoute, z } from '@hono/zod-openapi'
import type { Site } from '../http/environment'
import type { Slots } from '../http/slots'
import { type Api, idOf } from './api'
import { callerOf } from './caller'
import { BEARER, path, problems } from './common-schema'
import { createRequestEvents } from './request-events'

const stream = (description: string) => ({
  description,
  content: {
    'text/event-stream': {
      schema: z.string().openapi({
        description:
          'Events named `request`; `id` is `<request id>/<version>`, `data` is a Request as JSON. Lines that begin with a colon are signs of life, every 15 seconds.',
        example:
          'event: request\nid: 01KAZ4Q9W3M2T8V5XH6C7B1D0E/2\ndata: {"id":"01KAZ4Q9W3M2T8V5XH6C7B1D0E","version":2}\n\n',
      }),
    },
  },
})

const oneRoute = createRoute({
  method: 'get',
  path: '/v1/requests/{id}/events',
  operationId: 'followRequest',
  tags: ['Events'],
  summary: 'Follow one request',
  description:
    'Begins with how it stands. Ends once the request has ended, and after 15 minutes: connect again. Versions only grow; steps that follow each other closely may come as one.',
  security: BEARER,
  request: { params: path },
  responses: { 200: stream('The request, each time it moved.'), ...problems(404) },
})

const allRoute = createRoute({
  method: 'get',
  path: '/v1/events',
  operationId: 'followRequests',
  tags: ['Events'],
  summary: 'Follow all requests that the caller may know of',
  description:
    'From now on: list the requests once it is connected. It ends after 15 minutes, and cuts off a client that does not read: connect and list again. An event may be lost or repeated, so list from time to time.',
  security: BEARER,
  responses: { 200: stream('Requests that moved.'), ...problems() },
})

/** Server-sent events. They are described here and routed by hand: no schema reads a stream. */
export function eventRoutes(api: Api, site: Site, slots: Slots): void {
  const events = createRequestEvents(site, slots)
  api.openAPIRegistry.registerPath(oneRoute)
  api.get(oneRoute.getRoutingPath(), (c) => events.one(c, callerOf(c), idOf(c)))
  api.openAPIRegistry.registerPath(allRoute)
  api.get(allRoute.getRoutingPath(), (c) => events.all(c, callerOf(c)))
}
