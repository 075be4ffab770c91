import { createGate, group, memoryAudit, memoryStore, OptionError } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { afterEach, describe, expect, it } from 'vitest'
import { optionsFor } from '../test/app'
import { buttonOf, type FakeSlack, fakeSlack } from '../test/fake-slack'
import { displayed } from '../test/fake-slack/displayed'
import { slackApprover } from './slack-approver'

let slack: FakeSlack
let close: () => Promise<void>
afterEach(async () => {
  await close()
  await slack.close()
})

const SECRET = 'a-secret-of-the-gate-that-is-long-enough'

async function gated(effect: (args: { table: string; password: string }) => string) {
  slack = await fakeSlack()
  const approver = slackApprover(optionsFor(slack, { groups: { ops: 'S0OPS' } }))
  const gate = createGate({
    ephemeral: true,
    agent: { id: 'ops-bot', owner: null },
    secrets: [SECRET],
    approvers: [approver],
    reviewers: group('ops'),
  })
  close = () => gate.close()
  const access = reviewAccess(gate)
  slack.receiver = async (payload) => {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
    const url = 'https://gate.test/approvers/slack/interactivity'
    const response = await access.handle(
      'slack',
      new Request(url, { method: 'POST', body, headers: slack.sign(body) }),
    )
    if (response?.status !== 200) throw new Error(`answered with ${response?.status}`)
    const text = await response.text()
    return text === '' ? null : JSON.parse(text)
  }
  return gate.requireApproval(async (args: { table: string; password: string }) => effect(args), {
    action: 'table.drop',
  })
}

const root = () => slack.messages('C0OPS').find(({ thread_ts }) => thread_ts === null)

async function pressApprove(user: string): Promise<void> {
  await slack.until('it is asked', () => root() !== undefined)
  const message = root()
  const button = buttonOf(message?.blocks ?? [], 'gatewright_approve')
  if (message === undefined || button === undefined) throw new Error('nothing to press')
  await slack.press(user, message, button)
}

describe('with a real gate', () => {
  it('I1, T42, T43: what was approved in Slack runs once, is shown as run, and no secret ever left', async () => {
    const ran: unknown[] = []
    const drop = await gated((args) => {
      ran.push(args)
      return 'dropped'
    })
    const call = drop({ table: 'customers', password: 'hunter2hunter2' })
    await slack.until('it is asked', () => root() !== undefined)
    expect(ran).toEqual([])
    expect(displayed(root()?.blocks ?? [])).toMatch(/password {2}\[redacted\][\s\S]*customers/)
    await pressApprove('U0ADA')
    expect(await call).toBe('dropped')
    expect(ran).toEqual([{ table: 'customers', password: 'hunter2hunter2' }])
    await slack.until('the message says so', () => /ran and succeeded/.test(displayed(root()?.blocks ?? [])))
    expect(displayed(root()?.blocks ?? [])).toMatch(/Votes: Ada \(approved\)/)
    expect(buttonOf(root()?.blocks ?? [], 'gatewright_approve')).toBeUndefined()
    const everything = JSON.stringify([...slack.state.channels.values()].map(({ messages }) => messages))
    expect(everything).not.toContain('hunter2')
  })

  it('T21, T04: somebody who is in no group learns nothing and decides nothing', async () => {
    const ran: unknown[] = []
    const drop = await gated((args) => String(ran.push(args)))
    slack.state.usergroups.set('S0OPS', ['U0BEN'])
    const call = drop({ table: 'customers', password: 'x' })
    await pressApprove('U0ADA')
    await slack.until('she is answered', () => slack.state.ephemerals.length === 1)
    expect(displayed(slack.state.ephemerals[0]?.blocks ?? [])).toMatch(/no such request, or you cannot vote/)
    expect(ran).toEqual([])
    await pressApprove('U0BEN')
    await call
    expect(ran).toHaveLength(1)
  })

  it('T20: a gate without a secret does not start', async () => {
    slack = await fakeSlack()
    close = async () => {}
    const make = () =>
      createGate({
        agent: { id: 'ops-bot', owner: null },
        store: memoryStore(),
        audit: memoryAudit(),
        approvers: [slackApprover(optionsFor(slack))],
        reviewers: group('ops'),
      })
    expect(make).toThrow(OptionError)
  })
})
