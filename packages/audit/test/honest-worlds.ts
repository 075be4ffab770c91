import { type AuditEvent, currentSession, group, person, when } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import {
  ada,
  attempt,
  ben,
  cleo,
  fakeBroker,
  ISSUER,
  member,
  olga,
  type Scene,
  scene,
  settle,
} from '../../core/test/scene'

/** Every kind of ending that a call can have, as a real gate records it. By name, with what its one log then holds. */
export async function honestWorlds(): Promise<ReadonlyMap<string, readonly AuditEvent[]>> {
  const worlds = new Map<string, readonly AuditEvent[]>()
  for (const [name, play] of Object.entries(PLAYS)) {
    const s = await play()
    await s.close()
    await settle()
    worlds.set(name, s.audit.events)
  }
  return worlds
}

/** One of the worlds. */
export async function honestWorld(name: keyof typeof PLAYS): Promise<readonly AuditEvent[]> {
  const s = await PLAYS[name]()
  await s.close()
  await settle()
  return s.audit.events
}

const PLAYS = {
  async allowed() {
    const s = scene({ policy: [when('*').allow()] })
    await s.gate.requireApproval(s.effect, { action: 'data.read' })('users')
    await attempt(
      s.gate.requireApproval(
        async () => {
          throw new Error('no such table')
        },
        { action: 'data.read' },
      )(),
    ).ended
    await s.gate.requireApproval(s.effect, { action: 'data.read', key: () => 'k' })('users')
    return s
  },
  async voted() {
    const s = scene()
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await s.approve((await s.only()).id, ada, { note: 'checked' })
    await call.ended
    return s
  },
  async quorum() {
    const s = scene({
      agent: { id: 'bot', owner: olga },
      requirement: {
        stages: [
          { reviewers: group('ops'), atLeast: 2, assurance: { sso: true } },
          { reviewers: person(ISSUER, 'cleo', { groups: [] }) },
        ],
        noteFor: 'both',
      },
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.drop' })('users'))
    const { id } = await s.only()
    await s.approve(id, olga, { note: 'mine' })
    await s.approve(id, ada, { note: 'one' })
    await s.approve(id, ben, { note: 'two' })
    await s.approve(id, cleo, { note: 'three' })
    await call.ended
    await s.approve(id, cleo, { note: 'again' })
    return s
  },
  async rejected() {
    const s = scene({ reviewers: group('ops', { atLeast: 2 }) })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const call = attempt(tool('users'))
    const { id } = await s.only()
    await s.approve(id, ada)
    await s.reject(id, ada, 'on second thoughts')
    await call.ended
    await attempt(tool('users')).ended
    return s
  },
  async expired() {
    const s = scene({
      requirement: {
        reviewers: group('nobody'),
        within: '1h',
        remindEvery: '10m',
        escalate: { after: '30m', to: group('ops') },
      },
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await s.only()
    await s.clock.advance('2h')
    await call.ended
    return s
  },
  async escalated() {
    const s = scene({
      requirement: {
        reviewers: person(ISSUER, 'nemo', { groups: [] }),
        within: '1h',
        escalate: { after: '5m', to: group('ops') },
      },
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    await s.clock.advance('6m')
    await s.approve(id, ada)
    await call.ended
    return s
  },
  async cancelled() {
    const s = scene()
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await s.gate.cancel((await s.only()).id, { by: ada, reason: 'not needed' })
    await call.ended
    return s
  },
  async lapsed() {
    const s = scene()
    const call = attempt(
      s.gate.as({ wait: 'suspend' }, () =>
        s.gate.requireApproval(s.effect, { action: 'data.export' })('users'),
      ),
    )
    await call.ended
    await s.approve((await s.only()).id)
    await s.clock.advance('1h')
    return s
  },
  async resumed() {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    await attempt(s.gate.as({ wait: 'suspend' }, () => tool('users'))).ended
    const { id } = await s.only()
    await s.approve(id)
    await s.gate.resume(id)
    return s
  },
  async undeliverable() {
    const s = scene()
    s.desk.onDeliver = async () => {
      throw new Error('no such channel')
    }
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await s.clock.advance('3h')
    await call.ended
    return s
  },
  async invalidated() {
    const s = scene()
    let pinned = 'before'
    const tool = s.gate.requireApproval(s.effect, { action: 'script.run', pin: () => ({ script: pinned }) })
    const call = attempt(tool())
    const { id } = await s.only()
    pinned = 'after'
    await s.approve(id)
    await call.ended
    return s
  },
  async unknown() {
    const s = scene()
    let finish = () => {}
    const stuck = () => new Promise<void>((resolve) => (finish = resolve))
    const call = attempt(
      s.gate.requireApproval(stuck, { action: 'a.run', executionTimeout: '10s', grace: '5s' })(),
    )
    const { id } = await s.only()
    await s.approve(id)
    await s.clock.advance('16s')
    await call.ended
    finish()
    await settle()
    await s.gate.reconcile(id, { by: ada, note: 'it did run' })
    return s
  },
  async blocked() {
    const s = scene()
    const broker = fakeBroker()
    broker.failing = 'issue'
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run', credentials: { broker } })())
    await s.approve((await s.only()).id)
    await call.ended
    return s
  },
  async credentials() {
    const s = scene()
    const call = attempt(
      s.gate.requireApproval(
        async () => {
          await currentSession()?.record('rows', { count: 3 })
        },
        { action: 'a.run', credentials: { db: fakeBroker() } },
      )(),
    )
    await s.approve((await s.only()).id)
    await call.ended
    return s
  },
  async edited() {
    const s = scene({ reviewers: group('ops', { atLeast: 2 }) })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'mail.send' })({ to: 'all', rows: 5 }))
    const { id } = await s.only()
    await s.approve(id, ada)
    await s.approve(id, ben, { edits: [{ path: '/to', value: 'me' }] })
    // Back to what was proposed: the first approval counts no more, and one other is needed.
    await s.approve(id, ada, { edits: [{ path: '/to', value: 'all' }] })
    await s.approve(id, ben)
    await call.ended
    return s
  },
  async retried() {
    const s = scene()
    let failures = 2
    const tool = s.gate.requireApproval(
      async () => {
        failures -= 1
        if (failures >= 0) throw new Error('busy')
      },
      { action: 'mail.send', key: () => 'k', idempotent: true },
    )
    const call = attempt(tool())
    await s.approve((await s.only()).id, ada, {})
    await call.ended
    await attempt(s.gate.as({ retry: true }, () => tool())).ended
    await attempt(s.gate.as({ retry: true }, () => tool())).ended
    return s
  },
  async granted() {
    const s = scene({ requirement: { reviewers: group('ops', { atLeast: 2 }), grantable: true } })
    const grant = await reviewAccess(s.gate).grants.create(
      { action: 'mail.send', constraints: [{ path: '', any: true }], expiresIn: '1h', uses: 2 },
      ada,
    )
    await reviewAccess(s.gate).grants.endorse(grant.id, ben)
    const tool = s.gate.requireApproval(s.effect, { action: 'mail.send' })
    await tool('a')
    await tool('b')
    await reviewAccess(s.gate).grants.revoke(grant.id, ben, 'over')
    return s
  },
  async observed() {
    const s = scene({ mode: 'observe' })
    await s.gate.requireApproval(s.effect, { action: 'data.export' })('users')
    await s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })('users')
    return s
  },
  async denied() {
    const s = scene({ policy: [when('*').deny('not today')] })
    await attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users')).ended
    return s
  },
  async large() {
    const s = scene()
    const call = attempt(
      s.gate.requireApproval(s.effect, { action: 'data.export' })('x'.repeat(3_000), 'é'.repeat(90_000)),
    )
    await s.approve((await s.only()).id, member('dora'))
    await call.ended
    return s
  },
} satisfies Record<string, () => Promise<Scene>>
