import { randomUUID } from 'node:crypto'
import { canonicalize, type Json, sha256Hex } from '@gatewright/core'
import type { Call } from './run-call'
import { type CommandEnd, endWords, exitOf, runCommand } from './run-command'
import type { Report } from './run-report'
import { type Asking, exitOfStatus, type RunResult, ranResult, statusOfCode } from './run-result'
import { type AskedRequest, readClaim, readRequest } from './run-server-answers'
import { type ApiCall, ServerRefusal } from './run-server-client'

/** Calls the API: `createServerClient`. */
export type Api = (call: ApiCall) => Promise<Readonly<Record<string, unknown>>>

const LEASE_SECONDS = 60
/** Beyond a request's own end: the server may be away just then. */
const LATE_MS = 300_000
const CANCEL_MS = 10_000

/** Asks a review server, waits, claims, runs, and tells the outcome. */
export async function runAtServer(api: Api, call: Call, asking: Asking): Promise<RunResult> {
  const { report, waiting } = asking
  let request: AskedRequest | null = null
  const about = () => ({
    action: call.action,
    requestId: request?.id ?? null,
    by: request?.by ?? [],
    link: request?.link ?? null,
  })
  const stopped = (status: string, reason: string): RunResult => ({
    ...about(),
    status,
    exitCode: exitOfStatus(status),
    command: null,
    reason,
  })

  /** Says that it will not run, as far as anybody hears it. */
  async function cancel({ id }: AskedRequest, reason: string): Promise<void> {
    try {
      await api({ method: 'POST', path: `${pathOf(id)}/cancel`, body: { reason }, patienceMs: CANCEL_MS })
    } catch (error) {
      report.say(`request ${id} could not be cancelled: ${(error as Error).message}`)
    }
  }

  try {
    request = readRequest(await api({ ...askingFor(call), signal: waiting }))
    if (request.status === 'pending') {
      asking.asked()
      report.asked({ ...request, action: call.action })
    }
    request = await decided(api, request, waiting)
    if (request.status !== 'approved') return stopped(wordOf(request), refusal(request))
    if (request.argumentsDigest !== call.digest) {
      const reason =
        'its reviewers changed what would run, and a command line runs as it was asked for, or not at all'
      await cancel(request, reason)
      return stopped('error', reason)
    }
    try {
      await call.check()
    } catch (error) {
      await cancel(request, (error as Error).message)
      return stopped('error', (error as Error).message)
    }
  } catch (error) {
    if (waiting.aborted) {
      if (request !== null) await cancel(request, 'whoever asked gave up waiting')
      return stopped(
        'cancelled',
        request === null ? 'it was given up while it was asked' : 'it was given up while it waited',
      )
    }
    return refused(error)
  }
  const asked = request
  try {
    return ranResult(...(await claimAndRun(api, asked, call, asking)))
  } catch (error) {
    return refused(error)
  }

  function refused(error: unknown): RunResult {
    const status = error instanceof ServerRefusal ? statusOfCode(error.code) : 'error'
    return stopped(status, (error as Error).message)
  }
}

function askingFor({ action, arguments: args, digest, key, reason, retry }: Call): ApiCall {
  return {
    method: 'POST',
    path: '/v1/requests',
    // A lost answer, or a job that starts anew, is the same call.
    headers: { 'idempotency-key': key },
    body: {
      action,
      arguments: args,
      argumentsDigest: digest,
      ...(reason === null ? {} : { intent: reason }),
      ...(retry ? { retry } : {}),
    },
  }
}

async function decided(api: Api, asked: AskedRequest, waiting: AbortSignal): Promise<AskedRequest> {
  let request = asked
  for (;;) {
    const answer = await api({
      method: 'GET',
      path: `${pathOf(asked.id)}?wait=${request.status === 'pending' ? 60 : 0}`,
      tryMs: 90_000,
      patienceMs: asked.lastsMs + LATE_MS,
      signal: waiting,
    })
    request = readRequest(answer)
    if (request.status !== 'pending') return request
  }
}

const DECIDED = new Set(['rejected', 'expired', 'lapsed', 'cancelled', 'undeliverable', 'invalidated'])

/** A request that will not run now: its status, unless it is one of a run that was another. */
function wordOf({ status }: AskedRequest): string {
  return DECIDED.has(status) ? status : 'error'
}

function refusal({ id, reason, status }: AskedRequest): string {
  if (status === 'executing') return `request ${id} is being run by another process. Nothing was run now`
  if (status === 'unknown')
    return `request ${id} was started before, and what became of it is not known. Nothing was run now`
  if (['succeeded', 'failed', 'blocked'].includes(status))
    return `request ${id} ${status === 'blocked' ? 'was blocked' : `ran before and ${status}`}${reason === null ? '' : ` (${reason})`}. Nothing was run now: another call needs another --key`
  return reason ?? 'no reason was given'
}

async function claimAndRun(
  api: Api,
  { id, link, by }: AskedRequest,
  call: Call,
  { report, signals, waiting }: Asking,
): Promise<Parameters<typeof ranResult>> {
  const path = pathOf(id)
  // New for each process: whoever comes after a crash must not run it again.
  const claim = readClaim(
    await api({
      method: 'POST',
      path: `${path}/claim`,
      body: { argumentsDigest: call.digest, claimId: randomUUID(), lease: LEASE_SECONDS },
    }),
  )
  const tell = (status: 'succeeded' | 'failed', summary: string) =>
    api({
      method: 'POST',
      path: `${path}/outcome`,
      body: { fencingToken: claim.fencingToken, status, summary },
    })
  const life = keepAlive(api, path, claim, report)
  let end: CommandEnd
  try {
    // I2: what the server licensed is what was asked for, to the letter.
    const given = sha256Hex(canonicalize([claim.arguments as Json]))
    if (claim.requestId !== id || claim.action !== call.action || given !== call.digest)
      throw new Error('the server licensed something else than was asked for, so nothing was run')
    await call.check()
    if (waiting.aborted) throw new Error('it was given up just then, so nothing was run')
    report.decided()
    end = await runCommand(call.command, (send) => signals.give(send)).finally(() => signals.give(null))
  } catch (error) {
    life.end()
    await tell('failed', (error as Error).message).catch((): null => null)
    throw error
  }
  life.end()
  return [{ action: call.action, requestId: id, link, by, reason: await told(end) }, end]

  /** What is to be said of a run whose outcome is not in the log as it was. */
  async function told(end: CommandEnd): Promise<string | null> {
    try {
      const { status } = readRequest(await tell(exitOf(end) === 0 ? 'succeeded' : 'failed', endWords(end)))
      if (status !== 'unknown') return null
      return 'The server had heard no sign of life for too long: its outcome is recorded as unknown, and this as told late'
    } catch (error) {
      return `Its outcome could not be told, and will be recorded as unknown: ${(error as Error).message}`
    }
  }
}

/** Signs of life, until `end`. A lease that is lost stops no command: half a run is worse than one that is called unknown. */
function keepAlive(
  api: Api,
  path: string,
  { fencingToken, leaseMs }: { readonly fencingToken: string; readonly leaseMs: number },
  report: Report,
): { end(): void } {
  const ended = new AbortController()
  let timer = setTimeout(beat, leaseMs / 3)
  let heard = performance.now()
  let warned = false

  async function beat(): Promise<void> {
    const body = { fencingToken, lease: LEASE_SECONDS }
    try {
      await api({
        method: 'POST',
        path: `${path}/heartbeat`,
        body,
        patienceMs: 0,
        signal: ended.signal,
        tryMs: leaseMs,
      })
      heard = performance.now()
    } catch (error) {
      if (ended.signal.aborted) return
      const refused = error instanceof ServerRefusal
      if (!warned && (refused || performance.now() - heard > leaseMs)) {
        warned = true
        report.point(
          'warning',
          `the server takes this run for cut off, and its outcome for unknown. The command goes on (${(error as Error).message})`,
        )
      }
      if (refused) return
    }
    if (!ended.signal.aborted) timer = setTimeout(beat, leaseMs / 3)
  }

  return {
    end() {
      clearTimeout(timer)
      ended.abort()
    },
  }
}

function pathOf(id: string): string {
  return `/v1/requests/${encodeURIComponent(id)}`
}
