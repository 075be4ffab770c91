import { randomUUID } from 'node:crypto'

/** The id of a JSON-RPC request. */
export type RequestId = string | number

/** A JSON-RPC message, read as far as the gate needs it. */
export interface Message {
  readonly jsonrpc?: unknown
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: unknown
}

/** How a request ended: what stands in its response beside the id. */
export type Outcome = { readonly result: unknown } | { readonly error: RpcError }

/** A JSON-RPC error. */
export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** The parameters of `tools/call`, as any client may send them. */
export interface CallParams {
  readonly name: string
  readonly arguments?: unknown
  readonly task?: unknown
  readonly requestState?: unknown
  readonly inputResponses?: unknown
  readonly _meta?: Readonly<Record<string, unknown>>
}

export const INVALID_REQUEST = -32_600
export const INVALID_PARAMS = -32_602
export const INTERNAL_ERROR = -32_603
export const PARSE_ERROR = -32_700

/** Whether a value is an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value can be the id of a request. */
export function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' || typeof id === 'number'
}

/** A response. `id` is `null` where the request could not be read. */
export function responseTo(id: RequestId | null, outcome: Outcome): Message {
  return { jsonrpc: '2.0', id, ...outcome }
}

/** An error outcome. */
export function failure(code: number, message: string, data?: unknown): { readonly error: RpcError } {
  return { error: { code, message, ...(data === undefined ? {} : { data }) } }
}

/** A server did not answer. */
export const NO_ANSWER: { readonly error: RpcError } = failure(INTERNAL_ERROR, 'the server gave no answer')

/** What a response says; an error where it says nothing. */
export function outcomeOf({ result, error }: Message): Outcome {
  if (isRecord(error)) return { error: error as unknown as RpcError }
  return result === undefined ? NO_ANSWER : { result }
}

const IN_MESSAGES = ['jsonrpc', 'id', 'method', 'params', 'result', 'error']
const IN_CALLS = ['name', 'arguments', 'task', 'requestState', 'inputResponses', '_meta']

/**
 * What is wrong with a message that some servers read otherwise than the gate: JSON readers that do not tell `Method` from
 * `method`, or end a name at NUL, would run a tool call in what is none here, or another tool than the one that was judged.
 */
export function disguise(message: Message): { readonly error: RpcError } | null {
  const { method, params } = message
  const name = twinOf(IN_MESSAGES, message)
  if (name !== undefined) return ambiguous(name, 'a message')
  if (typeof method !== 'string') return null
  if (method !== CALL && folded(method).replace(/[^a-z]/g, '') === 'toolscall')
    return failure(INVALID_REQUEST, `a tool is called by ${CALL}, spelt like that. Nothing was executed.`)
  const inCall = method === CALL && isRecord(params) ? twinOf(IN_CALLS, params) : undefined
  return inCall === undefined ? null : ambiguous(inCall, `params of ${CALL}`)
}

const CALL = 'tools/call'

/** A member whose name is another spelling of one of these, to some readers of JSON. */
export function twinOf(names: readonly string[], record: object): string | undefined {
  const [exact, known] = [new Set(names), new Set(names.map(folded))]
  return Object.keys(record).find((name) => !exact.has(name) && known.has(folded(name)))
}

/** A text for a reader that heeds no case, and ends it at NUL. */
function folded(text: string): string {
  const [first = ''] = text.split('\0')
  return first.normalize('NFKC').trim().toLowerCase()
}

function ambiguous(name: string, where: string): { readonly error: RpcError } {
  const said = JSON.stringify(name.slice(0, 40))
  return failure(
    INVALID_REQUEST,
    `${where} may not have ${said}: servers read it differently. Nothing was executed.`,
  )
}

/** A tool call that can be judged; else what is wrong with it. */
export function readCall(
  message: Message,
): { readonly id: RequestId; readonly params: CallParams } | { readonly error: RpcError } {
  const { id, params } = message
  // Without an id nobody hears of its end; some servers would run it all the same.
  if (!isRequestId(id)) return failure(INVALID_REQUEST, 'tools/call needs an id. Nothing was executed.')
  if (!isRecord(params) || typeof params.name !== 'string')
    return failure(INVALID_PARAMS, 'tools/call needs params with the name of a tool. Nothing was executed.')
  if (params._meta !== undefined && !isRecord(params._meta))
    return failure(INVALID_PARAMS, 'params._meta must be an object. Nothing was executed.')
  if (params.task !== undefined)
    return failure(INVALID_PARAMS, 'calls as tasks cannot be gated: leave "task" out. Nothing was executed.')
  return { id, params: params as unknown as CallParams }
}

/** What a request of ours must carry where the protocol has no session: the caller's `_meta`, as far as it is the protocol's. */
export function protocolMeta(params: CallParams): object {
  const own = Object.entries(params._meta ?? {}).filter(([name]) => name.startsWith(PROTOCOL))
  return own.length === 0 ? {} : { _meta: Object.fromEntries(own) }
}

/** What names of the protocol's own `_meta` begin with. */
export const PROTOCOL = 'io.modelcontextprotocol/'

/** Whether a call is of protocol 2026-07-28 or later, where each request says so and results have a type. */
export function isStateless(params: CallParams): boolean {
  return params._meta?.[`${PROTOCOL}protocolVersion`] !== undefined
}

/** The name that a client gives itself: its claim. */
export function clientName(info: unknown): string | undefined {
  return isRecord(info) && typeof info.name === 'string' ? info.name.slice(0, 100) : undefined
}

/** The name of the client in a call of a protocol without sessions. */
export function clientOf(params: CallParams): string | undefined {
  return clientName(params._meta?.[`${PROTOCOL}clientInfo`])
}

/** An id for requests of ours, which no client chooses. */
export function ownId(): string {
  return `gatewright-${randomUUID()}`
}
