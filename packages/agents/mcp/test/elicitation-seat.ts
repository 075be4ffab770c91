import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { type ElicitationApprover, elicitationApprover } from '../src'
import { eventsOf } from '../src/sse'

export const TOKEN = 'rita-0123456789-0123456789-0123456789'
export const RITA = { issuer: 'https://idp.test', subject: 'rita', name: 'Rita', groups: ['ops'] }

export function ritasApprover(): ElicitationApprover {
  return elicitationApprover({ reviewers: [{ ...RITA, token: TOKEN }] })
}

/** A message that a reviewer's client was sent. */
export interface Sent {
  readonly id?: string
  readonly method: string
  readonly params: {
    readonly message?: string
    readonly mode?: string
    readonly url?: string
    readonly data?: string
    readonly requestId?: string
    readonly requestedSchema?: { properties: { decision: { enum: string[] } }; required: string[] }
  }
}

/** A client of a reviewer, in raw HTTP. */
export interface RawSeat {
  readonly sent: readonly Sent[]
  /** Questions that were not taken back. */
  questions(): readonly Sent[]
  answer(id: string | undefined, result: unknown, headers?: Record<string, string>): Promise<Response>
  post(message: unknown, headers?: Record<string, string>): Promise<Response>
  hangUp(): Promise<void>
}

const ADDRESS = 'https://gate.test/approvers/elicitation/'
export const FORMS = { elicitation: { form: {} } }

export function asking(approver: ElicitationApprover, token = TOKEN) {
  return (method: string, message?: unknown, headers: Record<string, string> = {}) =>
    approver.handle(
      new Request(ADDRESS, {
        method,
        headers: { authorization: `Bearer ${token}`, ...headers },
        ...(message !== undefined && {
          body: typeof message === 'string' ? message : JSON.stringify(message),
        }),
      }),
    )
}

export function initialize(capabilities: object = FORMS) {
  return {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } },
  }
}

/** Connects a client that listens. */
export async function rawSeat(
  approver: ElicitationApprover,
  capabilities?: object,
  token = TOKEN,
): Promise<RawSeat> {
  const ask = asking(approver, token)
  const begun = await ask('POST', initialize(capabilities))
  const session = { 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' }
  const listening = await ask('GET', undefined, session)
  const stream = Readable.fromWeb(listening.body as ReadableStream)
  const sent: Sent[] = []
  void (async () => {
    for await (const { data } of eventsOf(stream)) if (data !== null) sent.push(JSON.parse(data) as Sent)
  })().catch(() => {})
  const answered = new Set<string>()
  return {
    sent,
    questions() {
      const gone = sent
        .filter(({ method }) => method === 'notifications/cancelled')
        .map(({ params }) => params.requestId)
      return sent.filter(
        ({ id, method }) =>
          method === 'elicitation/create' && id !== undefined && !gone.includes(id) && !answered.has(id),
      )
    },
    answer(id = '', result, headers = {}) {
      answered.add(id)
      return ask('POST', { jsonrpc: '2.0', id, result }, { ...session, ...headers })
    },
    post: (message, headers = {}) => ask('POST', message, { ...session, ...headers }),
    async hangUp() {
      stream.destroy()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** Lets what was sent arrive. */
export async function arrived(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
