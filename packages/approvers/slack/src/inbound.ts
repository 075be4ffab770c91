import { isSigned } from './signature'

/** Larger than anything Slack sends: it sends the message that was pressed along, of at most 50 blocks. */
const MOST_BYTES = 1_000_000

/** What {@link readInbound} makes of a request: the payload that Slack signed, or the answer to what is not Slack's. */
export type Inbound =
  | { readonly status: 'signed'; readonly payload: unknown }
  | { readonly status: 'refused'; readonly response: Response }

/**
 * Reads what Slack sent to `…/interactivity`. The signature is checked over the bytes as they came, before anything is parsed.
 *
 * @param now - milliseconds since the epoch
 */
export async function readInbound(request: Request, secret: string, now: number): Promise<Inbound> {
  if (!new URL(request.url).pathname.endsWith('/interactivity')) return refused(404, 'there is nothing here')
  // T29: opening a link decides nothing.
  if (request.method !== 'POST') return refused(405, 'only POST', { allow: 'POST' })
  const body = await readBody(request)
  if (body === null) return refused(413, 'too large')
  const timestamp = request.headers.get('x-slack-request-timestamp')
  const signature = request.headers.get('x-slack-signature')
  if (!isSigned({ timestamp, signature, body }, secret, now)) return refused(401, 'not signed by Slack')
  const payload = parse(body)
  return payload === undefined ? refused(400, 'no payload') : { status: 'signed', payload }
}

async function readBody(request: Request): Promise<Uint8Array | null> {
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body) {
      size += chunk.byteLength
      if (size > MOST_BYTES) return null
      chunks.push(chunk)
    }
  } catch {
    // Cut off on its way: what arrived has no valid signature.
    return new Uint8Array()
  }
  return Buffer.concat(chunks)
}

function parse(body: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    const payload = new URLSearchParams(text).get('payload')
    return payload === null ? undefined : JSON.parse(payload)
  } catch {
    return undefined
  }
}

function refused(status: number, why: string, headers: Record<string, string> = {}): Inbound {
  const response = new Response(`${why}\n`, { status, headers: { 'content-type': 'text/plain', ...headers } })
  return { status: 'refused', response }
}
