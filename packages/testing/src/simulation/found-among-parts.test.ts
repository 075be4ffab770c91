import {
  type ApprovalStore,
  type AuditEvent,
  createGate,
  type Directory,
  type Gate,
  type GateOptions,
  group,
  memoryAudit,
  memoryStore,
  person,
  when,
} from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { describe, expect, test } from 'vitest'
import { fakeClock } from '../fake-clock'

/** Faults that the simulation found in grants, credentials and retention, each as the smallest story that shows it. */

const ann = person('https://idp.example.com', 'ann', { groups: ['ops'] })

function setUp(
  options: Partial<GateOptions> = {},
  change: (store: ApprovalStore) => Partial<ApprovalStore> = () => ({}),
) {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const audit = memoryAudit()
  const gate: Gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [],
    requirement: { reviewers: group('ops'), grantable: true, within: '10m' },
    store: { ...store, ...change(store) },
    audit,
    clock,
    logger: { info() {}, warn() {}, error() {} },
    ...options,
  })
  return { clock, store, audit, gate }
}

const constraints = [{ path: '', any: true }] as const

describe('found by the simulation', () => {
  test('I7, T35: a process that dies while it lets go of a lease has told the log that the credential ended', async () => {
    let told: readonly AuditEvent[] | null = null
    const { gate, audit, clock } = setUp({ policy: [when('*').allow()] }, (store) => ({
      credentials: {
        ...store.credentials,
        // The process dies here: nothing that was to follow ever happens.
        remove: (id) => {
          void store.credentials.remove(id)
          told = [...audit.events]
          return new Promise(() => {})
        },
      },
    }))
    const vault = {
      name: 'vault',
      issue: async () => ({ secret: 's', handle: 'h', expiresAt: clock.now() + 900_000 }),
      revoke: async () => {},
    }
    void gate.requireApproval(async () => 'ran', { action: 'data.read', credentials: { vault } })()
    await clock.settle()
    expect((told ?? []).map(({ type }) => type)).toContain('credential.revoked')
  })

  test('I6, I8: a repeated call that loses the claim takes neither the credential nor the end from the one that runs', async () => {
    const revoked: string[] = []
    let finish = () => {}
    const vault = {
      name: 'vault',
      issue: async () => ({ secret: 's', handle: 'h', expiresAt: 9e15 }),
      revoke: async (handle: string) => void revoked.push(handle),
    }
    const { gate, clock } = setUp({ policy: [when('*').allow()], lease: '30s' })
    const exported = gate.requireApproval(() => new Promise<void>((resolve) => (finish = resolve)), {
      action: 'data.export',
      key: () => 'k',
      keepResult: true,
      credentials: { vault },
    })
    const calls = Promise.allSettled([exported(), exported()])
    await clock.advance('5s')
    expect(revoked).toEqual([])
    let closed = false
    const closing = gate.close().then(() => {
      closed = true
    })
    await clock.settle()
    expect(closed).toBe(false)
    finish()
    await calls
    await closing
    expect(revoked).toEqual(['h'])
  })

  test('I8: an outcome that waits to be recorded is not lost when an equal call hears late that its claim failed', async () => {
    let claims = 0
    let storeIsDown = true
    let failClaim = () => {}
    const { gate, clock, store } = setUp({ policy: [when('*').allow()] }, (inner) => ({
      transition(move) {
        if (move.next.status === 'executing') {
          claims += 1
          if (claims === 2)
            return new Promise((_, reject) => {
              failClaim = () => reject(new Error('the connection was lost'))
            })
        }
        if (move.next.status === 'succeeded' && storeIsDown) throw new Error('the store is down')
        return inner.transition(move)
      },
    }))
    let ran = 0
    const exported = gate.requireApproval(
      async () => {
        ran += 1
        return 'ran'
      },
      // Claimed apart from being opened, since its pin is looked at in between: so both claim it.
      { action: 'data.export', key: () => 'k', pin: () => ({ table: 'v1' }) },
    )
    const calls = Promise.allSettled([exported(), exported()])
    await clock.settle()
    failClaim()
    await clock.settle()
    storeIsDown = false
    await clock.advance('5s')
    const { requests } = await store.list({})
    expect(claims).toBe(2)
    expect(ran).toBe(1)
    expect(requests.map(({ status }) => status)).toEqual(['succeeded'])
    await calls
    await gate.close()
  })

  test('I10: a directory that does not answer makes a call ask people, whatever grants there are', async () => {
    let broken = false
    const directory: Directory = {
      resolve: async (identity) => {
        if (broken) throw new Error('the directory is down')
        return { ...identity, name: 'ann', groups: ['ops'] }
      },
    }
    const { gate, clock, store } = setUp({ directory })
    await reviewAccess(gate).grants.create(
      { action: 'data.export', constraints, expiresIn: '1h', uses: 1 },
      ann,
    )
    broken = true
    const exported = gate.requireApproval(async () => 'ran', { action: 'data.export', wait: 'suspend' })
    const told = expect(exported()).rejects.toMatchObject({ code: 'ERR_APPROVAL_PENDING' })
    await clock.settle()
    await told
    expect((await store.list({ status: 'pending' })).requests).toHaveLength(1)
    await gate.close()
  })

  test('I10: whoever gives a grant while the directory does not answer is told so in our words', async () => {
    const directory: Directory = {
      resolve: () => Promise.reject(new Error('the directory is down')),
    }
    const { gate } = setUp({ directory })
    const given = reviewAccess(gate).grants.create(
      { action: 'data.export', constraints, expiresIn: '1h', uses: 1 },
      ann,
    )
    await expect(given).rejects.toMatchObject({ code: 'ERR_GRANT_INVALID' })
    await gate.close()
  })

  test('I8: an archive that never answers keeps neither time nor callers from moving on', async () => {
    const { gate, clock, store } = setUp({
      retention: { after: '1h', every: '1m', archive: () => new Promise(() => {}) },
    })
    const exported = gate.requireApproval(async () => 'ran', { action: 'data.export' })
    const first = expect(exported()).rejects.toMatchObject({ code: 'ERR_APPROVAL_EXPIRED' })
    await clock.advance('11m')
    await first
    await clock.advance('2h')
    const second = expect(exported()).rejects.toMatchObject({ code: 'ERR_APPROVAL_EXPIRED' })
    await clock.advance('12m')
    await second
    // What the archive has not taken is kept.
    expect((await store.list({})).requests).toHaveLength(2)
    await gate.close()
  })
})
