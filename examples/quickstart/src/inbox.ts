import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReviewServer, devSignIn, nodeListener, type ReviewServer } from '@gatewright/server'
import type { Gate } from 'gatewright'

const PORT = 4747

/** The inbox of the quickstart, on this computer alone. */
export interface Inbox {
  readonly url: string
  /** Shows what waits at the terminal, to the same two made-up people. */
  open(gate: Gate): void
  close(): void
}

/** Takes a port for the inbox: another one when the usual is taken. The gate has to know its address before the inbox has a gate. */
export async function takeInbox(): Promise<Inbox> {
  const listener = createServer()
  const listen = async (port: number) => void (await once(listener.listen(port, 'localhost'), 'listening'))
  await listen(PORT).catch(() => listen(0))
  const url = `http://localhost:${(listener.address() as AddressInfo).port}`
  let server: ReviewServer | null = null
  return {
    url,
    open(gate) {
      server = createReviewServer(gate, {
        url,
        signIn: devSignIn({ groups: ['ops'] }),
        // Nobody stays signed in over a restart of a demo.
        secrets: [randomBytes(32).toString('base64url')],
      })
      listener.on('request', nodeListener(server))
    },
    close() {
      server?.close()
      listener.close()
      listener.closeAllConnections()
    },
  }
}
