import { connect, createServer, type Socket } from 'node:net'

/** Stands between a store and its server, and can cut the line. */
export interface Proxy {
  readonly port: number
  /** Cuts every connection there is. */
  cut(): void
  /** From now on new connections are refused, or not any more. */
  refuse(value: boolean): void
  readonly connections: number
  close(): Promise<void>
}

/** Starts a proxy to a port of this machine. */
export async function startProxy(port: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let refusing = false
  const server = createServer((near) => {
    if (refusing) {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', end)
    }
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cut = (): void => {
    for (const [near, far] of [...pairs]) {
      near.resetAndDestroy()
      far.destroy()
    }
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut,
    refuse(value) {
      refusing = value
    },
    get connections() {
      return pairs.size
    },
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
