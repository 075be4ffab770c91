import { type AuditEvent, type CredentialBroker, when } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { attempt, type FakeBroker, fakeBroker, type Scene, scene, settle } from '../../test/scene'

async function run(
  s: Scene,
  credentials: Record<string, CredentialBroker>,
  work: () => Promise<unknown> = s.effect,
) {
  const call = attempt(s.gate.requireApproval(work, { action: 'a.run', credentials })())
  for (const { id } of await s.pending()) await s.approve(id)
  await settle()
  return call
}

describe.each([
  ['by votes', { policy: [when('free.run').allow()] }],
  ["on a rule's word, without a request", { policy: [when('*').allow()] }],
] as const)('run %s', (_basis, options) => {
  const told = (s: Scene) =>
    s.audit.events.filter(({ type }) => type.startsWith('credential.')).map(({ type }) => type)

  test('I7: the log holds the lease before the broker is asked, and the credential before the function sees it', async () => {
    const s = scene(options)
    const seen: unknown[] = []
    const brokers = [fakeBroker('db'), fakeBroker('aws')]
    for (const broker of brokers) {
      const genuine = broker.issue.bind(broker)
      broker.issue = async (session, leaseId) => {
        const last = s.audit.events.at(-1)
        seen.push([last?.type, last?.data.leaseId === leaseId, last?.data.requestId === session.requestId])
        return genuine(session, leaseId)
      }
    }
    await run(s, { db: brokers[0] as FakeBroker, aws: brokers[1] as FakeBroker }, async () => {
      seen.push(told(s))
    })
    const once = ['credential.leased', 'credential.issued']
    expect(seen).toEqual([
      ['credential.leased', true, true],
      ['credential.leased', true, true],
      [...once, ...once],
    ])
    expect(await s.store.outbox.unpublished({ logId: s.audit.logId, limit: 99 })).toEqual([])
  })

  test.each(['rejects', 'hangs'])(
    'I7: when the log %s as it is told of the lease, nothing is issued and nothing runs',
    async (how) => {
      const s = scene(options)
      const db = fakeBroker('db', false)
      const leased = (events: readonly AuditEvent[]) =>
        events.some(({ type }) => type === 'credential.leased')
      if (how === 'rejects') s.audit.failing = leased
      else s.audit.hanging = leased
      const call = await run(s, { db })
      await s.clock.advance('30s')
      expect([call.code, s.runs, db.issued]).toEqual(['ERR_EXECUTION_BLOCKED', [], []])
      expect(call.message).toContain('audit log')
      expect(await s.store.credentials.list(9)).toEqual([])
      s.audit.failing = s.audit.hanging = null
      await s.clock.advance('2m')
      expect(told(s)).toEqual(['credential.leased', 'credential.revoked'])
      expect(await s.types()).toContain('execution.blocked')
    },
  )

  test.each(['rejects', 'hangs'])(
    'I7, T35: when the log %s as it is told of the credential, it is revoked and nothing runs',
    async (how) => {
      const s = scene(options)
      const [db, aws] = [fakeBroker('db', false), fakeBroker('aws', false)]
      const issued = (events: readonly AuditEvent[]) =>
        events.some(({ type, data }) => type === 'credential.issued' && data.broker === 'aws')
      if (how === 'rejects') s.audit.failing = issued
      else s.audit.hanging = issued
      const call = await run(s, { db, aws })
      await s.clock.advance('30s')
      expect([call.code, s.runs]).toEqual(['ERR_EXECUTION_BLOCKED', []])
      expect([db.issued.length, db.alive.size, aws.issued.length, aws.alive.size]).toEqual([1, 0, 1, 0])
      expect(await s.store.credentials.list(9)).toEqual([])
    },
  )

  test('I7: a gate that was sealed while the broker took its time runs nothing', async () => {
    const s = scene(options)
    const db = fakeBroker()
    const slow = fakeBroker('slow')
    const genuine = slow.issue.bind(slow)
    slow.issue = async (session, leaseId) => {
      s.audit.failing = (events) => events.some(({ type }) => type === 'execution.succeeded')
      await attempt(s.gate.requireApproval(async () => {}, { action: 'free.run' })()).ended
      s.audit.failing = null
      return genuine(session, leaseId)
    }
    const call = await run(s, { db, slow })
    expect([call.code, s.runs]).toEqual(['ERR_EXECUTION_BLOCKED', []])
    expect([db.alive.size, slow.alive.size]).toEqual([0, 0])
  })

  test('a caller that gives up while the broker takes its time gets no run', async () => {
    const s = scene(options)
    const db = fakeBroker()
    const stop = new AbortController()
    const genuine = db.issue.bind(db)
    db.issue = async (session, leaseId) => {
      stop.abort()
      return genuine(session, leaseId)
    }
    const call = await s.gate.as({ signal: stop.signal }, () => run(s, { db }))
    expect([call.code, s.runs, db.issued.length, db.alive.size]).toEqual(['ERR_EXECUTION_BLOCKED', [], 1, 0])
  })
})
