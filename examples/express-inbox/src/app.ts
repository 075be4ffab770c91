// An Express app with the inbox in it: its route asks before it exports, people decide at /gate, and the API is under /gate/api.
// Run it: npm start in this folder, then follow what it prints. npx vitest run --project unit examples/express-inbox
import { type Gate, GatewrightError } from '@gatewright/core'
import { createReviewServer, nodeListener, type ReviewServerOptions } from '@gatewright/server'
import express, { type ErrorRequestHandler, type Express } from 'express'

/** What the app is made of. */
export interface Setup {
  readonly gate: Gate
  /** Where browsers find the app: `https://example.com`. */
  readonly origin: string
  /** How reviewers prove who they are, and the inbox's other options. */
  readonly inbox: Omit<ReviewServerOptions, 'url'>
  readonly exportTable: (query: Query) => Promise<string>
}

/** What the route exports. */
export interface Query {
  readonly table: string
}

/** The whole app. Whoever may call its own routes is for what you put in front of them to say, as ever. */
export function createApp({ exportTable, gate, inbox, origin }: Setup): Express {
  const reviews = createReviewServer(gate, { ...inbox, url: `${origin}/gate` })
  const exportSafely = gate.requireApproval(exportTable, { action: 'data.export', keepResult: true })

  const app = express()
  // Before anything parses bodies: approvers check signatures over the raw ones.
  app.all('/gate{/*path}', nodeListener(reviews))
  app.use(express.json())

  // No connection is kept open for people: who is told 202 asks again under the same key, and it runs once.
  app.post('/exports', async (request, response) => {
    const callId = request.get('idempotency-key')
    if (callId === undefined) return void response.status(400).json({ error: 'send an Idempotency-Key' })
    const call = { runId: 'exports', callId, wait: 'suspend' } as const
    response.json({ result: await gate.as(call, () => exportSafely({ table: String(request.body?.table) })) })
  })

  const answer: ErrorRequestHandler = (error, _request, response, next) => {
    // What nobody decided, such as a store that is away, is a failure like any other.
    if (!GatewrightError.isInstance(error) || !error.code.startsWith('ERR_APPROVAL_')) return next(error)
    const { code, message, requestId } = error
    if (code !== 'ERR_APPROVAL_PENDING') return void response.status(403).json({ code, message })
    response.status(202).json({ code, message, decide: `${origin}/gate/requests/${requestId}` })
  }
  app.use(answer)
  return app
}
