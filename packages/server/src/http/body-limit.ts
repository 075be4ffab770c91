import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HttpProblem } from './problems'

const MOST_BYTES = 2 * 1024 * 1024

/**
 * Refuses bodies of more than 2 MiB with 413: by the length that HTTP says and keeps to, or else while they are read.
 * Hono's own limit makes a stream of every body, which costs more than all the rest of a short answer.
 */
export function limitBodies(): MiddlewareHandler {
  const whileRead = bodyLimit({ maxSize: MOST_BYTES, onError: refuse })
  return (c, next) => {
    const { headers } = c.req.raw
    const length = headers.get('content-length')
    if (length === null || headers.has('transfer-encoding')) return whileRead(c, next)
    return /^\d+$/.test(length) && Number(length) <= MOST_BYTES ? next() : refuse()
  }
}

function refuse(): never {
  throw new HttpProblem(413, 'too-large', `A request holds at most ${MOST_BYTES} bytes.`)
}
