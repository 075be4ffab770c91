import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { problemsOf } from './card-schema'

const MOST_BYTES = 28 * 1_024
export const SIGNATURE = 'aVerySecretSignatureOfTheWorkflow'

/** A workflow that posts what it is sent, and holds it to what Teams documents; what breaks it stands in `breaches`. */
export async function fakeWorkflow() {
  const cards: unknown[] = []
  const breaches: string[] = []
  const stalled: ServerResponse[] = []
  const state = {
    stall: false,
    answers: [] as { readonly status: number; readonly headers?: Record<string, string> }[],
    calls: 0,
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    state.calls += 1
    if (state.stall) return void stalled.push(response)
    const planned = state.answers.shift()
    if (planned !== undefined) return void response.writeHead(planned.status, planned.headers).end()
    if (request.method !== 'POST' || !/[?&]sig=aVery/.test(request.url ?? ''))
      breaches.push('a call without its signature')
    if (request.headers['content-type'] !== 'application/json') breaches.push('a body that is no JSON')
    if (body.length > MOST_BYTES) breaches.push(`a message of ${body.length} bytes`)
    const { type, attachments } = JSON.parse(body.toString()) as {
      type?: string
      attachments?: { contentType: string; content: unknown }[]
    }
    const [first] = attachments ?? []
    if (type !== 'message' || first?.contentType !== 'application/vnd.microsoft.card.adaptive')
      breaches.push('no message with a card')
    breaches.push(...problemsOf(first?.content))
    // A webhook's card has nobody to send anything to.
    if (/Action\.(Execute|Submit)|Input\./.test(JSON.stringify(first?.content)))
      breaches.push('a button that does nothing')
    cards.push(first?.content)
    response.writeHead(202).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/workflows/1/triggers/manual/paths/invoke?api-version=1&sig=${SIGNATURE}`,
    network: { allow: ['127.0.0.1'], allowHttp: true },
    cards,
    breaches,
    state,
    async close(): Promise<void> {
      for (const response of stalled) response.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (breaches.length > 0) throw new Error(`Teams would refuse this: ${breaches.join('; ')}`)
    },
  }
}
