import { consoleApprover } from '@gatewright/console'
import { type Gate, group } from '@gatewright/core'
import { type Config, loadConfig, startGate } from './config'
import { UsageError } from './exit'
import { checkWritable } from './files'
import type { CommandIo } from './io'
import { withoutConsole } from './mcp'
import { isSafeUrl } from './run-address'
import { runAtServer } from './run-at-server'
import { makeCall } from './run-call'
import { findJob, idToken } from './run-job'
import { runLocally } from './run-locally'
import { type RunOptions, readRunOptions } from './run-options'
import { type Decider, failed, patiently } from './run-patience'
import { createReport, inert, reportingLogger } from './run-report'
import { createServerClient } from './run-server-client'
import { listenForSignals } from './run-signals'

/** `gatewright run`. @returns the exit code: the command's own, where it ran */
export async function gatedRun(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await run(args, io)
  } catch (error) {
    // Whatever it repeats of the command line is text in the log, and no command of a CI system.
    throw error instanceof UsageError ? new UsageError(inert(error.message)) : error
  }
}

async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const options = readRunOptions(args)
  if (process.platform === 'win32') throw new UsageError('gatewright run needs Linux or macOS')
  if (options.result !== null) checkWritable(options.result, '--result')
  // A copy: what is pinned, and what the command gets, is what it was now.
  const environment = { ...process.env }
  const decide = await deciderFor(options, environment, io)
  const token = await jobToken(options, environment)
  const call = await makeCall(options, findJob(environment, token.value), environment, process.cwd())
  const report = createReport(io, environment, {
    json: options.json,
    result: options.result,
    command: call.arguments.command as string,
    receipt: decide.receipt,
  })
  if (token.problem !== null)
    report.say(`${token.problem}: what is shown of the job is what its environment says`)
  for (const name of options.env)
    if (environment[name] === undefined)
      report.say(`the variable ${name} is not set: that it has no value is what is pinned`)
  const signals = listenForSignals()
  try {
    const result = await withoutConsole(() => patiently(options, signals, decide, call, report))
    report.end(result)
    return result.exitCode
  } finally {
    signals.end()
  }
}

async function deciderFor(
  options: RunOptions,
  environment: NodeJS.ProcessEnv,
  io: CommandIo,
): Promise<Decider> {
  const { decider } = options
  if (decider.type === 'server') return serverDecider(decider.url, options, environment)
  const config = await configFor(options)
  return {
    keepsTime: decider.type === 'group',
    async run(call, asking) {
      let gate: Gate
      try {
        gate = await startGate(config, { logger: reportingLogger(io) })
      } catch (error) {
        return failed(call, `the gate cannot start: ${(error as Error).message}`)
      }
      try {
        return await runLocally(gate, call, asking)
      } finally {
        await gate.close()
      }
    },
    receipt(requestId) {
      const directory = 'dataDirectory' in config.gate ? config.gate.dataDirectory : '.gatewright'
      return decider.type === 'group' ? `gatewright audit receipt ${directory}/audit-log ${requestId}` : null
    },
  }
}

async function configFor({ decider, timeoutMs }: RunOptions): Promise<Config> {
  if (decider.type !== 'group') {
    const found = await loadConfig(
      decider.type === 'config' && decider.file !== null ? decider.file : undefined,
    )
    if (found !== null) return found
    throw new UsageError(
      'who decides? Name a group with --reviewers, a server with --server, or a config with --config',
    )
  }
  const { data, name } = decider
  const atTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true
  const gate = {
    agent: { id: 'run', name: 'gatewright run', owner: null },
    requirement: { reviewers: group(name), ...(timeoutMs === null ? {} : { within: timeoutMs }) },
    // The standard output is the command's.
    approvers: atTerminal ? [consoleApprover({ groups: [name], output: process.stderr })] : [],
    // Large files are pinned.
    timeouts: { lookup: '2m' as const },
    dataDirectory: data ?? '.gatewright',
  }
  return { gate, named: {} }
}

function serverDecider(given: string, options: RunOptions, environment: NodeJS.ProcessEnv): Decider {
  if (!isSafeUrl(given, 'private') || /[?#]/.test(given))
    throw new UsageError(
      '--server is the address of a review server: https, without query or user (http only on this computer)',
    )
  const url = new URL(given.replace(/\/(api\/*)?$/, ''))
  const key = environment.GATEWRIGHT_API_KEY || null
  if (key === null && !mayHaveToken(options, environment))
    throw new UsageError(
      '--server needs a credential: an API key in GATEWRIGHT_API_KEY, or an ID token of the job',
    )
  const credential = async () => key ?? (await idToken(environment, options)) ?? ''
  return {
    keepsTime: false,
    run: (call, asking) =>
      runAtServer(createServerClient({ url, credential, trouble: asking.report.say }), call, asking),
    receipt: () => null,
  }
}

function mayHaveToken({ idTokenEnv }: RunOptions, environment: NodeJS.ProcessEnv): boolean {
  return Boolean(environment[idTokenEnv] || environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN)
}

async function jobToken(options: RunOptions, environment: NodeJS.ProcessEnv) {
  try {
    return { value: await idToken(environment, options), problem: null }
  } catch (error) {
    return { value: null, problem: (error as Error).message }
  }
}
