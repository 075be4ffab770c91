import assert from 'node:assert/strict'
import { vi } from 'vitest'
import type { AgentCase } from './agent-scene'
import { assertRefused, toldOf, turn } from './agent-told'

const ada = turn(['c1', 'remove_user', { id: 'ada', rows: 1 }])
const allowed = turn(['c1', 'remove_user', { id: 'allowed-1', rows: 1 }])

/** Streams, aborts and time-outs. */
export const timedCases: readonly AgentCase[] = [
  {
    name: 'parts of a stream arrive before the decision, and all are those of the framework alone',
    needs: ['streaming'],
    async run(scene) {
      const parts: string[] = []
      const agent = await scene.agent()
      const run = agent.run([ada], { onPart: (part) => void parts.push(part) })
      const request = await scene.asked('ada', run)
      assert.notEqual(parts.length, 0, 'nothing arrived while people decide')
      await scene.approve(request)
      await scene.ended(run)
      const plain: string[] = []
      await scene.ungated([ada], {}, { onPart: (part) => void plain.push(part) })
      assert.deepEqual(parts, plain)
    },
  },
  {
    name: 'a streamed call that is rejected does not run, and the model is told so',
    needs: ['streaming'],
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([ada], { onPart() {} })
      await scene.reject(await scene.asked('ada', run), 'not this one')
      assertRefused(await scene.ended(run), 'c1', 'not this one')
      assert.deepEqual(scene.runs, [])
    },
  },
  ...([ada, allowed] as const).map(
    (script): AgentCase => ({
      name: `a tool that yields, ${script === ada ? 'approved' : 'allowed by a rule'}, yields as without a gate, and runs once`,
      needs: ['streaming', 'generator'],
      async run(scene) {
        const tools = [scene.yieldingTool('remove_user')]
        const parts: string[] = []
        const agent = await scene.agent({ tools })
        const run = agent.run([script], { onPart: (part) => void parts.push(part) })
        if (script === ada) {
          const request = await scene.asked('ada', run)
          assert.deepEqual(scene.runs, [], 'it ran before anybody decided')
          await scene.approve(request)
        }
        const ended = await scene.ended(run)
        assert.equal(scene.runs.length, 1, `it ran ${scene.runs.length} times`)
        const types = scene.audit.types()
        assert(types.includes('execution.succeeded'), 'its end is not in the log')
        const plain: string[] = []
        const other = await scene.ungated([script], { tools }, { onPart: (part) => void plain.push(part) })
        assert.deepEqual(parts, plain)
        assert.deepEqual(toldOf(ended, 'c1'), toldOf(other, 'c1'))
      },
    }),
  ),
  {
    name: 'a tool that yields runs within its session, to the last value',
    needs: ['generator'],
    async run(scene) {
      let ended = false
      const work = async ({ id }: { readonly id: string }) => {
        await scene.clock.settle()
        ended = true
        return `removed ${id}`
      }
      const agent = await scene.agent({ tools: [scene.yieldingTool('remove_user', work)] })
      const run = agent.run([ada])
      const request = await scene.asked('ada', run)
      await scene.approve(request)
      await scene.ended(run)
      assert(ended)
      assert.equal(scene.runs[0]?.requestId, request.id, 'it ran outside of its session')
      assert.equal((await scene.stored(request)).status, 'succeeded')
    },
  },
  {
    name: 'a tool that yields does not run when it is rejected',
    needs: ['generator'],
    async run(scene) {
      const agent = await scene.agent({ tools: [scene.yieldingTool('remove_user')] })
      const run = agent.run([ada])
      await scene.reject(await scene.asked('ada', run), 'not this one')
      assertRefused(await scene.ended(run), 'c1', 'not this one')
      assert.deepEqual(scene.runs, [])
    },
  },
  {
    name: 'aborting the run cancels a call that waits',
    needs: ['cancel'],
    async run(scene) {
      const abort = new AbortController()
      const agent = await scene.agent()
      const run = agent.run([ada], { signal: abort.signal })
      const request = await scene.asked('ada', run)
      abort.abort(new Error('the user left'))
      await scene.until('the request is cancelled', async () =>
        (await scene.stored(request)).status === 'cancelled' ? true : undefined,
      )
      const ended = await scene.ended(run)
      assert.deepEqual(scene.runs, [])
      assert.notEqual(ended.status, 'suspended')
    },
  },
  {
    name: 'aborting the run aborts the session of a call that runs, and its end is recorded',
    needs: ['cancel'],
    async run(scene) {
      const abort = new AbortController()
      const agent = await scene.agent({ tools: [scene.hangingTool('remove_user')] })
      const run = agent.run([ada], { signal: abort.signal })
      const request = await scene.asked('ada', run)
      await scene.approve(request)
      await scene.until('the tool runs', async () => scene.runs[0])
      abort.abort(new Error('the user left'))
      await scene.ended(run)
      await scene.until('the end is recorded', async () =>
        (await scene.stored(request)).status === 'failed' ? true : undefined,
      )
    },
  },
  {
    name: 'an execution time-out aborts the signal that the tool was given',
    needs: ['tool-signal'],
    async run(scene) {
      const options = { tools: { remove_user: { executionTimeout: '1m' } } } as const
      const agent = await scene.agent({ tools: [scene.hangingTool('remove_user', 'signal')], options })
      const run = agent.run([ada])
      await scene.approve(await scene.asked('ada', run))
      await scene.until('the tool runs', async () => scene.runs[0])
      await scene.clock.advance('2m')
      const ended = await scene.ended(run)
      if (ended.status === 'done') assert.notEqual(toldOf(ended, 'c1').error, false)
      assert.equal((await scene.requests('ada'))[0]?.status, 'failed', 'the tool did not hear of its end')
    },
  },
  {
    name: 'T41: the tool time-out of the framework does not count the time of people',
    needs: ['tool-timeout'],
    run: (scene) =>
      withFakeTimers(async () => {
        const agent = await scene.agent({ toolTimeoutMs: 60_000 })
        const run = agent.run([ada])
        const request = await scene.asked('ada', run)
        await vi.advanceTimersByTimeAsync(600_000)
        assert.equal((await scene.stored(request)).status, 'pending', 'people had no time to decide')
        await scene.approve(request)
        const ended = await scene.ended(run)
        assert.equal(scene.ran('ada').length, 1)
        assert(toldOf(ended, 'c1').text.includes('removed ada'))
      }),
  },
  {
    name: 'T41: the tool time-out of the framework still counts the tool’s own time',
    needs: ['tool-timeout'],
    run: (scene) =>
      withFakeTimers(async () => {
        const tools = [scene.hangingTool('remove_user')]
        const agent = await scene.agent({ toolTimeoutMs: 60_000, tools })
        const run = agent.run([ada])
        await scene.approve(await scene.asked('ada', run))
        await scene.until('the tool runs', async () => scene.runs[0])
        await vi.advanceTimersByTimeAsync(600_000)
        const ended = await scene.ended(run)
        if (ended.status !== 'failed') assert.notEqual(toldOf(ended, 'c1').error, false)
      }),
  },
]

/** The timers of the framework, which has no clock of ours, moved by `vi`. */
async function withFakeTimers(work: () => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  try {
    await work()
  } finally {
    vi.useRealTimers()
  }
}
