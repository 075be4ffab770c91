import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { collect, TooLargeError } from './collect'
import { textOf } from './http-exchange'
import { failure, INVALID_REQUEST, isRecord, isRequestId, PARSE_ERROR, type RpcError } from './messages'

/** What a body of a client says, or why it is refused. */
export type Posted =
  | { readonly message: unknown }
  | { readonly batch: readonly unknown[] }
  | { readonly status: number; readonly error: RpcError }

/** The newest protocol that has batches; a client that names none speaks it (2025-06-18, "Protocol Version Header"). */
const BATCHES_UNTIL = '2025-03-26'
const MAX_BATCH = 100

/** Reads what a client posts, and looks whether its parts agree. */
export async function readPost(request: IncomingMessage, maxBytes: number): Promise<Posted> {
  const { headers } = request
  const read = await readBody(request, maxBytes)
  if ('error' in read) return read
  const { message } = read
  const wrong = Array.isArray(message) ? wrongBatch(headers, message) : wrongHeaders(headers, message)
  if (wrong !== null) return { status: 400, ...wrong }
  return Array.isArray(message) ? { batch: message } : read
}

async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly message: unknown } | { readonly status: number; readonly error: RpcError }> {
  const tooLarge = {
    status: 413,
    ...failure(INVALID_REQUEST, `the body is larger than ${maxBytes} bytes. Nothing was executed.`),
  }
  if (Number(request.headers['content-length']) > maxBytes) return tooLarge
  try {
    return { message: JSON.parse((await collect(request, maxBytes)).toString()) as unknown }
  } catch (error) {
    if (error instanceof TooLargeError) return tooLarge
    return { status: 400, ...failure(PARSE_ERROR, 'that is no JSON. Nothing was executed.') }
  }
}

type Wrong = ReturnType<typeof failure> | null

/** What is wrong with a batch. Ids that repeat would let one answer stand for another. */
function wrongBatch(headers: IncomingHttpHeaders, messages: readonly unknown[]): Wrong {
  const version = textOf(headers['mcp-protocol-version']) ?? BATCHES_UNTIL
  const ids = messages
    .filter((one) => isRecord(one) && one.method !== undefined)
    .map((one) => (one as { id?: unknown }).id)
    .filter(isRequestId)
    .map(String)
  const [why] = [
    version > BATCHES_UNTIL && `protocol ${version.slice(0, 40)} has no batches: send messages one by one`,
    (messages.length === 0 || messages.length > MAX_BATCH) && `a batch has 1 to ${MAX_BATCH} messages`,
    !messages.every(isRecord) && 'a batch is a list of messages',
    messages.some((one) => isRecord(one) && one.method === 'initialize') && 'initialize stands alone',
    new Set(ids).size < ids.length && 'two requests of the batch have the same id',
    (textOf(headers['mcp-method']) ?? textOf(headers['mcp-name'])) !== undefined &&
      'headers that repeat a message cannot speak of several',
  ].filter((one) => one !== false)
  return why === undefined ? null : failure(INVALID_REQUEST, `${why}. Nothing was executed.`)
}

/** What is wrong where headers say something else than the body: some servers believe one, some the other. */
function wrongHeaders(headers: IncomingHttpHeaders, message: unknown): Wrong {
  if (!isRecord(message)) return null
  const [method, name] = [textOf(headers['mcp-method']), textOf(headers['mcp-name'])]
  const said = isRecord(message.params) ? (message.params.name ?? message.params.uri) : undefined
  const differs =
    (method !== undefined && method !== message.method) ||
    (message.method === 'tools/call' && name !== undefined && decoded(name) !== said)
  return differs
    ? failure(HEADER_MISMATCH, 'the headers say something else than the body. Nothing was executed.')
    : null
}

const HEADER_MISMATCH = -32_020

/** Names that are no plain ASCII come as `=?base64?…?=`. */
function decoded(name: string): string {
  const [, encoded] = /^=\?base64\?(.*)\?=$/.exec(name) ?? []
  return encoded === undefined ? name : Buffer.from(encoded, 'base64').toString()
}
