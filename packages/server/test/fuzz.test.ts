import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ada, member } from '../../core/test/scene'
import { type Listening, serve } from '../src/index'
import { createFuzz, type Fuzz } from './fuzz'
import { keys, tokenOf, type World, world } from './world'

/** `GATEWRIGHT_FUZZ=100000 npx vitest run --project unit packages/server -t fuzz` looks longer. */
const COUNT = Number(process.env.GATEWRIGHT_FUZZ ?? 5_000)
const SEED = Number(process.env.GATEWRIGHT_FUZZ_SEED ?? 20_261_126)
/** One in so many goes over a socket, where what is sent need not be HTTP. */
const RAW_EVERY = 10
const HANGING_MS = 20_000

let w: World
let listening: Listening
let fuzz: Fuzz
let targets: readonly string[] = []

beforeAll(async () => {
  w = world()
  listening = await serve(w.server, { port: 0 })
  const session = await w.session(ada)
  const reviewer = await tokenOf(ada)
  const approved = await w.approved({ callId: 'approved' })
  const { id, reviewDigest, argumentsDigest } = await w.ask({ callId: 'pending' })
  targets = [id, approved.id]
  fuzz = createFuzz(SEED, {
    ids: [...targets, 'nobody'],
    digests: [reviewDigest, argumentsDigest, approved.argumentsDigest],
    // A reviewer's session without its CSRF token, and their token with something changed: neither may vote.
    cookies: [session.cookie ?? ''],
    tokens: [
      keys.bot,
      keys.eve,
      keys.auditor,
      await tokenOf(member('sam', ['sales'])),
      await tokenOf(member('kim', ['auditors'])),
    ],
    spoiltTokens: [reviewer],
  })
})

afterAll(async () => {
  await listening.close()
})

describe('fuzz', () => {
  test(`fuzz: of ${COUNT} malformed requests none breaks the server, hangs, or votes`, async () => {
    const statuses = new Map<number, number>()
    for (let round = 0; round < COUNT; round += 1) {
      const status = await inTime(
        round % RAW_EVERY === 0 ? overSocket(fuzz.bytes()) : inProcess(fuzz.request()),
        round,
      )
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status >= 500)
        throw new Error(`round ${round} of seed ${SEED} was answered ${status}: ${fuzz.last()}`)
    }
    const votes = await w.s.events('request.vote-cast')
    // The one that approved before the fuzzing began.
    expect(votes).toHaveLength(1)
    const [pending, approved] = await Promise.all(targets.map((id) => w.s.request(id)))
    expect(pending?.votes).toEqual([])
    expect(approved?.votes).toHaveLength(1)
    const requests = await everyRequest()
    expect(requests.filter(({ id, votes: cast }) => cast.length > 0 && id !== approved?.id)).toEqual([])
    // It reached the routes: some fit, some did not, some were refused.
    for (const status of [200, 400, 401, 403, 404, 405, 415, 422])
      expect(statuses.get(status), `${status}`).toBeGreaterThan(0)
    expect((await w.call(keys.auditor, 'GET', '/api/v1/requests')).status).toBe(200)
    if (process.env.GATEWRIGHT_FUZZ) console.log(Object.fromEntries([...statuses].sort()))
  }, 3_600_000)
})

async function everyRequest() {
  const requests = []
  let cursor: string | null = null
  do {
    const page = await w.s.store.list({}, { cursor, limit: 500 })
    requests.push(...page.requests)
    cursor = page.cursor
  } while (cursor !== null)
  return requests
}

async function inTime<T>(work: Promise<T>, round: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`round ${round} of seed ${SEED} hangs: ${fuzz.last()}`)),
      HANGING_MS,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

async function inProcess(request: Request): Promise<number> {
  const response = await w.server.fetch(request)
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) await response.body?.cancel()
  else await response.arrayBuffer()
  return response.status
}

/** Sends bytes and closes; answers with the first status that comes back, or 0 where the connection was just closed. */
function overSocket(bytes: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(listening.port, '127.0.0.1', () => socket.write(bytes))
    const end = () => {
      socket.destroy()
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0))
    }
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      // Half of a request would be waited for: enough was said.
      if (answer.includes('\r\n\r\n')) end()
    })
    socket.on('error', end)
    socket.on('close', end)
    // What is no whole request is waited for by the server's own time-out, which is longer than we look.
    socket.once('connect', () => socket.setTimeout(300, end))
  })
}
