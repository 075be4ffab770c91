import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { defineAction } from '@gatewright/core'
import { afterEach, expect, test } from 'vitest'
import { ada } from '../../core/test/scene'
import { type Listening, serve } from '../src/index'
import { keys, type World, world } from './world'

const script = join(import.meta.dirname, '../../../examples/python/gated.py')
const ending: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end()
})

/** A server, and the program of `examples/python` in a process of its own, with what it runs. */
async function program(w: World, ...command: string[]) {
  const listening: Listening = await serve(w.server, { port: 0 })
  ending.push(() => listening.close())
  const child = spawn(
    'python3',
    [script, 'data.export', '{"table":"customers","rows":12}', 'run-1/call-1', ...command],
    {
      env: {
        ...process.env,
        GATEWRIGHT_URL: `http://127.0.0.1:${listening.port}/base/api`,
        GATEWRIGHT_KEY: keys.bot,
      },
      // A group of its own, so that what it runs ends with the test.
      detached: true,
    },
  )
  ending.push(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // All of them have ended.
    }
  })
  let output = ''
  const said = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk
      for (const look of said) look()
    })
  /** Resolves once everything that it said was read: later than its end, and only when what it runs has ended too. */
  const ended = once(child, 'close')
  return {
    child,
    /** Resolves at its end, whatever else of it goes on. */
    exited: once(child, 'exit'),
    ended,
    output: () => output,
    /** Resolves once the program has said this. Rejects when it ends without. */
    saying: (words: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => output.includes(words) && resolve()
        said.add(look)
        look()
        void ended.then(() => reject(new Error(`it ended without saying "${words}": ${output}`)))
      }),
  }
}

/** The request of the program, once it has asked. */
function asked(w: World): Promise<string> {
  return new Promise((resolve) => {
    const stop = w.s.gate.on('request.created', ({ request }) => {
      stop()
      resolve(request?.id ?? '')
    })
  })
}

const action = defineAction({ name: 'data.export' })

test('a program in Python asks, waits, claims, runs what was approved, and tells the outcome', async () => {
  const w = world({ actions: [action] })
  const asking = asked(w)
  const { ended, output } = await program(w, 'cat')
  const id = await asking
  expect((await w.vote(id, ada, { edits: [{ path: '/rows', value: 7 }] })).status).toBe(200)
  expect(await ended).toEqual([0, null])
  expect(JSON.parse(output())).toEqual({ table: 'customers', rows: 7 })
  expect(await w.s.request(id)).toMatchObject({ status: 'succeeded', outcome: { summary: 'exit 0' } })
  expect(await w.s.types(id)).toEqual([
    'request.created',
    'request.edited',
    'request.vote-cast',
    'request.approved',
    'execution.started',
    'execution.succeeded',
  ])
})

test('I1: what people reject does not run', async () => {
  const w = world()
  const asking = asked(w)
  const { ended, output } = await program(w, 'echo', 'it ran')
  const id = await asking
  await w.vote(id, ada, { decision: 'reject', note: 'not today' })
  expect(await ended).toEqual([1, null])
  expect(output()).toContain('rejected: not today. Nothing was executed.')
  expect(output()).not.toContain('it ran')
})

test('a command that fails is told as failed', async () => {
  const w = world()
  const asking = asked(w)
  const { ended } = await program(w, 'false')
  const id = await asking
  await w.vote(id, ada)
  expect(await ended).toEqual([1, null])
  expect(await w.s.request(id)).toMatchObject({ status: 'failed', outcome: { summary: 'exit 1' } })
})

test('I8: killed between claim and outcome, it is unknown, and nobody runs it again', async () => {
  const w = world()
  const asking = asked(w)
  const first = await program(w, 'sh', '-c', 'echo running; exec sleep 600')
  const id = await asking
  await w.vote(id, ada)
  await first.saying('running')
  expect(await w.s.request(id)).toMatchObject({ status: 'executing' })
  first.child.kill('SIGKILL')
  expect(await first.exited).toEqual([null, 'SIGKILL'])
  await w.s.clock.advance('3m')
  expect(await w.s.request(id)).toMatchObject({ status: 'unknown', outcome: { status: 'unknown' } })
  const second = await program(w, 'echo', 'it ran again')
  expect((await second.ended)[0]).not.toBe(0)
  expect(second.output()).toContain('unknown')
  expect(second.output()).not.toContain('it ran again')
})
