import { afterEach, expect, test } from 'vitest'
import { buttonOf, type FakeSlack, fakeSlack } from '../../../packages/approvers/slack/test/fake-slack'
import { cleanUp } from './clean-up'

let slack: FakeSlack
afterEach(() => slack.close())

const roots = () => slack.messages('C0OPS').filter(({ thread_ts }) => thread_ts === null)

test('the agent removes whom somebody approved in Slack, and goes on when it is refused', async () => {
  // Slack's time stands still: what it has to be answered in does not pass by itself.
  const now = Date.now()
  slack = await fakeSlack({ now: () => now })
  const { token, appToken, api, sockets } = slack
  slack.receiver = async (payload) => {
    const answer = await sockets.send(payload)
    return Object.keys(answer).length === 0 ? null : answer
  }
  const setup = { token, appToken, channel: 'C0OPS', reviewers: ['U0ADA'], slackApiUrl: api.url }
  const running = cleanUp([17, 42], setup)

  await slack.until('17 is asked for', () => roots().length === 1)
  const [first] = roots()
  const approve = buttonOf(first?.blocks ?? [], 'gatewright_approve')
  if (first === undefined || approve === undefined) throw new Error('nothing to approve')
  await slack.press('U0BEN', first, approve)
  await slack.until('Ben is answered', () => slack.state.ephemerals.some(({ user }) => user === 'U0BEN'))
  await slack.press('U0ADA', first, approve)

  await slack.until('42 is asked for', () => roots().length === 2)
  const second = roots()[1]
  const reject = buttonOf(second?.blocks ?? [], 'gatewright_reject')
  if (second === undefined || reject === undefined) throw new Error('nothing to reject')
  await slack.press('U0ADA', second, reject)
  await slack.until('a reason is asked for', () => slack.state.views.size === 1)
  const [view] = slack.state.views.values()
  if (view === undefined) throw new Error('no modal')
  await slack.submit('U0ADA', view, 'still a customer')

  const { removed, refused } = await running
  expect(removed).toEqual([17])
  expect(refused).toEqual([expect.stringMatching(/^42: .*still a customer/)])
})
