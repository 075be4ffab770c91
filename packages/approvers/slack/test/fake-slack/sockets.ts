import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import type { Api } from './api'
import { inTime } from './in-time'

const acknowledgement = z.strictObject({
  envelope_id: z.string(),
  payload: z.record(z.string(), z.unknown()),
})

/** Slack's side of Socket Mode. */
export interface Sockets {
  readonly url: string
  /** Sends an interaction to one connection; resolves with the payload of its acknowledgement. */
  send(payload: object): Promise<Readonly<Record<string, unknown>>>
  /** Asks every connection to come again, as Slack does about every hour. */
  refresh(): void
  /** How many connections were greeted so far. */
  readonly greeted: number
  /** Resolves once there are connections that were greeted after so many others. */
  greetedAfter(count: number): Promise<void>
  close(): void
}

/** Starts the socket endpoint beside the API. */
export function startSockets(api: () => Api, breaches: string[]): Sockets {
  let endpoint: WebSocketServer | null = null
  const waiting = new Map<string, (payload: Readonly<Record<string, unknown>>) => void>()
  const open = new Set<WebSocket>()
  const watchers: (() => void)[] = []
  let greeted = 0
  let envelopes = 0

  function start(): WebSocketServer {
    const server = new WebSocketServer({ server: api().server, path: '/link' })
    server.on('connection', (socket) => {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
      socket.on('message', (data) => onAcknowledgement(data))
      socket.send(JSON.stringify({ type: 'hello', num_connections: open.size }))
      greeted += 1
      for (const watcher of watchers.splice(0)) watcher()
    })
    return server
  }

  function onAcknowledgement(data: RawData): void {
    const read = acknowledgement.safeParse(JSON.parse(data.toString()))
    const done = read.success ? waiting.get(read.data.envelope_id) : undefined
    if (!read.success || done === undefined) {
      breaches.push('something was sent over the socket that acknowledges nothing')
      return
    }
    waiting.delete(read.data.envelope_id)
    done(read.data.payload)
  }

  return {
    get url() {
      endpoint ??= start()
      return `${api().url.replace('http:', 'ws:').replace('/api/', '')}/link`
    },
    send(payload) {
      envelopes += 1
      const envelope_id = `envelope-${envelopes}`
      const [socket] = [...open]
      if (socket === undefined) throw new Error('nobody is connected')
      const answered = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
        waiting.set(envelope_id, resolve)
      })
      socket.send(
        JSON.stringify({ type: 'interactive', envelope_id, accepts_response_payload: true, payload }),
      )
      return inTime(answered, 'not acknowledged within 3 seconds')
    },
    refresh() {
      for (const socket of open) {
        socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
      }
    },
    get greeted() {
      return greeted
    },
    async greetedAfter(count) {
      while (greeted <= count) await new Promise<void>((resolve) => watchers.push(resolve))
    },
    close() {
      for (const socket of open) socket.terminate()
      endpoint?.close()
    },
  }
}
