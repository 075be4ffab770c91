// How soon a process hears of what another one saved in the same SQLite file, and what listening costs while nothing happens:
// beside a process that does nothing, for as long.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@gatewright/store-sqlite'
import { sampleEvent, sampleMove } from '@gatewright/testing'
import { runInChild } from '../child.mjs'
import { quantile } from '../measure/quantile.mjs'
import { report, told } from '../measure/report.mjs'
import { requestOf } from './sqlite-rows.mjs'

const script = 'ours/sqlite-wake.mjs'
const request = requestOf(1)
/** The system's clock of time passed, which all processes share. */
const nowMs = () => Number(process.hrtime.bigint()) / 1e6
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Seconds of processor that this process takes in such a time. */
async function spend(ms) {
  const before = process.cpuUsage()
  await pause(ms)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** Moves a request again and again; answers when each move was begun and when it was acknowledged. */
async function write({ file, moves }) {
  const store = sqliteStore({ file })
  let now = request
  const times = []
  for (let move = 0; move < moves; move += 1) {
    await pause(50 + Math.random() * 250)
    const step = sampleMove(now, { reminders: move })
    now = step.next
    const begun = nowMs()
    await store.transition(step)
    times.push({ begun, acknowledged: nowMs() })
  }
  await store.close()
  return times
}

/** Hears what another process does, then nothing for a while. */
async function listen({ moves, idleMs }) {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
  const file = join(directory, 'wake.db')
  const store = sqliteStore({ file })
  await store.create(request, [sampleEvent(request.id, 1)])
  const heard = []
  store.changes(() => heard.push(nowMs()), new AbortController().signal)
  const times = await runInChild(script, { told: { what: 'write', file, moves } })
  await pause(1_000)
  const latencies = times.map(({ begun, acknowledged }) => {
    const at = heard.find((time) => time >= begun)
    if (at === undefined) throw new Error('a move was never heard of')
    // One can hear of it before the other knows that it is done.
    return Math.max(0, at - acknowledged)
  })
  const idle = runInChild(script, { told: { what: 'idle', idleMs } })
  await pause(1_000)
  const own = await spend(idleMs)
  const nothing = await idle
  await store.close()
  rmSync(directory, { recursive: true })
  const seconds = idleMs / 1_000
  return {
    moves,
    medianMs: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    seconds,
    core: (own - nothing.spent) / seconds,
    idleCore: nothing.spent / seconds,
  }
}

/** A process that has loaded the same and does nothing. */
async function idle({ idleMs }) {
  await pause(1_000)
  return { spent: await spend(idleMs) }
}

const { what, ...plan } = told()
report(await { write, listen, idle }[what](plan))
