import assert from 'node:assert/strict'
import type { AgentRun, ModelTurn } from './agent-harness'
import type { AgentCase, AgentScene } from './agent-scene'
import { assertRefused, toldOf, turn } from './agent-told'

const ada = [turn(['c1', 'remove_user', { id: 'ada', rows: 1 }])]

/** Our side cannot answer: nothing ran, and nobody may be said to have decided. */
function assertNotDecided(scene: AgentScene, run: AgentRun, callId = 'c1'): void {
  assert.deepEqual(scene.ran('ada'), [], 'it ran')
  const text = run.told.get(callId)?.text
  if (text === undefined) {
    assert.equal(run.status, 'failed', 'the model was told nothing, and goes on')
    return
  }
  assertRefused(run, callId)
  assert.doesNotMatch(text, /reject|denied/i, 'nobody decided')
}

/** An agent with a tool that runs another agent. */
async function nesting(scene: AgentScene, inner: readonly ModelTurn[]) {
  const ends: AgentRun[] = []
  const delegate = scene.tool('delegate', async () => {
    const agent = await scene.agent()
    ends.push(await agent.run(inner, { runId: 'inner' }))
    return 'delegated'
  })
  const agent = await scene.agent({ tools: [delegate] })
  const run = agent.run([turn(['o1', 'delegate', { id: 'task', rows: 1 }])])
  const outer = await scene.asked('task', run)
  await scene.approve(outer)
  return { run, outer, ends }
}

const helper = (scene: AgentScene) => ({
  name: 'helper',
  description: 'Does what it is told.',
  tools: [scene.tool('remove_user')],
  script: ada,
})
const handOff = [turn(['o1', 'helper', { task: 'remove ada' }])]

/** Agents in agents, and a gate that cannot answer. */
export const aroundCases: readonly AgentCase[] = [
  {
    name: 'an agent inside a tool asks for itself, and its request names the one above',
    needs: ['nested'],
    async run(scene) {
      const { run, outer, ends } = await nesting(scene, ada)
      const inner = await scene.asked('ada', run)
      assert.equal(inner.origin.parentRequestId, outer.id)
      await scene.approve(inner)
      const ended = await scene.ended(run)
      assert.equal(scene.ran('ada').length, 1)
      assert(toldOf(ended, 'o1').text.includes('delegated'))
      assert(ends[0] && toldOf(ends[0], 'c1').text.includes('removed ada'))
    },
  },
  {
    name: 'a rejection inside a tool is told to the inner model, and the outer call goes on',
    needs: ['nested'],
    async run(scene) {
      const { run, outer, ends } = await nesting(scene, ada)
      await scene.reject(await scene.asked('ada', run), 'not this one')
      const ended = await scene.ended(run)
      assert.deepEqual(scene.ran('ada'), [])
      assert(ends[0])
      assertRefused(ends[0], 'c1', 'not this one')
      assert(toldOf(ended, 'o1').text.includes('delegated'))
      assert.equal((await scene.stored(outer)).status, 'succeeded')
    },
  },
  {
    name: 'the calls of a sub-agent ask, and its model is told what became of them',
    needs: ['sub-agent'],
    async run(scene) {
      for (const decision of ['reject', 'approve'] as const) {
        const agent = await scene.agent({ agents: [helper(scene)] })
        const run = agent.run(handOff, { runId: decision })
        const request = await scene.asked('ada', run)
        assert.deepEqual(scene.runs, [])
        if (decision === 'approve') await scene.approve(request)
        else await scene.reject(request, 'not this one')
        const ended = await scene.ended(run)
        assert.equal(ended.status, 'done')
        if (decision === 'approve') assert(toldOf(ended, 'c1').text.includes('removed ada'))
        else assertRefused(ended, 'c1', 'not this one')
        assert.equal(scene.ran('ada').length, decision === 'approve' ? 1 : 0)
        await scene.clock.advance('10m')
      }
    },
  },
  {
    name: 'the request of a sub-agent names it',
    needs: ['sub-agent', 'agent-name'],
    async run(scene) {
      const agent = await scene.agent({ agents: [helper(scene)] })
      const run = agent.run(handOff)
      const request = await scene.asked('ada', run)
      assert.equal(request.origin.agent, 'helper')
      await scene.approve(request)
      await scene.ended(run)
    },
  },
  {
    name: 'a call of a sub-agent suspends the whole run, which goes on after the decision',
    needs: ['sub-agent', 'suspend'],
    async run(scene) {
      const agent = await scene.agent({ agents: [helper(scene)], options: { wait: 'suspend' } })
      const run = await scene.ended(agent.run(handOff))
      assert.equal(run.status, 'suspended')
      await scene.approve(await scene.asked('ada'))
      const ended = await scene.ended(scene.again(agent, handOff))
      assert.equal(ended.status, 'done')
      assert.equal(scene.ran('ada').length, 1)
      assert(toldOf(ended, 'c1').text.includes('removed ada'))
    },
  },
  {
    name: 'I10: a gate that closes leaves the request, runs nothing, and says nothing of a rejection',
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run(ada)
      const request = await scene.asked('ada', run)
      await scene.gate.close()
      assertNotDecided(scene, await scene.ended(run))
      assert.equal((await scene.stored(request)).status, 'pending')
    },
  },
  {
    name: 'I7: a gate that sealed itself runs nothing more',
    async run(scene) {
      const agent = await scene.agent()
      scene.faults.audit = (events) => events.some(({ type }) => type === 'execution.succeeded')
      const run = agent.run([turn(['c0', 'remove_user', { id: 'allowed-1', rows: 1 }]), ...ada])
      const first = await scene.ended(run)
      assert.equal(scene.ran('allowed-1').length, 1)
      assert(toldOf(first, 'c0').text.includes('removed allowed-1'), 'the result of what ran is lost')
      assertNotDecided(scene, first)
    },
  },
  {
    name: 'I7: a log that takes nothing keeps an approved call from running',
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run(ada)
      const request = await scene.asked('ada', run)
      scene.faults.audit = () => true
      await scene.approve(request)
      assertNotDecided(scene, await scene.ended(run))
    },
  },
  {
    name: 'I1: a store that is down keeps a call from running',
    async run(scene) {
      const agent = await scene.agent()
      await scene.gate.start()
      scene.faults.store = (method) => method === 'create' || method === 'getByKey'
      assertNotDecided(scene, await scene.ended(agent.run(ada)))
    },
  },
]
