// A review server under /gate of a Hono app.
import type { ReviewServer } from '@gatewright/server'
import { Hono } from 'hono'

export function inHono(server: ReviewServer): Hono {
  const app = new Hono()
  app.get('/', (c) => c.text('the app'))
  app.all('/gate/*', (c) => server.fetch(c.req.raw, c.env))
  return app
}
