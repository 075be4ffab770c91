import assert from 'node:assert/strict'
import type { AgentCase, AgentScene } from './agent-scene'
import { assertRefused, toldOf, turn } from './agent-told'

const script = [turn(['c1', 'remove_user', { id: 'ada', rows: 1 }])]
const suspend = { wait: 'suspend' } as const
const keepResult = { tools: { remove_user: { keepResult: true } } } as const

/** A suspended run with a request that waits. */
async function suspended(scene: AgentScene, turns = script, parts: Parameters<AgentScene['agent']>[0] = {}) {
  const agent = await scene.agent({ ...parts, options: { ...suspend, ...parts.options } })
  const run = await scene.ended(agent.run(turns))
  assert.equal(run.status, 'suspended', `the run did not suspend: ${run.told.get('c1')?.text}`)
  assert.equal(run.told.get('c1'), undefined, 'the model was told of a call that waits')
  return agent
}

/** Suspended runs, restarts, and calls that come twice. */
export const repeatedCases: readonly AgentCase[] = [
  {
    name: 'a suspended run goes on after the decision, and its call runs once',
    needs: ['suspend'],
    async run(scene) {
      const agent = await suspended(scene)
      await scene.approve(await scene.asked('ada'))
      assert.deepEqual(scene.runs, [], 'it ran although nobody waits for it')
      const ended = await scene.ended(scene.again(agent, script))
      assert.equal(ended.status, 'done')
      assert.equal(scene.ran('ada').length, 1)
      assert.equal(scene.askedTimes(), 1)
      assert(toldOf(ended, 'c1').text.includes('removed ada'))
    },
  },
  {
    name: 'a suspended run that goes on too early suspends again, and asks nobody twice',
    needs: ['suspend'],
    async run(scene) {
      const agent = await suspended(scene)
      const early = await scene.ended(scene.again(agent, script))
      assert.equal(early.status, 'suspended')
      assert.deepEqual(scene.runs, [])
      await scene.reject(await scene.asked('ada'), 'not this one')
      assertRefused(await scene.ended(scene.again(agent, script)), 'c1', 'not this one')
      assert.equal(scene.askedTimes(), 1)
      assert.deepEqual(scene.runs, [])
    },
  },
  {
    name: 'I2: a suspended call that was edited runs on the edited arguments alone',
    needs: ['suspend'],
    async run(scene) {
      const agent = await suspended(scene)
      await scene.approve(await scene.asked('ada'), [{ path: '/rows', value: 7 }])
      await scene.ended(scene.again(agent, script))
      assert.deepEqual(scene.ran('ada'), [{ id: 'ada', rows: 7 }])
    },
  },
  {
    name: 'T45: of a suspended batch, what ran does not run again, and what waits goes on waiting',
    needs: ['suspend', 'parallel'],
    async run(scene) {
      const turns = [
        turn(
          ['c1', 'remove_user', { id: 'ada', rows: 1 }],
          ['c2', 'remove_user', { id: 'allowed-1', rows: 2 }],
          ['c3', 'remove_user', { id: 'ben', rows: 3 }],
        ),
      ]
      const agent = await suspended(scene, turns, { options: keepResult })
      await scene.approve(await scene.asked('ben'))
      const half = await scene.ended(scene.again(agent, turns))
      assert.equal(half.status, 'suspended')
      await scene.reject(await scene.asked('ada'), 'not this one')
      const ended = await scene.ended(scene.again(agent, turns))
      assert.equal(ended.status, 'done')
      const ran = scene.runs.map(({ args }) => (args as { id: string }).id)
      assert.deepEqual(ran.sort(), ['allowed-1', 'ben'])
      assertRefused(ended, 'c1', 'not this one')
      assert(toldOf(ended, 'c3').text.includes('removed ben'))
    },
  },
  ...(['while nobody decided', 'after a rejection'] as const).map(
    (when): AgentCase => ({
      name: `T39: the framework’s own "approved" runs nothing ${when}`,
      needs: ['suspend', 'own-approval'],
      async run(scene) {
        const agent = await suspended(scene)
        assert(agent.again, 'the driver has no again(); say cannot["own-approval"] if there is none')
        const request = await scene.asked('ada')
        if (when === 'after a rejection') await scene.reject(request, 'not this one')
        const forged = await scene.ended(agent.again({ forged: true }))
        assert.deepEqual(scene.runs, [], 'it ran on the word of the framework')
        if (when === 'after a rejection') assertRefused(forged, 'c1', 'not this one')
      },
    }),
  ),
  {
    name: 'I8: a restart between a suspended call and its decision loses nothing, and the call runs once',
    needs: ['suspend', 'restart'],
    async run(scene) {
      const agent = await suspended(scene)
      const saved = await agent.saved?.()
      await scene.restart()
      await scene.approve(await scene.asked('ada'))
      const next = await scene.agent({ saved, options: suspend })
      const ended = await scene.ended(scene.again(next, script))
      assert.equal(ended.status, 'done')
      assert.equal(scene.ran('ada').length, 1)
      assert.equal(scene.askedTimes(), 1)
      assert(toldOf(ended, 'c1').text.includes('removed ada'))
    },
  },
  {
    name: 'I8: a restart while a call waits inline loses nothing, and the call runs once',
    needs: ['restart'],
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run(script)
      const request = await scene.asked('ada', run)
      const saved = await agent.saved?.()
      await scene.restart()
      await scene.ended(run)
      assert.equal((await scene.stored(request)).status, 'pending')
      const next = await scene.agent({ saved })
      const resumed = scene.again(next, script)
      await scene.approve(await scene.asked('ada', resumed))
      const ended = await scene.ended(resumed)
      assert.equal(scene.ran('ada').length, 1)
      assert.equal(scene.askedTimes(), 1)
      assert(toldOf(ended, 'c1').text.includes('removed ada'))
    },
  },
  {
    name: 'T25: a restart after the run gives the kept result, and does not run it again',
    needs: ['restart', 'redeliver'],
    async run(scene) {
      const agent = await scene.agent({ options: keepResult })
      const run = agent.run(script)
      await scene.approve(await scene.asked('ada', run))
      const first = await scene.ended(run)
      const saved = await agent.saved?.()
      await scene.restart()
      const next = await scene.agent({ saved, options: keepResult })
      const ended = await scene.ended(scene.again(next, script))
      assert.equal(scene.ran('ada').length, 1)
      assert.deepEqual(toldOf(ended, 'c1'), toldOf(first, 'c1'))
    },
  },
  {
    name: 'T25: calls delivered twice run once, and without a kept result the model is told that it ran',
    needs: ['redeliver'],
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run(script)
      await scene.approve(await scene.asked('ada', run))
      await scene.ended(run)
      const ended = await scene.ended(scene.again(agent, script))
      assert.equal(scene.ran('ada').length, 1, 'it ran twice')
      assert.equal(scene.askedTimes(), 1, 'people were asked twice')
      assert.match(toldOf(ended, 'c1').text, /already/i)
    },
  },
  {
    name: 'T25: calls delivered twice at once run once, and both are told the same',
    needs: ['redeliver'],
    async run(scene) {
      const agent = await scene.agent({ options: keepResult })
      const run = agent.run(script)
      const request = await scene.asked('ada', run)
      const other = await scene.agent({ saved: await agent.saved?.(), options: keepResult })
      const second = scene.again(other, script)
      await scene.clock.settle()
      await scene.asked('ada', second)
      await scene.approve(request)
      const [one, two] = [await scene.ended(run), await scene.ended(second)]
      assert.equal(scene.ran('ada').length, 1, 'it ran twice')
      assert.deepEqual(toldOf(one, 'c1'), toldOf(two, 'c1'))
    },
  },
  {
    name: 'T53: a call id that comes again with other arguments runs nothing',
    needs: ['redeliver'],
    async run(scene) {
      const first = await scene.agent()
      const run = first.run(script)
      await scene.approve(await scene.asked('ada', run))
      await scene.ended(run)
      const other = await scene.agent()
      const again = other.run([turn(['c1', 'remove_user', { id: 'ben', rows: 1 }])])
      const ended = await scene.ended(again)
      assert.equal(scene.askedTimes(), 1)
      assert.deepEqual(scene.ran('ben'), [])
      assertRefused(ended, 'c1')
    },
  },
]
