import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isSigned } from './signature'

// The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
const secret = '8f742231b10e8888abcd99yyyzzz85a5'
const timestamp = '1531420618'
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
const text =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
const body = Buffer.from(text)
const then = Number(timestamp) * 1_000

describe('a signature', () => {
  it("of Slack's own published example verifies", () => {
    expect(isSigned({ timestamp, signature, body }, secret, then)).toBe(true)
  })

  it('T19: is good for 300 seconds on both sides of the clock, and not a second longer', () => {
    for (const seconds of [-300, 0, 300])
      expect(isSigned({ timestamp, signature, body }, secret, then + seconds * 1_000)).toBe(true)
    for (const seconds of [-301, 301, 86_400])
      expect(isSigned({ timestamp, signature, body }, secret, then + seconds * 1_000)).toBe(false)
  })

  it.each([
    ['another body', { body: Buffer.from(`${text}&x=1`) }],
    ['the body parsed and written again', { body: Buffer.from(text.replaceAll('%2F', '/')) }],
    ['another time', { timestamp: '1531420619' }],
    ['a time that is none', { timestamp: '1531420618.0' }],
    ['a time with a sign', { timestamp: '+1531420618' }],
    ['no time', { timestamp: null }],
    ['no signature', { signature: null }],
    ['an empty signature', { signature: '' }],
    ['a signature cut short', { signature: signature.slice(0, -1) }],
    ['another version', { signature: signature.replace('v0', 'v1') }],
    ['upper case', { signature: signature.toUpperCase() }],
    ['text of several bytes', { signature: `v0=${'é'.repeat(32)}` }],
  ])('does not verify with %s', (_what, change) => {
    expect(isSigned({ timestamp, signature, body, ...change }, secret, then)).toBe(false)
  })

  it('does not verify with another secret, be it empty', () => {
    const forged = `v0=${createHmac('sha256', '').update(`v0:${timestamp}:${text}`).digest('hex')}`
    expect(isSigned({ timestamp, signature: forged, body }, secret, then)).toBe(false)
    expect(isSigned({ timestamp, signature, body }, `${secret}0`, then)).toBe(false)
  })
})
