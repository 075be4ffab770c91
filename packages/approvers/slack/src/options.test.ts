import { describe, expect, it } from 'vitest'
import { resolveOptions, type SlackApproverOptions } from './options'

const token = 'xoxb-000000000000-fake-token'
const appToken = 'xapp-000000000000-fake-token'
const signingSecret = '0123456789abcdef0123456789abcdef'
const good = { token, signingSecret }

describe('the options', () => {
  it.each<[object, string]>([
    [{ token }, 'signingSecret'],
    [{ token, signingSecret: '' }, 'signingSecret'],
    [{ token, signingSecret: undefined }, 'signingSecret'],
    [{ token, signingSecret: 'short' }, 'signingSecret'],
    [{ token, appToken, signingSecret: 'short' }, 'signingSecret'],
    [{ token, signingSecret: Buffer.alloc(32) }, 'signingSecret'],
    [{ token, appToken: '' }, 'appToken'],
    [{ token: '', signingSecret }, 'token'],
    [{ signingSecret }, 'token'],
  ])('T18: a secret that is missing or short keeps the program from starting: %j', (options, name) => {
    expect(() => resolveOptions(options as SlackApproverOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID', option: `slackApprover.${name}` }),
    )
  })

  it.each<[object, string]>([
    [{ signinSecret: signingSecret }, 'signinSecret'],
    [{ name: 'two words' }, 'name'],
    [{ token: 'xoxp-a-person-who-would-vote' }, 'token'],
    [{ client: {} }, 'token'],
    [{ appToken: token }, 'appToken'],
    [{ appToken, socketModeClient: {} }, 'appToken'],
    [{ channel: '#ops' }, 'channel'],
    [{ channel: 'U0ADA' }, 'channel'],
    [{ allowGuests: 'no' }, 'allowGuests'],
    [{ slackApiUrl: 'https://slack.com/api' }, 'slackApiUrl'],
    [{ routes: [] }, 'routes'],
    [{ routes: { ops: {} } }, 'routes.ops'],
    [{ routes: { ops: '#ops' } }, 'routes.ops.channel'],
    [{ routes: { ops: { channel: 'C0OPS', mentions: [] } } }, 'routes.ops.mentions'],
    [{ routes: { ops: { users: ['U0ADA'], mention: ['S0OPS'] } } }, 'routes.ops.mention'],
    [{ routes: { ops: { channel: 'C0OPS', mention: ['here'] } } }, 'routes.ops.mention'],
    [{ routes: { ops: { users: ['ada@example.com'] } } }, 'routes.ops.users'],
    [{ groups: { ops: 'ops' } }, 'groups.ops'],
    [{ groups: { ops: ['S0OPS'] } }, 'groups.ops'],
  ])('T40: %j is refused by name', (options, name) => {
    expect(() => resolveOptions({ ...good, ...options } as SlackApproverOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID', option: `slackApprover.${name}` }),
    )
  })

  it('a token that begins well and was not copied whole is said to be short', () => {
    const problem = (options: Partial<SlackApproverOptions>) => () => resolveOptions({ ...good, ...options })
    expect(problem({ token: 'xoxb-wrong' })).toThrow(/begins with xoxb- and has 20 characters or more/)
    expect(problem({ appToken: 'xapp-wrong' })).toThrow(/begins with xapp- and has 20 characters or more/)
  })

  it('guests may not vote, and no group is vouched for, unless it is said', () => {
    expect(resolveOptions(good)).toMatchObject({ allowGuests: false, groups: new Map(), appToken: null })
  })
})
