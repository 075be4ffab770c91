import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { type Duration, OptionError, parseDuration } from '@gatewright/core'
import { type Connection, gateConnection } from './connection'
import { gatedCalls } from './gated-calls'
import { linesOf } from './lines'
import { failure, isRecord, type Message, PARSE_ERROR, responseTo } from './messages'
import type { McpOptions } from './options'

/** A server that speaks over its standard streams, and the client in front of it. */
export interface StdioGatewayOptions extends McpOptions {
  /** The server's program. Started as it is: no shell reads it. */
  readonly command: string
  readonly args?: readonly string[]
  /** @default the directory of this process */
  readonly cwd?: string
  /** @default the environment of this process */
  readonly env?: Readonly<Record<string, string>>
  /** What the client writes. @default the standard input of this process */
  readonly input?: Readable
  /** What the client reads. @default the standard output of this process */
  readonly output?: Writable
  /** How long a server may take to end once its client is gone; then it is told to, and after as long again killed. @default '5s' */
  readonly grace?: Duration
}

/** A running gateway over standard streams. */
export interface StdioGateway {
  /** Resolves with the server's exit code once it has ended: 128 and the signal's number where a signal ended it. */
  readonly ended: Promise<number>
  /** Hands a signal on to the server. */
  kill(signal: NodeJS.Signals): void
}

const OPTIONS = ['command', 'args', 'cwd', 'env', 'input', 'output', 'grace'] as const

/**
 * Starts an MCP server and stands before it: its client speaks with this process as with the server. Tool calls are gated,
 * and nothing else is changed: what the server says goes on byte for byte, except the answer to a call that a reviewer
 * changed. What the client says is read and written anew, so that the server reads the message that was judged.
 *
 * @throws OptionError naming what is wrong with the options
 * @example
 * ```ts
 * import { createGate, group } from 'gatewright'
 * import { stdioGateway } from '@gatewright/mcp'
 *
 * const gate = createGate({ agent: { id: 'desk-agent', owner: null }, reviewers: group('ops') })
 * await gate.start()
 * const gateway = stdioGateway({ gate, command: 'mcp-server-filesystem', args: ['/srv/files'] })
 * process.exitCode = await gateway.ended
 * ```
 */
export function stdioGateway(options: StdioGatewayOptions): StdioGateway {
  const { args = [], command, cwd, env, input = process.stdin, output = process.stdout, ...given } = options
  const { grace = '5s', ...rest } = given
  if ('reviewers' in rest)
    throw new OptionError(
      'stdioGateway.reviewers',
      'nobody can be asked by elicitation here: the only client is the requester’s own, which could answer by itself. Use httpGateway, or a review server, to which reviewers connect clients of their own',
    )
  if (typeof command !== 'string' || command === '')
    throw new OptionError('stdioGateway.command', 'must be the program of an MCP server')
  const graceMs = parseDuration(grace, 'stdioGateway.grace')
  const gate = gatedCalls(rest, 'stdioGateway', OPTIONS)
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  })
  // Whoever ends while it is written to is dealt with where its end is.
  child.stdin.on('error', () => {})
  output.on('error', () => {})
  const connection = gateConnection(gate, {
    toServer: (message) => void child.stdin.write(lineOf(message)),
    toClient: (message, _about, raw) => void output.write(raw ?? lineOf(message)),
  })

  const over = new AbortController()
  const drained = (stream: Writable) => once(stream, 'drain', { signal: over.signal })

  async function readServer(): Promise<void> {
    for await (const line of linesOf(child.stdout)) {
      if (isTaken(connection, line) || output.write(line)) continue
      await drained(output)
    }
  }

  async function readClient(): Promise<void> {
    for await (const line of linesOf(input)) {
      if (line.toString().trim() === '') continue
      for (const message of messagesOf(line)) {
        if (message === undefined) output.write(lineOf(NOT_JSON))
        else connection.fromClient(message)
      }
      if (child.stdin.writableNeedDrain) await drained(child.stdin)
    }
  }

  async function run(): Promise<number> {
    const exited = new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(new Error(`${command} cannot be started`, { cause })))
      child.once('close', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      )
    })
    const clientGone = readClient()
      .catch(() => {})
      .then(() => {
        connection.closed(new Error('the client is gone'))
        child.stdin.end()
        setTimeout(() => child.kill('SIGTERM'), graceMs).unref()
        setTimeout(() => child.kill('SIGKILL'), 2 * graceMs).unref()
      })
    const serverGone = readServer().catch(() => child.kill('SIGKILL'))
    try {
      const code = await exited
      await serverGone
      return code
    } finally {
      connection.closed(new Error('the server ended'))
      over.abort()
      input.destroy()
      await clientGone
    }
  }

  return { ended: run(), kill: (signal) => void child.kill(signal) }
}

/** Whether a line of the server is an answer that the gate waits for. What cannot be read goes on as it is. */
function isTaken(connection: Connection, line: Buffer): boolean {
  try {
    const message: unknown = JSON.parse(line.toString())
    return isRecord(message) && connection.fromServer(message, line)
  } catch {
    return false
  }
}

/** The messages in a line of the client; several where it is a batch. `undefined` for what is no JSON. */
function messagesOf(line: Buffer): readonly unknown[] {
  try {
    const message: unknown = JSON.parse(line.toString())
    return Array.isArray(message) ? message : [message]
  } catch {
    return [undefined]
  }
}

const NOT_JSON = responseTo(null, failure(PARSE_ERROR, 'that is no JSON. Nothing was executed.'))

function lineOf(message: Message): string {
  return `${JSON.stringify(message)}\n`
}
