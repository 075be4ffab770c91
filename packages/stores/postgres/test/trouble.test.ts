import { type ApprovalRequest, type Gate, GatewrightError } from '@gatewright/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../src'
import { approve, effectFile, effectIn, gateOver } from './effects'
import { startProxy } from './proxy'
import { ownServer, startServer, type TestServer } from './server'

const CALLERS = 16

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

test('I3, I8: the connection is cut 40 times at random moments: nothing is lost, nothing runs twice', async () => {
  const proxy = await startProxy(server.port)
  const url = new URL(server.connectionString)
  url.port = String(proxy.port)
  url.hostname = '127.0.0.1'
  const schema = `cut_${process.pid}`
  let cuts = 0
  try {
    await underTrouble(
      { connectionString: url.href, direct: server.connectionString, schema },
      async (something) => {
        for (; cuts < 40; cuts += 1) {
          await something()
          await passing(Math.random() * 25)
          proxy.cut()
        }
      },
    )
  } finally {
    await proxy.close()
    await server.admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  }
  expect(cuts).toBe(40)
})

test('I3, I8: the server is killed and started again under load: nothing is lost, nothing runs twice', async () => {
  const own = await ownServer()
  let kills = 0
  try {
    const { connectionString } = own
    await underTrouble(
      { connectionString, direct: connectionString, schema: 'killed' },
      async (something) => {
        for (; kills < 3; kills += 1) {
          await something()
          await passing(Math.random() * 100)
          await own.kill?.()
          await own.start()
        }
      },
    )
  } finally {
    await own.stop()
  }
  expect(kills).toBe(3)
})

/**
 * Callers call, each again with its key until it is told how it ended, while trouble is made; then what was acknowledged, what ran and
 * what is stored are compared.
 */
async function underTrouble(
  { connectionString, direct, schema }: Readonly<Record<'connectionString' | 'direct' | 'schema', string>>,
  trouble: (something: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { path, lines } = effectFile()
  const store = postgresStore({ connectionString, schema, connectTimeout: '10s' })
  const started = new Set<string>()
  const told = new Map<string, string>()
  let over = false
  let gate = newGate()

  function newGate(): Current {
    const made = gateOver(store, { wait: 'inline', sweepEvery: '200ms', lease: '5s' })
    const tool = made.requireApproval(effectIn(path), { action: 'data.export', key: (name: string) => name })
    return { gate: made, tool }
  }

  /** A gate that could not record an outcome runs nothing more: another takes its place, as a restart would. */
  function replace(sealed: Current): void {
    if (gate !== sealed) return
    gate = newGate()
    void sealed.gate.close()
  }

  async function call(name: string): Promise<void> {
    started.add(name)
    for (;;) {
      const current = gate
      try {
        await current.tool(name)
        told.set(name, 'ran')
        return
      } catch (error) {
        const code = GatewrightError.isInstance(error) ? error.code : String(error)
        if (ENDS.has(code)) {
          told.set(name, code)
          return
        }
        if (code === 'ERR_GATE_SEALED' || code === 'ERR_GATE_CLOSED') replace(current)
        await passing(5)
      }
    }
  }

  async function caller(number: number): Promise<void> {
    for (let turn = 0; !over; turn += 1) await call(`${number}-${turn}`)
  }

  /** Somebody approves whatever waits, and comes again when it did not work. */
  async function reviewer(): Promise<void> {
    while (told.size < started.size || !over) {
      try {
        const { requests } = await gate.gate.requests.list({ status: 'pending' })
        await Promise.allSettled(requests.map(({ id }) => approve(gate.gate, id)))
      } catch {
        // The trouble that is being made.
      }
      await passing(10)
    }
  }

  /** Resolves once another call has ended, so that trouble falls on work that goes on. */
  async function something(): Promise<void> {
    const before = told.size
    for (let waited = 0; told.size === before && waited < 1_000; waited += 5) await passing(5)
  }

  const reviewing = reviewer()
  const callers = Array.from({ length: CALLERS }, (_, number) => caller(number))
  await trouble(something)
  // On a busy machine all of the trouble may fall on everybody's first call: each goes on to a second.
  while (told.size <= CALLERS) await passing(20)
  over = true
  await Promise.all([...callers, reviewing])
  await gate.gate.close()
  await store.close()

  const after = postgresStore({ connectionString: direct, schema })
  const requests: ApprovalRequest[] = []
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const page = await after.list({}, { cursor, limit: 1_000 })
    requests.push(...page.requests)
    cursor = page.cursor
  }
  await after.close()

  const byName = new Map(requests.map((request) => [String(JSON.parse(request.arguments)[0]), request]))
  const effects = lines()
  expect(new Set(effects).size, 'something ran twice').toBe(effects.length)
  expect(told.size).toBeGreaterThan(CALLERS)
  for (const [name, end] of told) {
    const request = byName.get(name)
    expect(request, `${name} was lost`).toBeDefined()
    if (end === 'ran' || end === 'ERR_ALREADY_EXECUTED') expect(effects, name).toContain(name)
    if (end === 'ERR_EXECUTION_BLOCKED') expect(effects, name).not.toContain(name)
  }
  for (const name of effects) expect(RAN, name).toContain(byName.get(name)?.status)
  for (const [name, { status }] of byName) if (status === 'succeeded') expect(effects, name).toContain(name)
}

interface Current {
  readonly gate: Gate
  readonly tool: (name: string) => Promise<string>
}

const ENDS = new Set([
  'ERR_ALREADY_EXECUTED',
  'ERR_EXECUTION_BLOCKED',
  'ERR_EXECUTION_UNKNOWN',
  'ERR_APPROVAL_UNDELIVERABLE',
])
/** What the stored status of something that had its effect may be. */
const RAN = ['succeeded', 'executing', 'unknown']

function passing(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
