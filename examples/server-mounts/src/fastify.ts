// A review server under /gate of a Fastify 5 app. In a scope of its own nothing parses its bodies.
import { nodeListener, type ReviewServer } from '@gatewright/server'
import fastify, { type FastifyInstance } from 'fastify'

export async function inFastify(server: ReviewServer): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true })
  const listener = nodeListener(server)
  app.get('/', async () => 'the app')
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.all('/gate/*', async (request, reply) => {
      reply.hijack()
      await listener(request.raw, reply.raw)
    })
  })
  return app
}
