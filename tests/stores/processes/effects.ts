// Does the work of approved calls, in a process that outlives those that ask for it: each work leaves one line in a file, so
// many milliseconds after it was asked for, and is answered. Told to stop, it first does what it was asked for.
import { appendFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

const [file = ''] = process.argv.slice(2)
const sockets = new Set<Socket>()

const server = createServer((socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
  const reader = createInterface({ input: socket })
  // Whoever asked was killed. What it asked for is done all the same.
  for (const source of [socket, reader]) source.on('error', () => {})
  reader.on('line', (line) => {
    const [key, after, end] = line.split(' ')
    // A line that was cut off by a kill asks for nothing.
    if (end !== '.') return
    setTimeout(() => {
      appendFileSync(file, `${key}\n`)
      socket.write(`${key}\n`)
    }, Number(after))
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`listening ${typeof address === 'object' && address !== null ? address.port : 0}\n`)
})
process.once('SIGTERM', () => {
  server.close()
  for (const socket of sockets) socket.destroy()
})
