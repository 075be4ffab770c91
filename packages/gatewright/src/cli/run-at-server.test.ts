import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Api, runAtServer } from './run-at-server'
import { makeCall } from './run-call'
import { readRunOptions } from './run-options'
import type { RunResult } from './run-result'
import { type ApiCall, ServerRefusal, ServerUnreachable } from './run-server-client'

let place = ''
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-fake-')))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

interface Fake {
  /** What the claim says instead. */
  readonly claim?: object
  readonly heartbeat?: (tries: number) => Promise<object>
  readonly outcome?: () => Promise<object>
}

/** Runs a command against a server that approves at once, and is as bad as `fake` says. */
async function run(fake: Fake, ...command: string[]) {
  const options = readRunOptions(['--action', 'a.b', '--server', 'https://x.example', '--', ...command])
  if (options === null) throw new Error('no options')
  const call = await makeCall(options, null, { PATH: process.env.PATH ?? '' }, place)
  const calls: ApiCall[] = []
  const said: string[] = []
  const ranWhenDecided: boolean[] = []
  let beats = 0
  const request = {
    id: 'r1',
    status: 'approved',
    argumentsDigest: call.digest,
    createdAt: 1_000,
    expiresAt: 61_000,
    link: null,
  }
  const api: Api = async (asked) => {
    calls.push(asked)
    if (asked.path.endsWith('/claim'))
      return {
        requestId: 'r1',
        action: 'a.b',
        arguments: call.arguments,
        fencingToken: 't',
        leaseMs: 30,
        ...fake.claim,
      }
    if (asked.path.endsWith('/heartbeat')) {
      beats += 1
      return (await fake.heartbeat?.(beats)) as never
    }
    if (asked.path.endsWith('/outcome'))
      return ((await fake.outcome?.()) ?? { request: { ...request, status: 'succeeded' } }) as never
    return { request }
  }
  const result: RunResult = await runAtServer(api, call, {
    asked: () => undefined,
    report: {
      say: (text) => void said.push(text),
      asked: () => undefined,
      decided: () => void ranWhenDecided.push(existsSync(join(place, 'ran'))),
      point: (_, text) => void said.push(text),
      end: () => undefined,
    },
    signals: {
      waiting: new AbortController().signal,
      first: () => null,
      give: () => undefined,
      end: () => undefined,
    },
    waiting: new AbortController().signal,
  })
  return {
    calls,
    ranWhenDecided,
    said,
    result,
    told: calls.find(({ path }) => path.endsWith('/outcome'))?.body,
  }
}

test('what is said of the request ends before the command begins', async () => {
  const { ranWhenDecided } = await run({ heartbeat: async () => ({}) }, 'touch', 'ran')
  expect([ranWhenDecided, existsSync(join(place, 'ran'))]).toEqual([[false], true])
})

describe('I2: a server that licenses something else than was asked for', () => {
  test.each([
    ['other arguments', { arguments: { argv: ['rm'] } }],
    ['no arguments', { arguments: null }],
    ['another action', { action: 'a.c' }],
    ['another request', { requestId: 'r2' }],
  ])('%s: nothing runs, and that is told', async (_, claim) => {
    const { result, told } = await run({ claim }, 'touch', 'ran')
    expect(existsSync(join(place, 'ran'))).toBe(false)
    expect(result).toMatchObject({ status: 'error', exitCode: 70, command: null })
    expect(told).toMatchObject({ status: 'failed', summary: expect.stringContaining('nothing was run') })
  })

  test('no licence at all', async () => {
    const { result } = await run({ claim: { fencingToken: undefined } }, 'touch', 'ran')
    expect(existsSync(join(place, 'ran'))).toBe(false)
    expect(result).toMatchObject({ exitCode: 70 })
  })
})

describe('T52: a lease that is lost while the command runs', () => {
  // The command waits until the test writes into its pipe: once the server has refused.
  const UNTIL = ['sh', '-c', 'read line < go; echo > ran'] as const
  const go = () => writeFile(join(place, 'go'), 'go\n')
  beforeEach(() => {
    execFileSync('sh', ['-c', 'mkfifo go'], { cwd: place })
  })

  test('is said once, and the command goes on', async () => {
    const { result, said } = await run(
      {
        heartbeat: async () => {
          // Not before the refusal has been heard.
          setImmediate(() => void go())
          throw new ServerRefusal(409, 'ERR_CLAIM_REFUSED', 'this token holds no run of it')
        },
      },
      ...UNTIL,
    )
    expect(said.filter((text) => text.includes('its outcome for unknown'))).toHaveLength(1)
    expect(result).toMatchObject({ status: 'succeeded', exitCode: 0 })
  })

  test('silence longer than the lease is said too, and it is tried on', async () => {
    const { said, calls } = await run(
      {
        heartbeat: async (tries) => {
          if (tries === 9) await go()
          throw new ServerUnreachable('no connection')
        },
      },
      ...UNTIL,
    )
    expect(calls.filter(({ path }) => path.endsWith('/heartbeat')).length).toBeGreaterThan(8)
    expect(said.filter((text) => text.includes('its outcome for unknown'))).toHaveLength(1)
  })
})

test('an outcome that could not be told is said, and the exit code is the command’s', async () => {
  const outcome = async (): Promise<object> => {
    throw new ServerUnreachable('https://x.example does not answer')
  }
  const { result } = await run({ outcome }, 'sh', '-c', 'exit 4')
  expect(result).toMatchObject({
    exitCode: 4,
    command: { exitCode: 4 },
    reason: expect.stringContaining('could not be told, and will be recorded as unknown'),
  })
})
