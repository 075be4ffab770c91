import { type Approver, defineAction, type Gate, group, person } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { describe, expect, test, vi } from 'vitest'
import { ada, attempt, ben, desk, member, scene, settle } from '../../test/scene'

const secrets = ['s'.repeat(32)]
const slackBen = { issuer: 'slack:T012AB', subject: 'U07CD' }
const linking = (token: string) => `https://gate.test/link/${token}`

async function invited() {
  const slack = desk('slack')
  const s = scene({ approvers: [slack], secrets, linking })
  await s.gate.start()
  const url = slack.host.invite(slackBen, 'ben from Slack') ?? ''
  return { s, access: reviewAccess(s.gate), token: url.slice(linking('').length) }
}

describe('standings', () => {
  test('T04: only those whom a stage names may know of a request, and those whose it is', async () => {
    const owner = member('olga')
    const s = scene({ agent: { id: 'bot', owner } })
    attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
    const request = await s.only()
    const { standings } = reviewAccess(s.gate)
    const of = async (actor: typeof ada) => (await standings.of([request], actor))[0]
    expect(await of(ada)).toBe('reviewer')
    expect(await of(owner)).toBe('own')
    expect(await of(member('eve', ['sales']))).toBe('none')
    expect(await of({ ...ada, type: 'agent' })).toBe('none')
  })

  test('escalation reviewers may know of it once it was escalated', async () => {
    const boss = member('boss', ['bosses'])
    const s = scene({
      requirement: {
        reviewers: group('ops'),
        escalate: { after: '10m', to: group('bosses') },
        within: '1h',
      },
    })
    attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
    const before = await s.only()
    const { standings } = reviewAccess(s.gate)
    expect(await standings.of([before], boss)).toEqual(['none'])
    await s.clock.advance('11m')
    expect(await standings.of([await s.request(before.id)], boss)).toEqual(['reviewer'])
  })

  test('a directory that cannot answer shows nothing', async () => {
    const s = scene({
      directory: {
        resolve: async () => {
          throw new Error('the directory is down')
        },
      },
    })
    attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
    const request = await s.only()
    await expect(reviewAccess(s.gate).standings.of([request], ada)).rejects.toMatchObject({
      code: 'ERR_IDENTITY_UNAVAILABLE',
    })
  })
})

describe('what an approver may ask of its gate', () => {
  test('I4: whose a request is, by any identity of that person, so that no button is shown to them', async () => {
    const slack = desk('slack')
    const s = scene({ approvers: [slack], secrets, linking, agent: { id: 'bot', owner: ben } })
    attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
    const { id } = await s.only()
    const own = (identity: { issuer: string; subject: string }) => slack.host.isOwn(id, identity)
    expect([await own(ben), await own(ada), await own(slackBen)]).toEqual([true, false, false])
    const url = slack.host.invite(slackBen, 'ben from Slack') ?? ''
    await reviewAccess(s.gate).identities.link(url.slice(linking('').length), ben)
    expect(await own(slackBen)).toBe(true)
    expect(await slack.host.isOwn('no such request', ben)).toBe(false)
  })
})

describe('linking identities', () => {
  test('makes a chat identity the person who signed in, and records it', async () => {
    const { s, access, token } = await invited()
    expect(access.identities.open(token)).toMatchObject({
      ...slackBen,
      name: 'ben from Slack',
      approver: 'slack',
    })
    await access.identities.link(token, ben)
    attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
    const fromSlack = person(slackBen.issuer, slackBen.subject, {
      name: 'ben',
      assurance: { method: 'chat' },
    })
    expect(await s.approve((await s.only()).id, fromSlack)).toMatchObject({ status: 'counted' })
    const [linked] = await s.events('identity.linked')
    expect(linked?.data).toEqual({
      approver: 'slack',
      identity: slackBen,
      person: { issuer: ben.issuer, subject: ben.subject },
      provenBy: { issuer: ben.issuer, subject: ben.subject },
    })
  })

  test('I4: the owner of an agent stays its owner under a linked identity', async () => {
    const slack = desk('slack')
    const s = scene({ approvers: [slack], secrets, linking, agent: { id: 'bot', owner: ben } })
    await s.gate.start()
    const token = (slack.host.invite(slackBen, 'ben') ?? '').slice(linking('').length)
    await reviewAccess(s.gate).identities.link(token, ben)
    attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
    const fromSlack = person(slackBen.issuer, slackBen.subject, { name: 'ben', groups: ['ops'] })
    expect(await s.approve((await s.only()).id, fromSlack)).toMatchObject({ reason: 'own-request' })
  })

  test.each([
    ['an agent', { ...ben, type: 'agent' as const }],
    ['a chat identity', { ...ben, assurance: { method: 'chat' as const } }],
    ['the user of a computer', { ...ben, assurance: { method: 'local' as const } }],
  ])('T21: %s proves no other identity', async (_, by) => {
    const { s, access, token } = await invited()
    await expect(access.identities.link(token, by)).rejects.toMatchObject({ code: 'ERR_LINK_INVALID' })
    expect(await s.store.links.get(slackBen)).toBeNull()
  })

  test('an invitation ends after ten minutes, and a changed one is none', async () => {
    const { s, access, token } = await invited()
    const [payload = '', mac] = token.split('.')
    const other = Buffer.from(payload, 'base64url').toString().replace('U07CD', 'U0EVE')
    for (const forged of [
      '',
      'x',
      `${Buffer.from(other).toString('base64url')}.${mac}`,
      `${token}.`,
      'x'.repeat(9_000),
    ])
      expect(access.identities.open(forged)).toBeNull()
    await s.clock.advance('11m')
    expect(access.identities.open(token)).toBeNull()
    await expect(access.identities.link(token, ben)).rejects.toMatchObject({ code: 'ERR_LINK_INVALID' })
  })

  test('T20: a button value is no invitation', async () => {
    const slack = desk('slack')
    const s = scene({ approvers: [slack], secrets, linking })
    await s.gate.start()
    const sealed = slack.host.seal({
      requestId: 'r',
      digest: 'd',
      audience: 'c',
      expiresAt: s.clock.now() + 1e6,
    })
    expect(reviewAccess(s.gate).identities.open(sealed)).toBeNull()
  })

  test('I7: no link without its record, and none that the log calls ended', async () => {
    const { s, access, token } = await invited()
    const { outbox, links } = s.store
    const record = vi.spyOn(outbox, 'record').mockRejectedValue(new Error('disk full'))
    await expect(access.identities.link(token, ben)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect(await links.get(slackBen)).toBeNull()
    record.mockRestore()
    await access.identities.link(token, ben)
    const remove = vi.spyOn(links, 'remove').mockRejectedValue(new Error('disk full'))
    await expect(access.identities.unlink(slackBen, ben)).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
    })
    remove.mockRestore()
    expect(await s.events('identity.unlinked')).toEqual([])
  })

  test('only the person whose it is ends a link', async () => {
    const { s, access, token } = await invited()
    await access.identities.link(token, ben)
    await expect(access.identities.unlink(slackBen, ada)).rejects.toMatchObject({ code: 'ERR_LINK_INVALID' })
    expect(await s.store.links.get(slackBen)).not.toBeNull()
    await access.identities.unlink(slackBen, ben)
    expect(await s.store.links.get(slackBen)).toBeNull()
    expect(await s.events('identity.unlinked')).toHaveLength(1)
  })
})

describe('inbound requests', () => {
  test('reach the approver of that name, after it was started', async () => {
    const slack: Approver & { starts: number } = Object.assign(desk('slack'), {
      handle: async () => new Response(`started ${slack.starts}`),
    })
    const s = scene({ approvers: [slack, desk('other')] })
    const access = reviewAccess(s.gate)
    expect(access.inbound).toEqual(['slack'])
    expect(await (await access.handle('slack', new Request('https://gate.test')))?.text()).toBe('started 1')
    expect(await access.handle('other', new Request('https://gate.test'))).toBeNull()
    expect(await access.handle('nobody', new Request('https://gate.test'))).toBeNull()
  })
})

test('what is no gate of this copy is refused, with what to do', () => {
  expect(() => reviewAccess({} as Gate)).toThrow(/same copy/)
})

describe('remote runs', () => {
  const agent = { id: 'remote-bot', name: 'remote-bot', owner: null }
  const asked = { action: 'tf.apply', args: { plan: 'p1' }, context: { callId: 'c1' } }

  async function approved() {
    const s = scene()
    const { remote } = reviewAccess(s.gate)
    const { requestId } = await remote.ask(agent, asked)
    const id = requestId ?? ''
    await s.approve(id)
    const { argumentsDigest } = await s.request(id)
    return { s, remote, id, argumentsDigest, claimed: { argumentsDigest, claimId: 'k1' } }
  }

  test('I3, I7: one claim runs what was approved, once its story is in the log', async () => {
    const { s, remote, id, claimed } = await approved()
    const claim = await remote.claim(agent, id, claimed)
    expect(claim).toMatchObject({ action: 'tf.apply', arguments: { plan: 'p1' } })
    expect(await s.types(id)).toContain('execution.started')
    await expect(remote.claim(agent, id, { ...claimed, claimId: 'k2' })).rejects.toMatchObject({
      code: 'ERR_CLAIM_REFUSED',
    })
    const ended = await remote.outcome(agent, id, claim.fencingToken, {
      status: 'succeeded',
      summary: 'done',
    })
    expect(ended).toMatchObject({ status: 'succeeded', requester: { id: 'remote-bot' } })
    await expect(remote.claim(agent, id, claimed)).rejects.toMatchObject({ code: 'ERR_ALREADY_EXECUTED' })
  })

  test('a claim whose answer was lost is given again to the one who has it', async () => {
    const { remote, id, claimed } = await approved()
    const first = await remote.claim(agent, id, claimed)
    expect(await remote.claim(agent, id, claimed)).toEqual(first)
  })

  test('T04: another agent may not know of it', async () => {
    const { remote, id, claimed } = await approved()
    const eve = { ...agent, id: 'eve' }
    await expect(remote.claim(eve, id, claimed)).rejects.toMatchObject({ code: 'ERR_REQUEST_NOT_FOUND' })
    await expect(remote.outcome(eve, id, 'x', { status: 'failed' })).rejects.toMatchObject({
      code: 'ERR_REQUEST_NOT_FOUND',
    })
  })

  test('I1, I2: what waits, was rejected or has another digest is not claimed', async () => {
    const { s, remote, id, claimed } = await approved()
    await expect(
      remote.claim(agent, id, { ...claimed, argumentsDigest: 'f'.repeat(64) }),
    ).rejects.toMatchObject({
      code: 'ERR_CLAIM_REFUSED',
    })
    const other = await remote.ask(agent, { ...asked, args: { plan: 'p2' }, context: { callId: 'c2' } })
    const { argumentsDigest } = await s.request(other.requestId ?? '')
    const options = { argumentsDigest, claimId: 'k' }
    await expect(remote.claim(agent, other.requestId ?? '', options)).rejects.toMatchObject({
      code: 'ERR_CLAIM_REFUSED',
    })
    await s.reject(other.requestId ?? '')
    await expect(remote.claim(agent, other.requestId ?? '', options)).rejects.toMatchObject({
      code: 'ERR_APPROVAL_REJECTED',
    })
  })

  test('I8, T52: without a sign of life it is unknown, and whoever held it may still say how it ended', async () => {
    const { s, remote, id, claimed } = await approved()
    const { fencingToken } = await remote.claim(agent, id, { ...claimed, lease: '30s' })
    for (let beat = 0; beat < 3; beat += 1) {
      await s.clock.advance('20s')
      await remote.heartbeat(agent, id, { fencingToken, lease: '30s' })
    }
    expect(await s.request(id)).toMatchObject({ status: 'executing' })
    await s.clock.advance('3m')
    expect(await s.request(id)).toMatchObject({ status: 'unknown' })
    await expect(remote.heartbeat(agent, id, { fencingToken })).rejects.toMatchObject({
      code: 'ERR_CLAIM_REFUSED',
    })
    const late = await remote.outcome(agent, id, fencingToken, { status: 'succeeded' })
    expect(late).toMatchObject({ status: 'unknown', lateOutcome: { status: 'succeeded' } })
  })

  test('T52: nobody else tells the outcome, and a second word changes nothing', async () => {
    const { remote, id, claimed } = await approved()
    const { fencingToken } = await remote.claim(agent, id, claimed)
    await expect(remote.outcome(agent, id, 'forged', { status: 'succeeded' })).rejects.toMatchObject({
      code: 'ERR_CLAIM_REFUSED',
    })
    await remote.outcome(agent, id, fencingToken, { status: 'failed', summary: 'exit 1' })
    expect(await remote.outcome(agent, id, fencingToken, { status: 'failed' })).toMatchObject({
      status: 'failed',
    })
    await expect(remote.outcome(agent, id, fencingToken, { status: 'succeeded' })).rejects.toMatchObject({
      code: 'ERR_CLAIM_REFUSED',
    })
  })

  test('I7: through a gate without a log nothing is claimed, and the approval is not used up', async () => {
    const { s, remote, id, claimed } = await approved()
    const elsewhere = reviewAccess(s.neighbour({ audit: null }).gate).remote
    await expect(elsewhere.claim(agent, id, claimed)).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' })
    expect(await s.request(id)).toMatchObject({ status: 'approved' })
    expect(await remote.claim(agent, id, claimed)).toMatchObject({ requestId: id })
  })

  test('I7: a claim is given out to nobody before the log holds it, however often it is asked for', async () => {
    const { s, remote, id, claimed } = await approved()
    let failing = true
    s.audit.failing = (events) => failing && events.some(({ type }) => type === 'execution.started')
    const both = [remote.claim(agent, id, claimed), remote.claim(agent, id, claimed)].map(attempt)
    await Promise.all(both.map(({ ended }) => ended))
    for (const one of both) expect(one.code).toMatch(/^ERR_(AUDIT_UNAVAILABLE|CLAIM_REFUSED)$/)
    expect(await s.request(id)).toMatchObject({ status: 'executing' })
    await expect(remote.claim(agent, id, claimed)).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' })
    expect(await s.types(id)).not.toContain('execution.started')
    failing = false
    const { fencingToken } = await remote.claim(agent, id, claimed)
    expect(await s.types(id)).toContain('execution.started')
    await remote.outcome(agent, id, fencingToken, { status: 'succeeded' })
    expect(await s.request(id)).toMatchObject({ status: 'succeeded' })
  })

  test('I8: one whose claim could never be given out becomes unknown', async () => {
    const { s, remote, id, claimed } = await approved()
    s.audit.failing = (events) => events.some(({ type }) => type === 'execution.started')
    await expect(remote.claim(agent, id, claimed)).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' })
    await s.clock.advance('3m')
    expect(await s.request(id)).toMatchObject({ status: 'unknown' })
    await expect(remote.claim(agent, id, claimed)).rejects.toMatchObject({ code: 'ERR_EXECUTION_UNKNOWN' })
  })

  test('I4: the owner of the remote agent cannot approve its calls', async () => {
    const s = scene()
    const { remote } = reviewAccess(s.gate)
    const { requestId } = await remote.ask({ ...agent, owner: ada }, asked)
    expect(await s.approve(requestId ?? '', ada)).toMatchObject({ reason: 'own-request' })
  })

  test('reviewers edit calls of actions that this program knows, and a wrapper of that name still counts', async () => {
    const s = scene()
    const action = defineAction({ name: 'tf.apply' })
    const { remote } = reviewAccess(s.gate, [action])
    const { requestId } = await remote.ask(agent, asked)
    const id = requestId ?? ''
    expect(await s.approve(id, ada, { edits: [{ path: '/plan', value: 'p2' }] })).toMatchObject({
      status: 'counted',
    })
    const { edited } = await s.request(id)
    const claimed = await remote.claim(agent, id, { argumentsDigest: edited?.digest ?? '', claimId: 'k' })
    expect(claimed.arguments).toEqual({ plan: 'p2' })
    await expect(s.gate.resume(id)).rejects.toMatchObject({ code: 'ERR_REQUEST_NOT_RESUMABLE' })
    s.gate.requireApproval(s.effect, { action })
    const own = await s.gate.request({ action, args: { plan: 'p3' }, context: { wait: 'suspend' } })
    await s.approve(own.requestId ?? '')
    expect(await s.gate.resume(own.requestId ?? '')).toBe('done')
  })

  test('the schema of an action that this program knows is applied', async () => {
    const s = scene()
    const reject = { issues: [{ message: 'no plan', path: ['plan'] }] }
    const input = { '~standard': { version: 1, vendor: 'test', validate: () => reject } } as const
    const { remote } = reviewAccess(s.gate, [defineAction({ name: 'tf.apply', input })])
    await expect(remote.ask(agent, asked)).rejects.toMatchObject({ code: 'ERR_ARGUMENTS_INVALID' })
  })

  test('the same call asked again is the same request; other arguments under its id are a conflict', async () => {
    const s = scene()
    const { remote } = reviewAccess(s.gate)
    const first = await remote.ask(agent, asked)
    expect((await remote.ask(agent, asked)).requestId).toBe(first.requestId)
    await expect(remote.ask(agent, { ...asked, args: { plan: 'p2' } })).rejects.toMatchObject({
      code: 'ERR_KEY_CONFLICT',
    })
    await settle()
    expect(await s.pending()).toHaveLength(1)
  })
})

describe('runs elsewhere', () => {
  test('no program goes by the id of the gate’s own agent, and claims what that one asked for', async () => {
    const s = scene()
    attempt(s.gate.request({ action: 'a.run', args: { n: 1 }, context: { key: 'k' } }))
    const { id, argumentsDigest } = await s.only()
    await s.approve(id)
    const { remote, agentId } = reviewAccess(s.gate)
    const agent = { id: agentId, name: 'bot', owner: null }
    const refused = { code: 'ERR_OPTION_INVALID', message: expect.stringMatching(/"bot".*another id/) }
    await expect(remote.claim(agent, id, { argumentsDigest, claimId: 'c' })).rejects.toMatchObject(refused)
    await expect(
      remote.ask(agent, { action: 'a.run', args: { n: 1 }, context: { key: 'k' } }),
    ).rejects.toMatchObject(refused)
    await expect(remote.heartbeat(agent, id, { fencingToken: 't' })).rejects.toMatchObject(refused)
    await expect(remote.outcome(agent, id, 't', { status: 'failed' })).rejects.toMatchObject(refused)
    expect(await s.request(id)).toMatchObject({ status: 'approved', execution: null })
  })
})
