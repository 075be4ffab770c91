// A review server by itself, on Node's own HTTP server.
import { type Listening, type ReviewServer, serve } from '@gatewright/server'

export function onNode(server: ReviewServer): Promise<Listening> {
  return serve(server, { port: 0 })
}
