// The API over HTTP, from another process: votes at a steady rate over SQLite, and thousands of open event streams.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGate, group, memoryAudit } from '@gatewright/core'
import { sqliteStore } from '@gatewright/store-sqlite'
import { runInChild } from '../child.mjs'
import { argumentsOf } from '../measure/arguments.mjs'
import { reachableBytes } from '../measure/heap.mjs'
import { quantile } from '../measure/quantile.mjs'
import { report, told } from '../measure/report.mjs'
import { benchGate } from './gate.mjs'
import { serveGate } from './http-server.mjs'

const script = 'ours/http.mjs'
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
/** The system's clock of time passed, which all processes share. */
const nowMs = () => Number(process.hrtime.bigint()) / 1e6
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const argsOf = argumentsOf(100)
const shown = { name: 'shown', deliver: async () => ({}) }

const ask = (gate, call) =>
  gate.request({ action: 'bench.call', args: argsOf(call), context: { wait: 'suspend', callId: `c${call}` } })

/** Each vote decides a request of its own, by one of twenty people with their own tokens. */
async function votes({ rate, seconds }) {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
  const gate = createGate({
    agent: { id: 'bench', owner: null },
    approvers: [shown],
    audit: memoryAudit(),
    store: sqliteStore({ file: join(directory, 'votes.db') }),
    logger: quiet,
    rateLimit: false,
    coalesce: false,
    reviewers: group('ops'),
  })
  await gate.start()
  const served = await serveGate(gate)
  const people = Array.from({ length: 20 }, (_, index) => `person-${index}`)
  const tokens = await Promise.all(people.map((person) => served.token(person, ['ops'])))
  const cast = []
  const total = rate * (seconds + WARM_UP)
  for (let call = 0; call < total; call += 250)
    cast.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(250, total - call) }, async (_, index) => {
          const { requestId } = await ask(gate, call + index)
          const { reviewDigest } = await gate.requests.get(requestId)
          return [requestId, reviewDigest]
        }),
      )),
    )
  const file = join(directory, 'votes.json')
  writeFileSync(file, JSON.stringify({ cast, tokens }))
  const before = process.cpuUsage()
  const findings = await runInChild(script, { told: { what: 'voting', file, port: served.port, rate } })
  const { user, system } = process.cpuUsage(before)
  rmSync(directory, { recursive: true })
  return { ...findings, rate, seconds, cpuMicros: (user + system) / total }
}

/** Seconds at the full rate that are in no sample: both sides compile. */
const WARM_UP = 3

/** Sends votes when they are due, whether or not earlier ones were answered: a slow server does not slow the clock. */
async function voting({ file, port, rate }) {
  const { cast, tokens } = JSON.parse(readFileSync(file, 'utf8'))
  const agent = new Agent({ keepAlive: true, maxSockets: 128 })
  const latencies = []
  let errors = 0
  const vote = (index, due) =>
    new Promise((resolve) => {
      const [requestId, digest] = cast[index]
      const ended = (good) => {
        if (!good) errors += 1
        else if (index >= rate * WARM_UP) latencies.push(nowMs() - due)
        resolve()
      }
      const body = JSON.stringify({ decision: 'approve', digest })
      const headers = {
        authorization: `Bearer ${tokens[index % tokens.length]}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }
      const path = `/api/v1/requests/${requestId}/votes`
      const sent = httpRequest(
        { port, host: '127.0.0.1', method: 'POST', path, headers, agent },
        (answer) => {
          answer.resume().on('end', () => ended(answer.statusCode === 200))
        },
      )
      sent.on('error', () => ended(false)).end(body)
    })
  const waiting = []
  const before = process.cpuUsage()
  const begun = nowMs()
  while (waiting.length < cast.length) {
    const due = Math.min(cast.length, Math.floor(((nowMs() - begun) * rate) / 1_000))
    while (waiting.length < due) waiting.push(vote(waiting.length, begun + (waiting.length * 1_000) / rate))
    await pause(1)
  }
  await Promise.all(waiting)
  const took = (nowMs() - begun) / 1_000
  const { user, system } = process.cpuUsage(before)
  return {
    errors,
    senderMicros: (user + system) / cast.length,
    perSecond: cast.length / took,
    medianMs: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  }
}

/** Open streams of everything, and events that each of them is told. */
async function streams({ clients, events }) {
  const gate = benchGate([shown])
  await gate.start()
  // A caller may hold 2,000 open answers.
  const served = await serveGate(gate, Math.ceil(clients / 1_000))
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
  const file = join(directory, 'open')
  await ask(gate, 1_000_000)
  const before = await reachableBytes()
  const following = runInChild(script, {
    told: { what: 'following', clients, events, port: served.port, keys: served.keys, file },
  })
  const open = () => readFileSync(file, { encoding: 'utf8', flag: 'a+' }) === 'open'
  while (!open()) await pause(100)
  const bytes = ((await reachableBytes()) - before) / clients
  const asked = []
  for (let event = 0; event < events; event += 1) {
    asked.push(nowMs())
    await ask(gate, event)
    await pause(2_000)
  }
  const heard = await following
  rmSync(directory, { recursive: true })
  const latencies = heard.flatMap((times, event) => times.map((time) => time - asked[event]))
  return { clients, events, bytes, medianMs: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) }
}

/** Answers, for each event, when each of the clients had heard of it. */
async function following({ clients, events, port, keys, file }) {
  const heard = Array.from({ length: events }, () => [])
  let opened = 0
  await new Promise((resolve, reject) => {
    let missing = clients * events
    for (let client = 0; client < clients; client += 1) {
      const headers = { authorization: `Bearer ${keys[client % keys.length]}` }
      let count = 0
      httpRequest({ port, host: '127.0.0.1', path: '/api/v1/events', headers, agent: false }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`a stream was answered ${answer.statusCode}`))
        opened += 1
        if (opened === clients) writeFileSync(file, 'open')
        answer.setEncoding('utf8').on('data', (text) => {
          const told = text.split('event: request').length - 1
          for (let event = 0; event < told; event += 1) {
            heard[count]?.push(nowMs())
            count += 1
            missing -= 1
          }
          if (missing === 0) resolve()
        })
      })
        .on('error', reject)
        .end()
    }
  })
  return heard
}

const { what, ...plan } = told()
report(await { votes, voting, streams, following }[what](plan))
