import type { ApprovalRequest, ApprovalStore, GateOptions, PersonRef } from '@gatewright/core'
import { group, memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { ada, attempt, ben, cleo, member, type Scene, scene } from '../../packages/core/test/scene'

const mia = member('mia')
const INVALIDATED = {
  code: 'ERR_APPROVAL_INVALIDATED',
  error: expect.objectContaining({ reason: 'a reviewer who approved it is no longer eligible' }),
}

describe('who lost the role before the run', () => {
  test('T23: a reviewer who lost the role before the run no longer counts', async () => {
    let groups = ['ops']
    const resolve = async ({ issuer, subject }: PersonRef) => ({ issuer, subject, name: subject, groups })
    const { s, id } = await pendingSuspended(resolve)
    await s.approve(id, ada)
    groups = []
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })('users'))
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
    expect(s.runs).toEqual([])
    expect(await s.types(id)).toEqual([
      'request.created',
      'request.vote-cast',
      'request.approved',
      'request.invalidated',
    ])
  })

  test('T23: a directory that cannot answer before the run makes the approval fall', async () => {
    let down = false
    const resolve = async ({ issuer, subject }: PersonRef) => {
      if (down) throw new Error('ldap: connection refused')
      return { issuer, subject, name: subject, groups: ['ops'] }
    }
    const { s, id } = await pendingSuspended(resolve)
    await s.approve(id, ada)
    down = true
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })('users'))
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
    expect(s.runs).toEqual([])
  })

  test('T23: a quorum that still stands without the one who left runs', async () => {
    const gone = new Set<string>()
    const resolve = async ({ issuer, subject }: PersonRef) => ({
      issuer,
      subject,
      name: subject,
      groups: gone.has(subject) ? [] : ['ops'],
    })
    const s = scene({ directory: { resolve }, wait: 'suspend', reviewers: group('ops', { atLeast: 2 }) })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })
    await attempt(tool('users')).ended
    const { id } = await s.only()
    await s.approve(id, ada)
    await s.approve(id, ben)
    gone.add('cleo')
    const call = attempt(tool('users'))
    await call.ended
    expect(call.value).toBe('done')
    expect(s.runs).toHaveLength(1)
    expect((await s.approve(id, cleo)).status).toBe('refused')
  })
})

describe('who lost the role, and escalation', () => {
  test.each([
    ['joined them since', ['ops']],
    ['was one of them all the time', ['ops', 'leads']],
  ])(
    'T23: a reviewer who left no longer counts as one of those to whom it was escalated after the vote (%s)',
    async (_when, before) => {
      const s = company({ ada: before, ben: ['ops'] }, 2)
      const { id, run } = await asked(s)
      expect((await s.approve(id, ada)).status).toBe('counted')
      await s.clock.advance('11m')
      s.roles.ada = ['leads']
      expect((await s.approve(id, ben)).status).toBe('counted')
      expect(await run()).toMatchObject(INVALIDATED)
      expect(s.runs).toEqual([])
      expect(await s.types(id)).toEqual([
        'request.created',
        'request.vote-cast',
        'request.escalated',
        'request.vote-cast',
        'request.approved',
        'request.invalidated',
      ])
    },
  )

  test.each([
    ['is still one of them', ['leads'], true],
    ['joined the reviewers meanwhile, who were asked as well', ['ops'], true],
    ['left both', [], false],
  ])(
    'T23: who voted because it had been escalated counts while they were asked: %s',
    async (_who, after, runs) => {
      const s = company({ mia: ['leads'] })
      const { id, run } = await asked(s)
      expect((await s.approve(id, mia)).status).toBe('refused')
      await s.clock.advance('11m')
      expect((await s.approve(id, mia)).status).toBe('counted')
      s.roles.mia = after
      expect(await run()).toMatchObject(runs ? { value: 'done' } : INVALIDATED)
      expect(s.runs).toHaveLength(runs ? 1 : 0)
    },
  )

  test('T23: the order of the moves tells what was asked, wherever the clock is put', async () => {
    const s = company({ ada: ['ops'], ben: ['ops'], mia: ['leads'] }, 3, { delivery: { attempts: 1 } })
    // Whom nobody could be told of is escalated at once, and not by time.
    let fail = () => {}
    s.desk.onDeliver = (_review, { purpose }) =>
      new Promise((resolve, reject) => {
        if (purpose === 'ask') fail = () => reject(new Error('nobody home'))
        else resolve({})
      })
    const { id, run } = await asked(s)
    const opened = s.clock.now()
    await s.approve(id, ada)
    s.clock.setNow(opened - 3_600_000)
    fail()
    await s.clock.settle()
    await s.approve(id, ben)
    s.clock.setNow(opened - 7_200_000)
    expect((await s.approve(id, mia)).status).toBe('counted')
    const { votes } = await s.request(id)
    const [escalation] = await s.events('request.escalated')
    const times = [votes[2]?.at, escalation?.time, votes[0]?.at].map(Number)
    expect(times).toEqual([...times].sort((one, other) => one - other))
    expect(votes.map(({ escalated }) => escalated)).toEqual([undefined, [[0, 0]], [[0, 0]]])
    s.roles.ada = ['leads']
    expect(await run()).toMatchObject(INVALIDATED)
    expect(s.runs).toEqual([])
  })

  test('T23: an edit begins anew: an escalation before it asks nobody of the edited call', async () => {
    const s = company({ ada: ['ops'] })
    const { id, run } = await asked(s)
    await s.clock.advance('11m')
    const edits = [{ path: '/table', value: 'events' }]
    expect((await s.approve(id, ada, { edits })).status).toBe('counted')
    s.roles.ada = ['leads']
    expect(await run()).toMatchObject(INVALIDATED)
    expect(s.runs).toEqual([])
  })

  test('T23: of a vote that was kept without what was asked, no escalation is assumed', async () => {
    const clock = fakeClock()
    const s = company({ mia: ['leads'] }, 1, { clock, store: forgetful(memoryStore({ clock })) })
    const { id, run } = await asked(s)
    await s.clock.advance('11m')
    expect((await s.approve(id, mia)).status).toBe('counted')
    expect(await run()).toMatchObject(INVALIDATED)
    expect(s.runs).toEqual([])
  })

  test.each([
    ['is one of them', ['leads'], 2],
    ['left', [], 1],
  ])(
    'T23: another attempt stands on the votes of those to whom it was escalated while each %s',
    async (_who, after, runs) => {
      const s = company({ mia: ['leads'] })
      let ran = 0
      const effect = async () => {
        ran += 1
        if (ran === 1) throw new Error('disk full')
        return 'done'
      }
      const options = { action: 'data.export', key: () => 'k', idempotent: true } as const
      const tool = s.gate.requireApproval(effect, options)
      await attempt(tool()).ended
      const { id } = await s.only()
      await s.clock.advance('11m')
      await s.approve(id, mia)
      await attempt(tool()).ended
      expect(ran).toBe(1)
      s.roles.mia = after
      const retry = attempt(s.gate.as({ retry: true }, () => tool()))
      await retry.ended
      expect(retry).toMatchObject(runs === 2 ? { value: 'done' } : INVALIDATED)
      expect(ran).toBe(runs)
    },
  )
})

/** A gate whose reviewers are `ops`, and after ten minutes also `leads`; who is what may change at any time. */
function company<Name extends string>(
  roles: Record<Name, string[]>,
  atLeast = 1,
  options: Partial<GateOptions> = {},
): Scene & { readonly roles: Record<Name, string[]> } {
  const of: Readonly<Record<string, string[]>> = roles
  const resolve = async ({ issuer, subject }: PersonRef) => ({
    issuer,
    subject,
    name: subject,
    groups: of[subject] ?? [],
  })
  const requirement = {
    reviewers: group('ops', { atLeast }),
    escalate: { after: '10m', to: group('leads') },
    within: '5h',
  } as const
  return { ...scene({ directory: { resolve }, wait: 'suspend', requirement, ...options }), roles }
}

/** A suspended call; `run` makes it again, which runs it where it is approved. */
async function asked(s: Scene) {
  const tool = s.gate.requireApproval(s.effect, {
    action: 'data.export',
    parameters: ['table'],
    key: () => 'k',
  })
  await attempt(tool('users')).ended
  const { id } = await s.only()
  const run = async () => {
    const call = attempt(tool('users'))
    await call.ended
    return call
  }
  return { id, run }
}

/** A store whose votes do not say what was asked, as they were kept by earlier versions. */
function forgetful(store: ApprovalStore): ApprovalStore {
  const forget = (request: ApprovalRequest): ApprovalRequest => ({
    ...request,
    votes: request.votes.map(({ escalated: _, ...vote }) => vote),
  })
  return {
    ...store,
    transition: (move) => store.transition({ ...move, next: forget(move.next) }),
  }
}

async function pendingSuspended(
  resolve: (ref: PersonRef) => Promise<{ issuer: string; subject: string; name: string; groups: string[] }>,
) {
  const s = scene({ directory: { resolve }, wait: 'suspend' })
  await attempt(s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })('users')).ended
  const { id } = await s.only()
  return { s, id }
}
