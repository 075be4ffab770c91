import assert from 'node:assert/strict'
import { type AgentCase, REVIEWER } from './agent-scene'
import { assertRefused, toldOf, turn } from './agent-told'

const ada = turn(['c1', 'remove_user', { id: 'ada', rows: 900 }])

/** What is decided, and what becomes of the call. */
export const decidedCases: readonly AgentCase[] = [
  {
    name: 'I2: an approved call runs once, on what was shown, and the model is told its result as without a gate',
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([ada])
      const request = await scene.asked('ada', run)
      assert.deepEqual(JSON.parse(request.arguments), [{ id: 'ada', rows: 900 }])
      assert.deepEqual(scene.runs, [], 'it ran before anybody decided')
      await scene.approve(request)
      const ended = await scene.ended(run)
      assert.equal(ended.status, 'done')
      assert.deepEqual(
        scene.runs.map(({ args, tool }) => [tool, args]),
        [['remove_user', { id: 'ada', rows: 900 }]],
      )
      assert.equal((await scene.stored(request)).status, 'succeeded')
      const plain = await scene.ungated([ada])
      assert.deepEqual(toldOf(ended, 'c1'), toldOf(plain, 'c1'))
    },
  },
  {
    name: 'an approved call runs within the session of its request',
    needs: ['nested'],
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([ada])
      const request = await scene.asked('ada', run)
      await scene.approve(request)
      await scene.ended(run)
      assert.deepEqual(
        scene.runs.map(({ requestId }) => requestId),
        [request.id],
      )
    },
  },
  {
    name: 'what a rule allows runs once, and asks nobody',
    async run(scene) {
      const script = [turn(['c1', 'remove_user', { id: 'allowed-1', rows: 1 }])]
      const agent = await scene.agent()
      const run = await scene.ended(agent.run(script))
      assert.equal(scene.askedTimes(), 0, 'people were asked')
      assert.equal(scene.ran('allowed-1').length, 1)
      assert(scene.audit.types().includes('execution.succeeded'), 'the run is not in the log')
      assert.deepEqual(toldOf(run, 'c1'), toldOf(await scene.ungated(script), 'c1'))
    },
  },
  {
    name: 'T46: a rejected call does not run, and the model is told who rejected it, why, and that asking again will not help',
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([ada])
      const request = await scene.asked('ada', run)
      await scene.reject(request, 'not without a ticket')
      const ended = await scene.ended(run)
      assert.deepEqual(scene.runs, [], 'a rejected call ran')
      assert.equal(ended.status, 'done', 'the agent cannot go on')
      assertRefused(ended, 'c1', REVIEWER.name, 'not without a ticket', /unchanged|will not help/i)
    },
  },
  {
    name: 'T46: an equal call after a rejection asks nobody, and does not run',
    async run(scene) {
      const agent = await scene.agent()
      const again = turn(['c2', 'remove_user', { id: 'ada', rows: 900 }])
      const run = agent.run([ada, again])
      await scene.reject(await scene.asked('ada', run), 'not without a ticket')
      const ended = await scene.ended(run)
      assert.deepEqual(scene.runs, [])
      assert.equal(scene.askedTimes(), 1, 'people were asked the same again')
      assertRefused(ended, 'c2', 'not without a ticket')
    },
  },
  {
    name: 'I2: an edited call runs once, on the edited arguments alone',
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([ada])
      await scene.approve(await scene.asked('ada', run), [{ path: '/rows', value: 10 }])
      const ended = await scene.ended(run)
      assert.deepEqual(scene.ran('ada'), [{ id: 'ada', rows: 10 }])
      assert(toldOf(ended, 'c1').text.includes('removed ada (10 rows)'))
    },
  },
  {
    name: 'the model is told that a reviewer changed the arguments',
    needs: ['edit-note'],
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([ada])
      await scene.approve(await scene.asked('ada', run), [{ path: '/rows', value: 10 }])
      assert.match(toldOf(await scene.ended(run), 'c1').text, /reviewer.*changed|changed by.*reviewer/is)
    },
  },
  {
    name: 'I10: a call that nobody decides does not run, and the model is told that time was up',
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([ada])
      const request = await scene.asked('ada', run)
      await scene.clock.advance('6m')
      const ended = await scene.ended(run)
      assert.deepEqual(scene.runs, [], 'an expired call ran')
      assert.equal((await scene.stored(request)).status, 'expired')
      const { text } = assertRefused(ended, 'c1', /in time|expired/i)
      assert.doesNotMatch(text, /reject/i, 'nobody rejected it')
    },
  },
  {
    name: 'I10: a call about which nobody can be reached does not run, and the model is told so',
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([turn(['c1', 'remove_user', { id: 'lost-1', rows: 1 }])])
      const request = await scene.asked('lost-1', run)
      await scene.clock.advance('1m')
      const ended = await scene.ended(run)
      assert.deepEqual(scene.runs, [], 'it ran although nobody was reached')
      assert.equal((await scene.stored(request)).status, 'undeliverable')
      const { text } = assertRefused(ended, 'c1', /reach/i)
      assert.doesNotMatch(text, /reject/i, 'nobody rejected it')
    },
  },
  {
    name: 'a call that a rule denies does not run and asks nobody, and the model is told why',
    async run(scene) {
      const agent = await scene.agent()
      const run = await scene.ended(agent.run([turn(['c1', 'remove_user', { id: 'denied-1', rows: 1 }])]))
      assert.deepEqual(scene.runs, [], 'a denied call ran')
      assert.equal(scene.askedTimes(), 0, 'people were asked')
      assertRefused(run, 'c1', 'nobody may touch it', /denied|forbid/i)
    },
  },
  {
    name: 'I10: a call that somebody cancels does not run, and the model is told so',
    async run(scene) {
      const agent = await scene.agent()
      const run = agent.run([ada])
      const { id } = await scene.asked('ada', run)
      await scene.gate.cancel(id, { reason: 'the window closed', by: REVIEWER })
      const ended = await scene.ended(run)
      assert.deepEqual(scene.runs, [])
      const { text } = assertRefused(ended, 'c1', /cancel|withdrawn/i, 'the window closed')
      assert.doesNotMatch(text, /reject/i, 'nobody rejected it')
    },
  },
  {
    name: 'T45: of a mixed batch each call is a request of its own, and is told what became of it, whatever the order of votes',
    needs: ['parallel'],
    async run(scene) {
      const agent = await scene.agent({ tools: [scene.tool('remove_user'), scene.tool('send_mail')] })
      const run = agent.run([
        turn(
          ['c1', 'remove_user', { id: 'rejected', rows: 1 }],
          ['c2', 'send_mail', { id: 'approved', rows: 2 }],
          ['c3', 'remove_user', { id: 'forgotten', rows: 3 }],
        ),
      ])
      const [first, second] = [await scene.asked('rejected', run), await scene.asked('approved', run)]
      await scene.asked('forgotten', run)
      assert.equal(scene.askedTimes(), 3)
      await scene.approve(second)
      await scene.reject(first, 'not this one')
      await scene.clock.advance('6m')
      const ended = await scene.ended(run)
      assert.deepEqual(
        scene.runs.map(({ tool, args }) => [tool, args]),
        [['send_mail', { id: 'approved', rows: 2 }]],
      )
      assertRefused(ended, 'c1', 'not this one')
      assert(toldOf(ended, 'c2').text.includes('removed approved (2 rows)'))
      assertRefused(ended, 'c3', /in time|expired/i)
    },
  },
  {
    name: 'T45: equal calls of one turn are decided one by one',
    needs: ['parallel'],
    async run(scene) {
      const agent = await scene.agent()
      const args = { id: 'twin', rows: 1 }
      const run = agent.run([turn(['c1', 'remove_user', args], ['c2', 'remove_user', args])])
      const both = await scene.until(
        'people are asked twice',
        async () => {
          const found = await scene.requests('twin')
          return found.length === 2 ? found : undefined
        },
        run,
      )
      const [one, other] = both
      assert(one && other)
      await scene.approve(one)
      await scene.reject(other, 'once is enough')
      const ended = await scene.ended(run)
      assert.equal(scene.ran('twin').length, 1)
      const words = ['c1', 'c2'].map((id) => toldOf(ended, id).text)
      assert.equal(words.filter((text) => text.includes('once is enough')).length, 1)
      assert.equal(words.filter((text) => text.includes('removed twin')).length, 1)
    },
  },
]
