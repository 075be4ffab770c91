import * as core from '@gatewright/core'
import {
  type GateOptions,
  group,
  memoryAudit,
  memoryStore,
  type Policy,
  person,
  when,
} from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { mockApprover } from '@gatewright/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ada, attempt, ben, desk, member, scene, settle } from '../../packages/core/test/scene'

const sound: GateOptions = {
  agent: { id: 'bot', owner: null },
  approvers: [],
  ephemeral: true,
  reviewers: group('ops'),
}

afterEach(() => void vi.unstubAllEnvs())

/** The option that a gate refuses. */
function refused(options: object): string {
  try {
    core.createGate(options as GateOptions)
  } catch (error) {
    if (error instanceof core.OptionError) return error.option
    throw error
  }
  return 'nothing'
}

describe('a gate that is set up wrongly does not open', () => {
  test('T08: extra fields of a vote set nothing: the whole vote is refused', async () => {
    const s = scene()
    void attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id, reviewDigest } = await s.only()
    for (const extra of [
      { status: 'approved' },
      { votes: [] },
      { reviewers: ['mallory'] },
      { countsIn: [[0, 0]] },
      { version: 9 },
      { person: ada },
    ]) {
      const vote = attempt(
        s.gate.vote({ requestId: id, decision: 'approve', digest: reviewDigest, actor: ada, ...extra }),
      )
      await vote.ended
      expect(vote.code).toBe('ERR_VOTE_MALFORMED')
    }
    expect((await s.request(id)).version).toBe(1)
    expect(s.runs).toEqual([])
  })

  test('T18: a missing, short or empty secret keeps the gate from being made', () => {
    const sealing = {
      approvers: [desk('chat', { needsSecret: true })],
      ephemeral: false,
      store: memoryStore(),
      audit: memoryAudit(),
    }
    expect(refused({ ...sound, ...sealing })).toBe('createGate.secrets')
    for (const secrets of [
      [],
      [''],
      ['short'],
      [' '.repeat(40)],
      'a string of more than thirty-two characters',
      [undefined],
      null,
    ]) {
      expect(refused({ ...sound, ...sealing, secrets })).toBe('createGate.secrets')
      expect(refused({ ...sound, secrets })).toBe('createGate.secrets')
    }
    expect(refused({ ...sound, ...sealing, secrets: ['a string of more than thirty-two characters'] })).toBe(
      'nothing',
    )
  })

  test('T18: without a secret nothing is sealed, and nothing opens', async () => {
    const s = scene()
    await s.gate.start()
    expect(() => s.desk.host.seal({ requestId: 'r', digest: 'd', audience: 'a', expiresAt: 1 })).toThrow(
      /secret/,
    )
    expect(s.desk.host.open('x.y', 'a')).toBeNull()
  })

  test('T26: a grant for one thing covers that thing, so often, so long, and nothing else', async () => {
    const s = scene({ requirement: { reviewers: group('ops'), grantable: true } })
    const tool = s.gate.requireApproval(s.effect, { action: 'shell.run', parameters: ['command', 'options'] })
    const grant = await reviewAccess(s.gate).grants.create(
      {
        action: 'shell.run',
        constraints: [{ path: '/command', equals: 'ls' }],
        expiresIn: '1h',
        uses: 2,
        note: 'listing is fine',
      },
      ada,
    )
    const covered = attempt(tool('ls'))
    await covered.ended
    expect(covered.value).toBe('done')
    const others = [tool('rm -rf /'), tool('ls '), tool('ls', { cwd: '/root' }), tool(['ls'])].map((call) =>
      attempt(call),
    )
    const other = attempt(
      s.gate.requireApproval(s.effect, { action: 'shell.exec', parameters: ['command'] })('ls'),
    )
    expect(await s.pending()).toHaveLength(5)
    expect([...others, other].every(({ state }) => state === 'waiting')).toBe(true)
    await attempt(tool('ls')).ended
    const third = attempt(tool('ls'))
    await settle()
    expect(third.state).toBe('waiting')
    expect(s.runs).toHaveLength(2)
    const starts = await s.events('execution.started')
    expect(starts.map(({ data }) => [data['basis'], data['grantId']])).toEqual([
      ['grant', grant.id],
      ['grant', grant.id],
    ])
    expect(await s.events('grant.created')).toHaveLength(1)
  })

  test('T26: a grant for several arguments covers no object that has members of their names', async () => {
    const s = scene({ requirement: { reviewers: group('ops'), grantable: true } })
    const tool = s.gate.requireApproval(s.effect, { action: 'math.add' })
    await reviewAccess(s.gate).grants.create(
      {
        action: 'math.add',
        constraints: [
          { path: '/arg0', equals: 1 },
          { path: '/arg1', equals: 2 },
        ],
        expiresIn: '1h',
        uses: 9,
        note: 'one and two',
      },
      ada,
    )
    await attempt(tool(1, 2)).ended
    const others = [tool({ arg0: 1, arg1: 2 }), tool({ arg0: 1, arg1: 2 }, 2), tool({ arg0: 1 }, 2)]
    const calls = others.map((call) => attempt(call))
    await settle()
    expect(calls.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting'])
    expect(s.runs).toEqual([[1, 2]])
  })

  test('T26: a grant that expired, was revoked, or comes from the wrong people covers nothing', async () => {
    const grantable = { reviewers: group('ops'), grantable: true } as const
    const give = {
      action: 'shell.run',
      constraints: [{ path: '', any: true }],
      expiresIn: '1h',
      uses: 100,
      note: 'all of it',
    } as const
    const expired = scene({ requirement: grantable })
    await reviewAccess(expired.gate).grants.create(give, ada)
    await expired.clock.advance('61m')
    const revoked = scene({ requirement: grantable })
    const { id } = await reviewAccess(revoked.gate).grants.create(give, ada)
    await reviewAccess(revoked.gate).grants.revoke(id, ben, 'no more')
    const outsider = scene({ requirement: grantable })
    await reviewAccess(outsider.gate).grants.create(give, member('mallory', ['interns']))
    const alone = scene({ requirement: { reviewers: group('ops', { atLeast: 2 }), grantable: true } })
    await reviewAccess(alone.gate).grants.create(give, ada)
    const forbidden = scene({ requirement: { reviewers: group('ops') } })
    await reviewAccess(forbidden.gate).grants.create(give, ada)
    const forGiver = scene({ requirement: grantable, onBehalfOf: () => ada })
    await reviewAccess(forGiver.gate).grants.create(give, ada)
    for (const s of [expired, revoked, outsider, alone, forbidden, forGiver]) {
      const call = attempt(s.gate.requireApproval(s.effect, { action: 'shell.run' })('ls'))
      await settle()
      expect(call.state).toBe('waiting')
      expect(s.runs).toEqual([])
    }
  })

  test('T26: of many calls that race for the last use of a grant, one gets it', async () => {
    const s = scene({ requirement: { reviewers: group('ops'), grantable: true } })
    await reviewAccess(s.gate).grants.create(
      { action: 'shell.run', constraints: [{ path: '', any: true }], expiresIn: '1h', uses: 1, note: 'once' },
      ada,
    )
    const tool = s.gate.requireApproval(s.effect, { action: 'shell.run' })
    const calls = Array.from({ length: 8 }, (_, n) => attempt(tool(n)))
    await settle()
    expect(s.runs).toHaveLength(1)
    for (const { state, code } of calls)
      expect(
        ['resolved', 'waiting', 'rejected'].includes(state) && (code ?? 'ERR_APPROVAL_INVALIDATED'),
      ).toBe('ERR_APPROVAL_INVALIDATED')
  })

  test('T31: the configuration stands in the log by its hash, and another one has another', async () => {
    const hashes: unknown[] = []
    for (const policy of [[], [when('a').allow()], [when('a').allow({ version: 2 })], [when('a').allow()]]) {
      const s = scene({ policy })
      await s.gate.start()
      hashes.push((await s.events('gate.started'))[0]?.data['configurationHash'])
    }
    expect(new Set(hashes).size).toBe(3)
    expect(hashes[1]).toBe(hashes[3])
  })

  test('T31: what an agent does to the options after the gate was made changes nothing', async () => {
    const policy: Policy[] = []
    const approvers = [desk()]
    const options = { policy, reviewers: group('ops'), approvers, agent: { id: 'bot', owner: ada } }
    const s = scene(options)
    policy.push({ id: 'all', version: 1, decide: () => ({ effect: 'allow' }) })
    Object.assign(options.agent, { owner: null })
    Object.assign(options, { mode: 'observe' })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    expect((await s.approve(id, ada)).status).toBe('refused')
    expect(call.state).toBe('waiting')
    expect(s.runs).toEqual([])
  })

  test('T32: an ungated tool is found at start-up, and one that is added later is refused', () => {
    const { gate, effect } = scene()
    const gated = gate.requireApproval(effect, { action: 'data.export' })
    expect(() => gate.guardTools({ gated, raw: effect })).toThrow(
      /"effect" would run without a gate|"raw" would run without a gate/,
    )
    expect(() => gate.guardTools([{ name: 'mail', execute: effect }])).toThrow(/"mail"/)
    const tools = gate.guardTools<Record<string, unknown>>({ gated, mail: { name: 'mail', execute: gated } })
    const before = Object.keys(tools)
    for (const sneak of [
      () => Object.assign(tools, { raw: effect }),
      () => Object.defineProperty(tools, 'raw', { value: effect }),
      () => Object.defineProperty(tools, 'raw', { get: () => effect }),
      () => Object.setPrototypeOf(tools, { raw: effect }),
      () => {
        tools['raw'] = { execute: effect }
      },
    ]) {
      expect(sneak).toThrow()
    }
    expect(Object.keys(tools)).toEqual(before)
    const list = gate.guardTools<unknown[]>([gated])
    expect(() => list.push(effect)).toThrow(/without a gate/)
    list.push(gated)
    expect(list).toHaveLength(2)
  })

  test('T32: a tool with one gated and one raw way to run is ungated', () => {
    const { gate, effect } = scene()
    const gated = gate.requireApproval(effect, { action: 'data.export' })
    expect(() => gate.guardTools([{ name: 'two-faced', execute: gated, invoke: effect }])).toThrow(
      /"two-faced"/,
    )
    expect(() => gate.guardTools([{ name: 'empty' }])).toThrow(/"empty"/)
  })

  test('T40: a misspelt or unknown option is refused, and named', () => {
    expect(refused({ ...sound, polciy: [] })).toBe('createGate.polciy')
    expect(refused({ ...sound, agent: { id: 'bot', owner: null, onwer: ada } })).toBe(
      'createGate.agent.onwer',
    )
    expect(refused({ ...sound, timeouts: { polcy: '1s' } })).toBe('createGate.timeouts.polcy')
    expect(refused({ ...sound, rateLimit: { maximum: 1, per: '1s' } })).toBe('createGate.rateLimit.maximum')
    expect(refused({ ...sound, mode: 'Observe' })).toBe('createGate.mode')
    expect(refused({ ...sound, mode: 'permissive' })).toBe('createGate.mode')
    const { gate, effect } = scene()
    expect(() => gate.requireApproval(effect, { action: 'data.export', idempotnet: true } as never)).toThrow(
      /idempotnet/,
    )
    expect(() => gate.requireApproval(effect, { action: 'Data Export' })).toThrow(/action|name/)
    expect(() => gate.requireApproval(effect, {} as never)).toThrow(core.OptionError)
    expect(() => gate.requireApproval('effect' as never, { action: 'data.export' })).toThrow(core.OptionError)
  })

  test.each<[string, unknown]>([
    ['nothing', () => {}],
    ['undefined later', async () => {}],
    ['a truthy word', () => 'yes'],
    ['a number', () => 1],
    ['an object', () => ({})],
  ])('T40: a condition that answers %s denies', async (_what, predicate) => {
    const s = scene({
      policy: [
        when('*')
          .if(predicate as never)
          .allow(),
      ],
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await settle()
    expect(call.code).toBe('ERR_APPROVAL_DENIED')
    expect(s.runs).toEqual([])
    expect(JSON.stringify(await s.events('call.denied'))).toContain('"failed":true')
  })

  test('T40: a gate that nobody can review for, or that forgets without saying so, is not made', () => {
    const { reviewers: _, ...nobody } = sound
    expect(refused(nobody)).toBe('createGate.reviewers')
    expect(refused({ ...sound, requirement: { reviewers: group('ops') } })).toBe('createGate.reviewers')
    expect(refused({ ...sound, ephemeral: false })).toBe('createGate.store')
    expect(refused({ ...sound, ephemeral: false, store: memoryStore() })).toBe('createGate.audit')
    expect(refused({ ...sound, agent: { id: 'bot' } })).toBe('createGate.agent.owner')
    expect(refused({ ...sound, approvers: undefined })).toBe('createGate.approvers')
    expect(refused({ ...sound, approvers: [desk(), desk()] })).toBe('createGate.approvers')
  })

  test('T40: a call before there is a gate fails, and runs nothing', async () => {
    const { effect, runs } = scene()
    core.setDefaultGate(null)
    const call = attempt(core.requireApproval(effect, { action: 'data.export' })('users'))
    await call.ended
    expect(call.code).toBe('ERR_GATE_MISSING')
    expect(call.message).toMatch(/nothing was executed/i)
    expect(runs).toEqual([])
  })

  test('T02: demo identities and mock approvers are refused in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const s = scene({ approvers: [mockApprover()] })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await call.ended
    expect(call.state).toBe('rejected')
    expect(s.runs).toEqual([])
    expect(person('i', 's').type).toBe('human')
  })
})
