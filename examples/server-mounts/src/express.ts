// A review server under /gate of an Express 5 app. It stands before express.json(): signatures cover the raw body.
import { nodeListener, type ReviewServer } from '@gatewright/server'
import express, { type Express } from 'express'

export function inExpress(server: ReviewServer): Express {
  const app = express()
  app.all('/gate/*path', nodeListener(server))
  app.use(express.json())
  app.get('/', (_, response) => void response.send('the app'))
  return app
}
