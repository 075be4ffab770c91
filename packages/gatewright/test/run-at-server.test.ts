import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineAction, when } from '@gatewright/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeListener } from '../../server/src/index'
import { ciSystem } from '../../server/test/ci-system'
import { ada, keys, type World, world } from '../../server/test/world'
import { type Ends, runProgram } from './run-program'

let place = ''
const ends: Ends = []
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-server-run-')))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  rmSync(place, { recursive: true, force: true })
})

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown
type Between = (request: IncomingMessage, response: ServerResponse, next: Listener) => unknown

/** A review server on this computer, which can go away and come back, with something in between. Its port stays its own meanwhile. */
async function listening(w: World, between: Between) {
  const real = nodeListener(w.server)
  let away = false
  const server = createServer((request, response) => void between(request, response, real))
  server.on('connection', (socket) => {
    if (away) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`,
    come() {
      away = false
    },
    go() {
      away = true
      server.closeAllConnections()
    },
  }
}

const ACTION = ['--action', 'data.export'] as const

async function asking(
  w: World,
  more: readonly string[],
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  between: Between = (request, response, next) => next(request, response),
) {
  const server = await listening(w, between)
  const start = (...args: readonly string[]) =>
    runProgram(ends, place, [...ACTION, '--server', server.url, ...more, ...args, '--', ...command], {
      GATEWRIGHT_API_KEY: keys.bot,
      ...env,
    })
  return { server, start, program: start() }
}

async function pendingId(w: World): Promise<string> {
  const [request] = await w.s.pending()
  if (request === undefined) throw new Error('nothing waits')
  return request.id
}

const there = (name: string) => existsSync(join(place, name))

describe('gatewright run --server', () => {
  test('I1, I2: asks, waits, claims, runs what was approved, and tells the outcome', async () => {
    const w = world()
    const { program } = await asking(w, ['--reason', 'why not'], ['sh', '-c', 'echo it ran; exit 5'])
    await program.saying('waiting for approval')
    const id = await pendingId(w)
    expect(program.err()).toContain(`https://approvals.test/base/requests/${id}`)
    expect(await w.s.request(id)).toMatchObject({ requester: { id: 'bot' }, intent: 'why not' })
    expect((await w.vote(id, ada)).status).toBe(200)
    expect(await program.exited).toBe(5)
    expect(program.out()).toBe('it ran\n')
    expect(program.err()).toContain('decided by ada: exit code 5')
    expect(await w.s.request(id)).toMatchObject({ status: 'failed', outcome: { summary: 'exit code 5' } })
    expect(await w.s.types(id)).toEqual([
      'request.created',
      'request.vote-cast',
      'request.approved',
      'execution.started',
      'execution.failed',
    ])
    expect(`${program.out()}${program.err()}`).not.toContain(keys.bot)
  })

  test('rejected and denied are 77, and nothing ran', async () => {
    const w = world(
      {},
      {
        policy: [
          when('data.export')
            .if(({ args }) => args.directory === '/')
            .deny('never', { id: 'd', version: 1 }),
        ],
      },
    )
    const { program } = await asking(w, [], ['touch', 'ran'])
    await program.saying('waiting for approval')
    await w.vote(await pendingId(w), ada, { decision: 'reject', note: 'not\n::error::today' })
    expect([await program.exited, there('ran')]).toEqual([77, false])
    expect(program.err()).toContain('rejected, so nothing was run')
    expect(program.err()).toContain('not ⏎ ::error::today')

    const denying = world({}, { policy: [when('data.*').deny('never', { id: 'd', version: 1 })] })
    const denied = (await asking(denying, [], ['touch', 'ran'])).program
    expect([await denied.exited, there('ran')]).toEqual([77, false])
    expect(denied.err()).toContain('denied by policy: never')
  })

  test('I2: what reviewers edited is not run', async () => {
    const w = world({ actions: [defineAction({ name: 'data.export' })] })
    const { program } = await asking(w, [], ['touch', 'ran'])
    await program.saying('waiting for approval')
    const id = await pendingId(w)
    expect((await w.vote(id, ada, { edits: [{ path: '/argv/1', value: 'other' }] })).status).toBe(200)
    expect([await program.exited, there('ran'), there('other')]).toEqual([70, false, false])
    expect(program.err()).toContain('its reviewers changed what would run')
    expect(await w.s.request(id)).toMatchObject({ status: 'cancelled' })
  })

  test('T10: a plan that was swapped is not run, and the approval is given back', async () => {
    writeFileSync(join(place, 'plan'), 'add')
    const w = world()
    const { program } = await asking(w, ['--pin', 'plan'], ['touch', 'ran'])
    await program.saying('waiting for approval')
    const id = await pendingId(w)
    writeFileSync(join(place, 'plan'), 'drop')
    await w.vote(id, ada)
    expect([await program.exited, there('ran')]).toEqual([70, false])
    expect(program.err()).toContain('plan changed since people were asked')
    expect(await w.s.request(id)).toMatchObject({
      status: 'cancelled',
      resolution: { reason: expect.stringContaining('plan changed') },
    })
  })

  test('a signal while people decide cancels the request', async () => {
    const w = world()
    const { program } = await asking(w, [], ['touch', 'ran'])
    await program.saying('waiting for approval')
    const id = await pendingId(w)
    program.child.kill('SIGTERM')
    expect([await program.exited, there('ran')]).toEqual([143, false])
    expect(await w.s.request(id)).toMatchObject({ status: 'cancelled' })
  })

  test('expired is 78', async () => {
    const w = world()
    const { program } = await asking(w, [], ['touch', 'ran'])
    await program.saying('waiting for approval')
    await w.s.clock.advance('2h')
    expect([await program.exited, there('ran')]).toEqual([78, false])
  })

  test('a key that is not known is said, and nothing is asked', async () => {
    const w = world()
    const { program } = await asking(w, [], ['touch', 'ran'], { GATEWRIGHT_API_KEY: 'gw_guessed' })
    expect([await program.exited, there('ran')]).toEqual([70, false])
    expect(program.err()).toContain('This API key is not known here')
    expect(program.err()).not.toContain('gw_guessed')
  })
})

describe('a server that is not always there', () => {
  test('T25: an answer that is lost, 503 and 429: asked again, and it is one request', async () => {
    const w = world()
    let asked = 0
    const { program } = await asking(w, [], ['touch', 'ran'], {}, (request, response, next) => {
      if (request.url !== '/base/api/v1/requests') return next(request, response)
      asked += 1
      if (asked === 1) {
        // It arrives, and its answer does not.
        response.writeHead = () => {
          response.destroy()
          return response
        }
        return next(request, response)
      }
      if (asked < 4) return response.writeHead(asked === 2 ? 503 : 429, { 'retry-after': '0' }).end('busy')
      return next(request, response)
    })
    await program.saying('waiting for approval')
    expect(asked).toBe(4)
    expect(program.err().match(/does not answer/g)).toHaveLength(1)
    expect(await w.s.pending()).toHaveLength(1)
    await w.vote(await pendingId(w), ada)
    expect([await program.exited, there('ran')]).toEqual([0, true])
  })

  test('it goes while people decide, and comes back', async () => {
    const w = world()
    const { server, program } = await asking(w, [], ['touch', 'ran'])
    await program.saying('waiting for approval')
    server.go()
    await program.saying('does not answer')
    await w.vote(await pendingId(w), ada)
    server.come()
    expect([await program.exited, there('ran')]).toEqual([0, true])
  })

  test('it goes while the command runs, and hears of the outcome when it is back', async () => {
    const w = world()
    const { server, program } = await asking(w, [], ['sh', '-c', 'echo running; read line; echo "$line"'])
    await program.saying('waiting for approval')
    const id = await pendingId(w)
    await w.vote(id, ada)
    await program.saying('running')
    server.go()
    program.child.stdin?.end('done\n')
    await program.saying('does not answer')
    server.come()
    expect(await program.exited).toBe(0)
    expect(program.out()).toBe('running\ndone\n')
    expect(await w.s.request(id)).toMatchObject({ status: 'succeeded' })
  })

  test('I8, T52: without signs of life its outcome is unknown, and it says so', async () => {
    const w = world()
    const { program } = await asking(w, ['--json'], ['sh', '-c', 'echo running; read line'])
    await program.saying('waiting for approval')
    const id = await pendingId(w)
    await w.vote(id, ada)
    await program.saying('running')
    await w.s.clock.advance('10m')
    expect(await w.s.request(id)).toMatchObject({ status: 'unknown' })
    program.child.stdin?.end('done\n')
    expect(await program.exited).toBe(0)
    expect(program.err()).toContain('its outcome is recorded as unknown, and this as told late')
    expect(await w.s.request(id)).toMatchObject({ status: 'unknown', lateOutcome: { status: 'succeeded' } })
  })
})

test('a job of GitHub asks with its own ID token, which is shown nowhere', async () => {
  const system = await ciSystem()
  ends.push(system.close)
  const w = world({
    jobTokens: [
      {
        issuer: system.issuer,
        audience: 'approvals',
        allow: ({ repository }) => repository === 'o/r',
        agent: ({ repository }) => `ci ${repository}`,
        owner: null,
      },
    ],
  })
  const { program } = await asking(
    w,
    ['--audience', 'approvals'],
    ['sh', '-c', 'echo ran as $GITHUB_RUN_ID'],
    {
      GATEWRIGHT_API_KEY: '',
      GITHUB_ACTIONS: 'true',
      GITHUB_RUN_ID: '7',
      ACTIONS_ID_TOKEN_REQUEST_URL: `${system.issuer}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'the-way-to-tokens',
    },
  )
  await program.saying('waiting for approval')
  const id = await pendingId(w)
  const request = await w.s.request(id)
  expect(request.requester).toMatchObject({ id: 'ci o/r' })
  expect(request.arguments).toContain('"source":"claimed by the job: its ID token, not verified"')
  await w.vote(id, ada)
  expect(await program.exited).toBe(0)
  expect(program.out()).toBe('ran as 7\n')
  expect(`${program.err()}${request.arguments}`).not.toMatch(/eyJ|the-way-to-tokens/)
})

test('I3: killed while it waits and started again, it is one request that runs once; then it is 70', async () => {
  const w = world()
  const { program, start } = await asking(w, ['--key', 'job-7'], ['sh', '-c', 'echo ran >> log'])
  await program.saying('waiting for approval')
  program.child.kill('SIGKILL')
  await program.exited
  const second = start()
  await second.saying('waiting for approval')
  expect(await w.s.pending()).toHaveLength(1)
  await w.vote(await pendingId(w), ada)
  expect(await second.exited).toBe(0)
  const third = start()
  expect(await third.exited).toBe(70)
  expect(third.err()).toContain('ran before and succeeded')
  expect(readFileSync(join(place, 'log'), 'utf8')).toBe('ran\n')
})
