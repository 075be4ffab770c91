import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { createReviewServer, devSignIn, type Listening, serve } from '@gatewright/server'
import type { Gate } from 'gatewright'

const PORT = 4747

/** Where the inbox will be: this computer alone, and another port when that one is taken. */
export async function inboxUrl(): Promise<string> {
  const port = (await freePort(PORT)) ?? (await freePort(0)) ?? PORT
  return `http://localhost:${port}`
}

/** Opens the inbox: the same requests as at the terminal, for the same two made-up people. */
export function openInbox(gate: Gate, url: string): Promise<Listening> {
  const server = createReviewServer(gate, {
    url,
    signIn: devSignIn({ groups: ['ops'] }),
    // Nobody stays signed in over a restart of a demo.
    secrets: [randomBytes(32).toString('base64url')],
  })
  return serve(server, { port: Number(new URL(url).port), hostname: 'localhost' })
}

function freePort(wanted: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(null))
    probe.listen(wanted, 'localhost', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : null
      probe.close(() => resolve(port))
    })
  })
}
