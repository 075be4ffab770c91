import { fakeClock } from '@gatewright/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { type App, startApp } from '../test/app'
import { fakeSlack } from '../test/fake-slack'
import { fakeUser } from '../test/fake-slack/state'

let app: App
afterEach(() => app.end())

const APPROVE = 'gatewright_approve'

describe('T21: whoever presses', () => {
  it.each([
    ['somebody of another workspace in a shared channel', 'U0ALIEN'],
    ['a guest', 'U0GUEST'],
    ['a bot', 'U0BOT'],
    ['somebody who was deactivated', 'U0GONE'],
    ['somebody Slack does not know', 'U0NOBODY'],
  ])('%s is refused, and told so', async (_who, user) => {
    app = await startApp()
    app.slack.state.channels.get('C0OPS')?.members.add('U0NOBODY')
    await app.ask('r1')
    expect(await app.press(user, 'r1', APPROVE)).toMatch(/cannot decide|could not be checked/)
    expect(app.host.votes).toEqual([])
  })

  it.each([
    ['of another team', { team_id: 'T0OTHER' }],
    ['a stranger', { is_stranger: true }],
    [
      'of another organisation',
      { team_id: 'T0OTHER', enterprise_user: { enterprise_id: 'E0OTHER', teams: ['T0HOME'] } },
    ],
    ['without flags', { is_restricted: undefined }],
    ['another id than was asked for', { id: 'U0BEN' }],
  ])('a member %s is refused', async (_what, change) => {
    app = await startApp()
    app.slack.state.users.set('U0ADA', { ...fakeUser('U0ADA', 'Ada'), ...(change as object) })
    await app.ask('r1')
    expect(await app.press('U0ADA', 'r1', APPROVE)).toMatch(/cannot decide/)
    expect(app.host.votes).toEqual([])
  })

  it('a guest may vote where the option says so', async () => {
    app = await startApp({ allowGuests: true })
    await app.ask('r1')
    await app.press('U0GUEST', 'r1', APPROVE)
    expect(app.host.counted).toMatchObject([{ actor: { issuer: 'slack:T0HOME', subject: 'U0GUEST' } }])
  })

  it('in an organisation, a member of the workspace may vote whose first one is another', async () => {
    const clock = fakeClock()
    const slack = await fakeSlack({ now: () => clock.now() })
    Object.assign(slack.state, { enterpriseId: 'E0HOME' })
    const home = { enterprise_id: 'E0HOME', teams: ['T0HOME'] }
    slack.state.users.set('U0ADA', fakeUser('U0ADA', 'Ada', { team_id: 'T0OTHER', enterprise_user: home }))
    slack.state.users.set(
      'U0BEN',
      fakeUser('U0BEN', 'Ben', { team_id: 'T0OTHER', enterprise_user: { ...home, teams: ['T0OTHER'] } }),
    )
    app = await startApp({}, { slack, clock })
    await app.ask('r1')
    expect(await app.press('U0BEN', 'r1', APPROVE)).toMatch(/cannot decide/)
    await app.press('U0ADA', 'r1', APPROVE)
    expect(app.host.counted).toMatchObject([{ actor: { issuer: 'slack:T0HOME', subject: 'U0ADA' } }])
  })

  it('a press of another workspace in which the app is installed is refused before anybody is looked up', async () => {
    app = await startApp()
    const message = await app.ask('r1')
    const [button] = message.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []))
    if (button === undefined) throw new Error('no button')
    const said = await app.answered('U0ADA', () =>
      app.slack.press('U0ADA', message, button, { team: { id: 'T0OTHER' } }),
    )
    expect(said).toMatch(/not good here/)
    expect(app.slack.state.calls).not.toContain('users.info')
  })
})

describe('while Slack cannot say who somebody is', () => {
  it.each([
    ['an error', { error: 'internal_error' }],
    ['a broken connection', 'lose'],
    ['an HTTP error', { status: 503 }],
  ] as const)('%s refuses the vote, and it can be cast again', async (_what, trouble) => {
    app = await startApp()
    await app.ask('r1')
    app.slack.api.trouble('users.info', trouble)
    expect(await app.press('U0ADA', 'r1', APPROVE)).toMatch(/could not be checked just now/)
    expect(app.host.votes).toEqual([])
    await app.press('U0ADA', 'r1', APPROVE)
    expect(app.host.counted).toHaveLength(1)
  })

  it('no answer refuses the vote at the deadline', async () => {
    app = await startApp()
    await app.ask('r1')
    app.slack.api.trouble('users.info', 'hang')
    const said = await app.answered('U0ADA', async () => {
      const pressing = app.press('U0ADA', 'r1', APPROVE)
      await app.slack.until('Slack is asked', () => app.slack.state.calls.includes('users.info'))
      await app.clock.advance('8s')
      await pressing
    })
    expect(said).toMatch(/could not be checked just now/)
    expect(app.host.votes).toEqual([])
  })
})

describe('groups that Slack vouches for', () => {
  it('are read at the vote: the user group as it is now, and the list as it was given', async () => {
    app = await startApp({ groups: { ops: 'S0OPS', security: ['U0BEN'] } })
    await app.ask('r1')
    app.slack.state.usergroups.set('S0OPS', ['U0ADA'])
    await app.press('U0ADA', 'r1', APPROVE)
    expect(app.host.votes.at(-1)?.actor.groups).toEqual(['ops'])
    await app.ask('r2')
    await app.press('U0BEN', 'r2', APPROVE)
    expect(app.host.votes.at(-1)?.actor.groups).toEqual(['security'])
  })

  it('that cannot be read refuse the vote', async () => {
    app = await startApp({ groups: { ops: 'S0MISSING' } })
    await app.ask('r1')
    expect(await app.press('U0ADA', 'r1', APPROVE)).toMatch(/could not be checked/)
    expect(app.host.votes).toEqual([])
  })
})
