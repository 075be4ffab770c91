import assert from 'node:assert/strict'
import type { AgentUnderTest } from './agent-harness'
import type { AgentCase, AgentScene } from './agent-scene'
import { assertRefused, toldOf, turn } from './agent-told'

/** A call that is no call: nobody is asked, nothing runs, and the model is told what is wrong. */
function malformed(
  what: string,
  args: string,
  needs: AgentCase['needs'] = [],
  word: RegExp = /argument|input|json|valid|schema|pars/i,
): AgentCase {
  return {
    name: `T33: ${what} asks nobody, and the model is told what is wrong`,
    needs,
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([turn(['c1', 'remove_user', args])])
      const ended = await untilAsked(scene, run)
      assert.deepEqual(scene.runs, [], 'it ran')
      assert.equal(scene.askedTimes(), 0, 'people were asked about it')
      assert(!scene.audit.types().includes('call.denied'), 'no rule may speak of it')
      if (ended.status === 'failed') return
      const { text, error } = toldOf(ended, 'c1')
      assert.notEqual(error, false, `it is told as a success: ${text}`)
      assert.match(text, word)
    },
  }
}

/** The run's end; rejects when people are asked first. */
async function untilAsked(scene: AgentScene, run: ReturnType<AgentUnderTest['run']>) {
  let ended: Awaited<typeof run> | undefined
  void run.then((end) => {
    ended = end
  })
  return scene.until('the run ends without a question to people', async () => {
    assert.equal(scene.askedTimes(), 0, 'people were asked about it')
    return ended
  })
}

const good = '"id":"ada","rows":1'

/** What models call, and what the request says of it. */
export const calledCases: readonly AgentCase[] = [
  malformed('text that is not JSON', '{"id":"ada","rows":', ['malformed-json']),
  malformed('an argument of the wrong type', '{"id":"ada","rows":"many"}'),
  malformed('a missing argument', '{"id":"ada"}'),
  malformed('an argument that nobody knows', `{${good},"force":true}`),
  malformed('an argument called __proto__', `{${good},"__proto__":{"rows":9}}`),
  malformed('a list in place of arguments', `[{${good}}]`),
  malformed(
    'an argument of two megabytes',
    `{"id":"${'a'.repeat(2_000_000)}","rows":1}`,
    [],
    /large|long|big|size|characters|limit/i,
  ),
  {
    name: 'a call of a tool that does not exist runs nothing and asks nobody',
    needs: ['unknown-tool'],
    async run(scene) {
      const agent = await scene.agent()
      const run = await untilAsked(scene, agent.run([turn(['c1', 'no_such_tool', { id: 'ada', rows: 1 }])]))
      assert.deepEqual(scene.runs, [])
      if (run.status !== 'failed') assert.notEqual(toldOf(run, 'c1').error, false)
    },
  },
  {
    name: 'T32: a tool that is added later asks',
    needs: ['later-tool'],
    async run(scene) {
      const agent = await scene.agent()
      assert(agent.addTool, 'the driver has no addTool(); say cannot["later-tool"] if there is no way')
      await agent.addTool(scene.tool('drop_table'))
      const run = agent.run([turn(['c1', 'drop_table', { id: 'customers', rows: 1 }])])
      const request = await scene.asked('customers', run)
      assert.deepEqual(scene.runs, [], 'it ran without a question')
      await scene.reject(request, 'never')
      assertRefused(await scene.ended(run), 'c1', 'never')
      assert.deepEqual(scene.runs, [])
    },
  },
  {
    name: 'T32: guardTools accepts gated tools, and refuses those of the framework alone',
    needs: ['guard'],
    async run(scene) {
      const gated = await scene.agent()
      assert(gated.tools, 'the driver has no tools(); say cannot.guard if the framework lists none')
      scene.gate.guardTools(gated.tools())
      const bare = await scene.bareAgent()
      assert.throws(() => scene.gate.guardTools(bare.tools?.() ?? []), { code: 'ERR_TOOL_UNGATED' })
    },
  },
  {
    name: 'T40: a misspelt option is refused when the agent is made',
    async run(scene) {
      const misspelt = { wiat: 'suspend' } as object
      await assert.rejects(scene.agent({ options: misspelt }), { code: 'ERR_OPTION_INVALID' })
    },
  },
  {
    name: 'T40: a misspelt option of an action is refused when the agent is made',
    async run(scene) {
      const misspelt = { tools: { remove_user: { redcat: ['/id'] } as object } }
      await assert.rejects(scene.agent({ options: misspelt }), { code: 'ERR_OPTION_INVALID' })
    },
  },
  {
    name: 'T40: options for a tool that does not exist are refused, and nothing runs',
    async run(scene) {
      const options = { tools: { remove_usr: { redact: ['/id'] } } }
      const agent = await scene.agent({ options }).catch((error: unknown) => {
        assert.equal((error as { code?: unknown }).code, 'ERR_OPTION_INVALID')
        return null
      })
      if (agent === null) return
      await untilAsked(scene, agent.run([turn(['c1', 'remove_user', { id: 'allowed-1', rows: 1 }])]))
      assert.deepEqual(scene.runs, [], 'it ran without the options that somebody meant for it')
    },
  },
  {
    name: 'the request names the call and the run',
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([turn(['c1', 'remove_user', { id: 'ada', rows: 1 }])])
      const request = await scene.asked('ada', run)
      assert(request.origin.callId, 'the request has no call id')
      assert(request.key, 'the request has no idempotency key')
      await scene.approve(request)
      await scene.ended(run)
    },
  },
  {
    name: 'T53: a call id that repeats in another run is another call, and a second request',
    needs: ['run-id'],
    async run(scene) {
      const script = [turn(['call_0', 'remove_user', { id: 'ada', rows: 1 }])]
      for (const runId of ['run-1', 'run-2']) {
        const agent = await scene.agent()
        const run = agent.run(script, { runId })
        const request = await scene.asked('ada', run)
        assert(request.origin.runId, 'the request has no run id')
        await scene.approve(request)
        await scene.ended(run)
      }
      assert.equal(scene.ran('ada').length, 2, 'the second run was taken for the first')
    },
  },
  {
    name: 'what the model says beside a call is shown as its words',
    needs: ['intent'],
    async run(scene) {
      const agent = await scene.agent()
      const say = 'The account was closed last year.'
      const run = agent.run([{ ...turn(['c1', 'remove_user', { id: 'ada', rows: 1 }]), say }])
      const request = await scene.asked('ada', run)
      assert.equal(request.intent, say)
      await scene.approve(request)
      await scene.ended(run)
    },
  },
  ...(
    [
      ['agent', 'agent-name'],
      ['model', 'model-name'],
    ] as const
  ).map(
    ([what, need]): AgentCase => ({
      name: `the request names the ${what}`,
      needs: [need],
      async run(scene) {
        const agent = await scene.agent()
        const run = agent.run([turn(['c1', 'remove_user', { id: 'ada', rows: 1 }])])
        const request = await scene.asked('ada', run)
        assert.equal(request.origin[what], `scripted-${what}`)
        await scene.approve(request)
        await scene.ended(run)
      },
    }),
  ),
  {
    name: 'T43: a secret in the arguments is neither told to the model nor logged',
    async run(scene) {
      const secret = 'correct-horse-battery-staple'
      const agent = await scene.agent({ tools: [scene.secretTool('remove_user')] })
      const run = agent.run([
        turn(['c1', 'remove_user', { id: 'ada', rows: 1, password: secret }]),
        turn(['c2', 'remove_user', { id: 'ben', rows: 2, password: secret }]),
      ])
      await scene.reject(await scene.asked('ada', run), 'not this one')
      await scene.approve(await scene.asked('ben', run), [{ path: '/rows', value: 1 }])
      const ended = await scene.ended(run)
      assert.deepEqual(
        scene.runs.map(({ args }) => args),
        [{ id: 'ben', rows: 1, password: secret }],
      )
      const texts = [...ended.told.values()].map(({ text }) => text)
      const everything = [...texts, ...scene.logged, JSON.stringify(scene.audit.events)].join('\n')
      assert(!everything.includes(secret), 'the secret left the process')
    },
  },
  {
    name: 'T10: what a call refers to changes while it waits, and it does not run',
    async run(scene) {
      let content = 'one'
      const options = { tools: { remove_user: { pin: () => ({ file: content }) } } }
      const agent = await scene.agent({ options })
      const run = agent.run([turn(['c1', 'remove_user', { id: 'ada', rows: 1 }])])
      const request = await scene.asked('ada', run)
      content = 'two'
      await scene.approve(request)
      const ended = await scene.ended(run)
      assert.deepEqual(scene.runs, [], 'it ran on something else than what was approved')
      assert.equal((await scene.stored(request)).status, 'invalidated')
      const { text } = assertRefused(ended, 'c1', /no longer|changed/i)
      assert.doesNotMatch(text, /reject/i, 'nobody rejected it')
    },
  },
  {
    name: 'a tool that throws is told to the model as without a gate',
    async run(scene) {
      const tools = [scene.tool('remove_user', () => Promise.reject(new Error('the disk is full')))]
      const script = [turn(['c1', 'remove_user', { id: 'ada', rows: 1 }])]
      const agent = await scene.agent({ tools })
      const run = agent.run(script)
      await scene.approve(await scene.asked('ada', run))
      const ended = await scene.ended(run)
      assert.equal(scene.ran('ada').length, 1)
      const plain = await scene.ungated(script, { tools })
      assert.equal(ended.status, plain.status)
      assert.deepEqual(ended.told, plain.told)
    },
  },
  {
    name: 'I8: a tool that throws is recorded as failed',
    needs: ['tool-failure'],
    async run(scene) {
      const tools = [scene.tool('remove_user', () => Promise.reject(new Error('the disk is full')))]
      const agent = await scene.agent({ tools })
      const run = agent.run([turn(['c1', 'remove_user', { id: 'ada', rows: 1 }])])
      const request = await scene.asked('ada', run)
      await scene.approve(request)
      await scene.ended(run)
      assert.equal((await scene.stored(request)).status, 'failed')
    },
  },
]
