import { type AuditEvent, currentSession, group, when } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { simulate } from '@gatewright/testing/simulation'
import { ada, attempt, ben, desk, fakeBroker, type Scene, scene, settle } from '../../core/test/scene'

/** Events as gates really made them: of simulated worlds, and of what those do not do. */
export async function engineEvents(seeds: number): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = []
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { evidence } = await simulate({ seed })
    for (const log of Object.values(evidence.logs)) {
      const lines = Buffer.from(log).toString().split('\n').filter(Boolean)
      events.push(...lines.map((line): AuditEvent => JSON.parse(line).event))
    }
  }
  for (const play of [leases, grants, fallen, late, refused, awkward, sealed, linked]) {
    const s = await play()
    await settle()
    events.push(...s.audit.events)
  }
  return events
}

async function leases(): Promise<Scene> {
  const s = scene()
  const kept = fakeBroker('db')
  const stuck = fakeBroker('aws')
  stuck.failing = 'revoke'
  const tool = s.gate.requireApproval(s.effect, { action: 'a.run', credentials: { kept, stuck } })
  const call = attempt(tool())
  await s.approve((await s.only()).id)
  await call.ended
  await s.clock.advance('10m')
  return s
}

/** The outcome of a call cannot be published: nothing more runs. */
async function sealed(): Promise<Scene> {
  const s = scene({ policy: [when('*').allow()] })
  const tool = s.gate.requireApproval(
    async () => {
      s.audit.failing = () => true
    },
    { action: 'a.run' },
  )
  await attempt(tool()).ended
  s.audit.failing = null
  await s.clock.advance('5m')
  return s
}

async function grants(): Promise<Scene> {
  const s = scene({ reviewers: group('ops', { atLeast: 2 }) })
  const constraints = [{ path: '/to', oneOf: ['ops@example.com', '日本', 1.5e-7] }]
  const grant = await reviewAccess(s.gate).grants.create(
    { action: 'mail.send', constraints, expiresIn: '1h', uses: 1 },
    ada,
  )
  await reviewAccess(s.gate).grants.endorse(grant.id, ben)
  await reviewAccess(s.gate).grants.revoke(grant.id, ben, 'over')
  return s
}

/** A chat identity becomes that of a person, and is taken back. */
async function linked(): Promise<Scene> {
  const chat = desk('chat')
  const s = scene({ approvers: [chat], secrets: ['s'.repeat(32)], linking: (token) => token })
  await s.gate.start()
  const { identities } = reviewAccess(s.gate)
  const identity = { issuer: 'slack:T1', subject: 'U1' }
  await identities.link(chat.host.invite(identity, 'Ada ✓') ?? '', ada)
  await identities.unlink(identity, ada)
  return s
}

async function fallen(): Promise<Scene> {
  const s = scene()
  let pinned = 'before'
  const tool = s.gate.requireApproval(s.effect, {
    action: 'script.run',
    pin: () => ({ script: pinned }),
  })
  const call = attempt(tool())
  const { id } = await s.only()
  pinned = 'after'
  await s.approve(id)
  await call.ended
  return s
}

async function late(): Promise<Scene> {
  const s = scene()
  let finish = () => {}
  const stuck = () => new Promise<void>((resolve) => (finish = resolve))
  const options = { action: 'a.run', executionTimeout: '10s', grace: '5s' } as const
  const call = attempt(s.gate.requireApproval(stuck, options)())
  const { id } = await s.only()
  await s.approve(id)
  await s.clock.advance('16s')
  await call.ended
  finish()
  await settle()
  await s.gate.reconcile(id, { by: ada, note: 'it did run' })
  return s
}

async function refused(): Promise<Scene> {
  const s = scene({ rateLimit: { max: 1, per: '1h' } })
  const tool = s.gate.requireApproval(s.effect, { action: 'a.run' })
  attempt(tool(1))
  await s.only()
  await attempt(tool(2)).ended
  return s
}

/** Names and texts that formats trip over. */
async function awkward(): Promise<Scene> {
  const s = scene({ agent: { id: 'bot 1/ü:%41"\\\u0000', owner: null, model: '😀\u2028</script>' } })
  const tool = s.gate.requireApproval(
    async (value: unknown) => {
      currentSession()?.record('step\u007f', { ratio: 1e21, '10': 1, '9': -0, list: [[], {}] })
      return value
    },
    { action: 'a.run', parameters: ['value'] },
  )
  const call = attempt(tool({ __proto__x: 1, z: '\ufeff\u200b', a: [1e-7, 0.1 + 0.2] }))
  const { id } = await s.only()
  await s.approve(id, ada, { note: 'ja — "gut"\n\t\u2029' })
  await call.ended
  return s
}
