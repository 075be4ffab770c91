import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type ApprovalRequest, group, person } from '@gatewright/core'
import { sqliteStore } from '@gatewright/store-sqlite'
import { createGate } from '../src'
import { cliStart } from './cli-start'

/** `gatewright run` in a process of its own. */
export interface RunProgram {
  readonly child: ChildProcess
  /** Its exit code; 128 and more where a signal ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>
  readonly out: () => string
  readonly err: () => string
  /** Resolves once it has said this, on either stream. Rejects when it ends without. */
  saying(words: string): Promise<void>
}

/** What ends with a test. */
export type Ends = (() => unknown)[]

/** Starts it, with an environment that holds nothing of the one that tests run in but `PATH`. */
export function runProgram(
  ends: Ends,
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunProgram {
  const start = cliStart(cwd, ['run', ...args])
  const child = spawn(process.execPath, start.args, {
    cwd,
    env: { ...start.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that what it runs ends with the test.
    detached: true,
  })
  ends.push(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // All of them have ended.
    }
  })
  const said = { out: '', err: '' }
  const looks = new Set<() => void>()
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const)
    stream.on('data', (chunk) => {
      said[name] += chunk
      for (const look of looks) look()
    })
  const exited = once(child, 'close').then(([code, signal]) => code ?? signal)
  return {
    child,
    exited,
    out: () => said.out,
    err: () => said.err,
    saying: (words) =>
      new Promise((resolve, reject) => {
        const look = () => `${said.out}${said.err}`.includes(words) && resolve()
        looks.add(look)
        look()
        // Also where it has ended by now: nobody is told of that again.
        void exited.then(() =>
          reject(new Error(`it ended without saying "${words}": ${said.out}${said.err}`)),
        )
      }),
  }
}

/** Rita, who decides in another process over the same requests: here, the test's. */
export function people(ends: Ends, data: string) {
  const store = sqliteStore({ file: join(data, 'requests.db') })
  const gate = createGate({
    agent: { id: 'people', owner: null },
    reviewers: group('nobody'),
    approvers: [],
    store,
    audit: null,
    logger: { info() {}, warn() {}, error() {} },
  })
  ends.push(async () => {
    await gate.close()
    await store.close()
  })
  const actor = person('https://idp.test', 'rita', {
    name: 'Rita',
    groups: ['ops'],
    assurance: { method: 'sso' },
  })
  return {
    gate,
    /** The newest request. */
    async request(): Promise<ApprovalRequest> {
      const [request] = (await gate.requests.list()).requests
      if (request === undefined) throw new Error('nobody asked')
      return request
    },
    async decide(decision: 'approve' | 'reject', note?: string): Promise<ApprovalRequest> {
      const [request] = (await gate.requests.list({ status: ['pending'] })).requests
      if (request === undefined) throw new Error('nothing waits')
      const review = await gate.requests.review(request.id)
      const words = note === undefined ? {} : { note }
      await gate.vote({ requestId: request.id, digest: review?.digest ?? '', actor, decision, ...words })
      return request
    },
  }
}
