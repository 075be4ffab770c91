import { type AuditEvent, type CredentialBroker, when } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { ada, attempt, ben, scene, settle, tape } from '../../packages/core/test/scene'

describe('what happens after a decision', () => {
  test('T41: the human wait is no execution time', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, {
      action: 'data.export',
      executionTimeout: '1s',
      grace: '1s',
    })
    const call = attempt(tool('users'))
    await s.clock.advance('50m')
    expect(call.state).toBe('waiting')
    await s.approve((await s.only()).id)
    await call.ended
    expect(call.value).toBe('done')
    expect(s.runs).toHaveLength(1)
  })

  test('T41: a caller that cannot wait gets the request id at once, and the run later', async () => {
    const s = scene({ wait: 'suspend' })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })
    const first = attempt(tool('users'))
    await first.ended
    const { id } = await s.only()
    expect(first.error).toMatchObject({ code: 'ERR_APPROVAL_PENDING', requestId: id })
    expect(first.message).toMatch(/nothing was executed/i)
    await s.approve(id)
    expect(s.runs).toEqual([])
    const second = attempt(tool('users'))
    await second.ended
    expect(second.value).toBe('done')
    expect(await s.events('execution.started')).toHaveLength(1)
  })

  test.each([false, true])(
    'T44: a run that fails uses up its approval; the retry asks again unless idempotent (%s)',
    async (idempotent) => {
      const s = scene()
      let ran = 0
      const tool = s.gate.requireApproval(
        async () => {
          ran += 1
          if (ran === 1) throw new Error('disk full')
          return 'done'
        },
        { action: 'data.export', key: () => 'k', idempotent },
      )
      const first = attempt(tool())
      const { id } = await s.only()
      await s.approve(id)
      await first.ended
      expect(first.message).toBe('disk full')
      expect((await s.request(id)).outcome).toMatchObject({ status: 'failed' })

      const plain = attempt(tool())
      await plain.ended
      expect(plain.code).toBe('ERR_EXECUTION_FAILED')
      expect(ran).toBe(1)

      const retry = attempt(s.gate.as({ retry: true }, () => tool()))
      await settle()
      if (!idempotent) {
        expect(ran).toBe(1)
        const second = await s.only()
        expect(second).toMatchObject({ attempt: 2, retryOf: id, status: 'pending' })
        await s.approve(second.id, ben)
      }
      await retry.ended
      expect(retry.value).toBe('done')
      expect(ran).toBe(2)
      const created = await s.events('request.created')
      expect(created.map(({ data }) => [data['attempt'], data['retryOf'], data['basis']])).toEqual([
        [1, null, null],
        [2, id, idempotent ? 'votes' : null],
      ])
      if (idempotent) expect(created[1]?.data['carriedVotes']).toHaveLength(1)
    },
  )

  test('T44: a carried approval lapses with the first one, and serves nobody else', async () => {
    const s = scene()
    let ran = 0
    const tool = s.gate.requireApproval(
      async () => {
        ran += 1
        throw new Error('disk full')
      },
      { action: 'data.export', key: () => 'k', idempotent: true, retry: true },
    )
    const first = attempt(tool())
    await s.approve((await s.only()).id)
    await first.ended
    const forAda = attempt(s.gate.as({ onBehalfOf: ada }, () => tool()))
    await settle()
    expect(ran).toBe(1)
    await s.reject((await s.only()).id, ben)
    await forAda.ended
    await s.clock.advance('16m')
    expect(ran).toBe(1)
  })

  test('T44: an approval carried past its time asks again', async () => {
    const s = scene()
    let ran = 0
    const tool = s.gate.requireApproval(
      async () => {
        ran += 1
        throw new Error('disk full')
      },
      { action: 'data.export', key: () => 'k', idempotent: true, retry: true },
    )
    const first = attempt(tool())
    await s.approve((await s.only()).id)
    await first.ended
    await s.clock.advance('16m')
    void attempt(tool())
    expect(await s.pending()).toHaveLength(1)
    expect(ran).toBe(1)
  })

  test('T46: a rejection tells the model that retrying unchanged will not help, and retrying does not ask', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const call = attempt(tool('users'))
    await s.reject((await s.only()).id, ada, 'export only what was asked for')
    expect(call.message).toContain('export only what was asked for')
    expect(call.message).toMatch(/unchanged will not help/i)
    for (let loop = 0; loop < 10; loop += 1) await attempt(tool('users')).ended
    expect(s.desk.messages).toHaveLength(1)
    expect(await s.events('request.created')).toHaveLength(1)
    expect(s.runs).toEqual([])
  })

  test('T46: a denial is told in the same way, and stands in the log each time', async () => {
    const s = scene({ policy: [when('data.*').deny('exports are frozen until Monday')] })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const calls = [attempt(tool('users')), attempt(tool('users'))]
    await Promise.all(calls.map(({ ended }) => ended))
    for (const { code, message } of calls) {
      expect(code).toBe('ERR_APPROVAL_DENIED')
      expect(message).toContain('exports are frozen until Monday')
      expect(message).toMatch(/unchanged will not help/i)
    }
    expect(await s.types()).toEqual(['call.denied', 'call.denied'])
  })

  test('T35: credentials end when the function throws, hangs past its time, or never began', async () => {
    const alive = new Set<string>()
    const broker: CredentialBroker = {
      name: 'vault',
      async issue(_session, leaseId) {
        alive.add(leaseId)
        return { secret: 'hush hush', handle: leaseId, expiresAt: 0 }
      },
      async revoke(handle) {
        alive.delete(handle)
      },
    }
    for (const how of ['throws', 'hangs'] as const) {
      const s = scene()
      const tool = s.gate.requireApproval(
        () => (how === 'throws' ? Promise.reject(new Error('no')) : new Promise<void>(() => {})),
        {
          action: 'data.export',
          credentials: { db: broker },
          executionTimeout: '10s',
          grace: '5s',
        },
      )
      const call = attempt(tool())
      await s.approve((await s.only()).id)
      await s.clock.advance('20s')
      expect(call.code).toBe(how === 'throws' ? undefined : 'ERR_EXECUTION_UNKNOWN')
      expect(alive.size).toBe(0)
      const told = (await s.types()).filter((type) => type.startsWith('credential.'))
      expect(told).toEqual(['credential.leased', 'credential.issued', 'credential.revoked'])
      expect(JSON.stringify(s.audit.events)).not.toContain('hush hush')
    }
  })

  test('T35: what cannot be revoked is said, and tried again until it can', async () => {
    let down = true
    const revoked: string[] = []
    const broker: CredentialBroker = {
      name: 'vault',
      issue: async (_session, leaseId) => ({ secret: 's', handle: `h ${leaseId}`, expiresAt: 0 }),
      async revoke(handle) {
        if (down) throw new Error('sealed')
        revoked.push(handle)
      },
    }
    const s = scene()
    const call = attempt(
      s.gate.requireApproval(s.effect, { action: 'data.export', credentials: { db: broker } })(),
    )
    await s.approve((await s.only()).id)
    await call.ended
    expect(call.value).toBe('done')
    expect(await s.types()).toContain('credential.revocation-failed')
    await s.clock.advance('3m')
    expect(await s.store.credentials.list(10)).toHaveLength(1)
    down = false
    await s.clock.advance('2m')
    expect(revoked).toHaveLength(1)
    expect(await s.store.credentials.list(10)).toEqual([])
    expect(await s.types()).toContain('credential.revoked')
  })

  test('T48: a full disk runs nothing, says why, and loses nothing acknowledged', async () => {
    const audit = tape()
    const s = scene({ audit })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })
    const call = attempt(tool('users'))
    const { id } = await s.only()
    audit.failing = () => true
    expect((await s.approve(id)).status).toBe('counted')
    await call.ended
    expect(call.code).toBe('ERR_EXECUTION_BLOCKED')
    expect(call.message).toMatch(/audit log.*nothing was executed/is)
    expect(s.runs).toEqual([])
    expect((await s.request(id)).votes).toHaveLength(1)
    audit.failing = null
    await s.clock.advance('2m')
    expect(await s.types(id)).toEqual([
      'request.created',
      'request.vote-cast',
      'request.approved',
      'execution.started',
      'execution.blocked',
    ])
  })

  test('T48: an allowed call does not run when its start cannot be written', async () => {
    for (const how of ['failing', 'hanging'] as const) {
      const audit = tape()
      const s = scene({ audit, policy: [when('*').allow()] })
      audit[how] = (events: readonly AuditEvent[]) => events.some(({ type }) => type === 'execution.started')
      const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.count' })('users'))
      await s.clock.advance('1m')
      expect(call.code).toBe('ERR_AUDIT_UNAVAILABLE')
      expect(call.message).toMatch(/nothing was executed/i)
      expect(s.runs).toEqual([])
    }
  })
})
