import { Console } from 'node:console'
import { group } from '@gatewright/core'
import { type HttpGatewayOptions, httpGateway, type McpOptions, stdioGateway } from '@gatewright/mcp'
import { readArguments, splitAtCommand } from './arguments'
import { CONFIG_HELP, type Config, isGate, loadConfig, startGate } from './config'
import { Exit, FailedError, UsageError } from './exit'
import type { CommandIo } from './io'
import { isOwnVariable } from './own-variables'

export const MCP_HELP = `Usage: gatewright mcp [options] -- <command> [arguments]
       gatewright mcp [options] --url URL

Stands before an MCP server that nobody changed: put it where your client's settings name the server. Each call of a tool
waits until the gate's policy or its people let it run; everything else passes as it is. With a command, the gateway speaks
over standard streams, ends when the server ends, and with its code. With a URL it listens, for Streamable HTTP. The server
gets this environment, but for variables that begin with GATEWRIGHT_.

Options:
${CONFIG_HELP}
                     An export "mcp" has the options of the tools: { tools, action, agent, beatEvery … }; with --url
                     also those of httpGateway: { hosts, maxBytes, resumeWithin, reviewers }
  --reviewers GROUP  without a config: the group that decides on every call: gatewright inbox --group GROUP,
                     with --store DIRECTORY/requests.db where --data says so
  --data DIRECTORY   without a config: where requests and the log are kept. Default: .gatewright in this directory, which
                     is your client's: better name one
  --url URL          the address of a server that speaks Streamable HTTP
  --port NUMBER      with --url: where to listen. Default: a free one, which is printed
  --host NAME        with --url: the address to listen at. Default: 127.0.0.1
  -h, --help         show this

Examples:
  gatewright mcp --reviewers ops --data ~/.gate -- npx @modelcontextprotocol/server-filesystem /srv
  gatewright mcp --config gatewright.config.mjs --url https://files.example/mcp --port 8123`

/** Its options, for parsing and completion. */
export const MCP_OPTIONS = {
  config: { type: 'string' },
  data: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  reviewers: { type: 'string' },
  url: { type: 'string' },
} as const

/** `gatewright mcp`. @returns the exit code: the server's own, where it has one */
export async function mcp(args: readonly string[], io: CommandIo): Promise<number> {
  const {
    before,
    command: [command, ...rest],
  } = splitAtCommand(args, MCP_OPTIONS)
  const { values } = readArguments(before, MCP_OPTIONS)
  if ((command === undefined) === (values.url === undefined))
    throw new UsageError('name one server: its command after --, or its address with --url')
  if (values.url === undefined && (values.port ?? values.host) !== undefined)
    throw new UsageError('--port and --host go with --url')

  return withoutConsole(async () => {
    const config = await configFor(values)
    if (values.url !== undefined) checkReviewers(config)
    const gate = await startGate(config, { approvers: [] })
    const options = { ...(config.named.mcp as McpOptions | undefined), gate }
    const interrupted = io.interrupted?.() ?? new AbortController().signal
    try {
      if (command === undefined) return await listen(options, values, io, interrupted)
      const gateway = stdioGateway({ env: serverEnvironment(process.env), ...options, command, args: rest })
      interrupted.addEventListener('abort', () => gateway.kill('SIGTERM'), { once: true })
      return await gateway.ended.catch((cause: Error) => {
        throw new FailedError(cause.message, { cause })
      })
    } finally {
      await gate.close()
    }
  })
}

interface Values {
  readonly config?: string | undefined
  readonly data?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly reviewers?: string | undefined
  readonly url?: string | undefined
}

async function configFor({ config, data, reviewers }: Values): Promise<Config> {
  if (reviewers === undefined) {
    const found = await loadConfig(config)
    if (found === null)
      throw new UsageError('who decides? Name a group with --reviewers, or a config with --config')
    if (data !== undefined) throw new UsageError('--data goes with --reviewers: the config says it itself')
    return found
  }
  if (config !== undefined) throw new UsageError('--reviewers and --config both say who decides: name one')
  const gate = {
    agent: { id: 'mcp', owner: null },
    reviewers: group(reviewers),
    ...(data === undefined ? {} : { dataDirectory: data }),
  }
  return { gate, named: {} }
}

/**
 * An approver that the gate does not know would never ask anybody: said now, and not when calls wait for it.
 *
 * @throws UsageError naming `mcp.reviewers`
 */
export function checkReviewers({ gate, named }: Config): void {
  const { reviewers } = (named.mcp ?? {}) as Partial<HttpGatewayOptions>
  if (reviewers === undefined) return
  const isApprover = typeof reviewers?.isReviewer === 'function'
  if (isApprover && (isGate(gate) || gate.approvers?.includes(reviewers))) return
  throw new UsageError(
    'the config’s mcp.reviewers must be an elicitationApprover, and its approvers must name the same one',
  )
}

async function listen(
  options: McpOptions,
  { host, port, url = '' }: Values,
  io: CommandIo,
  interrupted: AbortSignal,
): Promise<number> {
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))
    throw new UsageError('--port must be a number from 0 to 65535')
  const gateway = await httpGateway({
    ...options,
    url,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(host === undefined ? {} : { host }),
  }).catch((error: NodeJS.ErrnoException): never => {
    throw error.syscall === 'listen' || error.syscall === 'getaddrinfo'
      ? cannotListen(error, host, port)
      : error
  })
  try {
    io.out(gateway.url)
    if (gateway.reviewUrl !== null) io.out(`reviewers: ${gateway.reviewUrl}`)
    await new Promise<void>((resolve) => {
      if (interrupted.aborted) resolve()
      interrupted.addEventListener('abort', () => resolve(), { once: true })
    })
    return Exit.ok
  } finally {
    await gateway.close()
  }
}

function cannotListen({ code }: NodeJS.ErrnoException, host = '127.0.0.1', port = ''): UsageError {
  if (code === 'EADDRINUSE')
    return new UsageError(
      `port ${port} of ${host} is taken: name another with --port, or leave it out for a free one`,
    )
  if (code === 'EACCES')
    return new UsageError(`port ${port} of ${host} is not for this user: name one from 1024 on with --port`)
  return new UsageError(
    `nothing can listen at ${host} (${code}): name an address of this machine with --host`,
  )
}

/** Of this process, without what is the gate's own: many servers have a tool that shows their environment to the agent (T20). */
function serverEnvironment(all: NodeJS.ProcessEnv): Record<string, string> {
  const given = Object.entries(all).filter(([name]) => !isOwnVariable(name))
  return Object.fromEntries(given) as Record<string, string>
}

/** What a gate or a config has to say goes to the standard error: the standard output is the client's. */
export async function withoutConsole<T>(work: () => Promise<T>): Promise<T> {
  const { console: own } = globalThis
  globalThis.console = new Console(process.stderr, process.stderr)
  try {
    return await work()
  } finally {
    globalThis.console = own
  }
}
