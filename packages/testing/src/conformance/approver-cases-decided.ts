import assert from 'node:assert/strict'
import type { Principal } from '@gatewright/core'
import type { ApproverCase } from './approver-harness'

const mallory: Principal = {
  type: 'human',
  issuer: 'https://idp.test',
  subject: 'mallory',
  name: 'Mallory',
  groups: ['admins'],
  assurance: { method: 'sso' },
}

/** What people decide, and what becomes of it. */
export const decidedCases: readonly ApproverCase[] = [
  {
    name: 'T39: delivering, updating, reminding, waiting and stopping decide nothing',
    async run({ ask, refresh, approver, clock, host }) {
      const asked = await ask({ requestId: 'r1' })
      await ask({ requestId: 'r2' })
      await refresh(asked)
      await ask({ requestId: 'r1' }, { purpose: 'remind' })
      await ask({ requestId: 'r2' }, { purpose: 'escalate' })
      await clock.advance('2h')
      host.move('r1', { status: 'expired' })
      await refresh(asked)
      await approver.stop?.()
      await clock.advance('1h')
      assert.deepEqual(host.votes, [], 'a vote was cast that nobody gave')
    },
  },
  {
    name: 'I2: approving casts one vote, on exactly what is shown',
    async run({ ask, seat, host, clock }) {
      const { review } = await ask({ requestId: 'r1' })
      assert.equal(await seat.approve('r1'), true, 'the message offers no way to approve')
      await clock.settle()
      const votes = host.votes.map(({ requestId, decision, digest, edits }) => ({
        requestId,
        decision,
        digest,
        edits,
      }))
      assert.deepEqual(votes, [
        { requestId: 'r1', decision: 'approve', digest: review.digest, edits: undefined },
      ])
    },
  },
  {
    name: 'T39: rejecting casts one rejecting vote, and nothing else',
    async run({ ask, seat, host, clock }) {
      const { review } = await ask({ requestId: 'r1' })
      assert.equal(await seat.reject('r1', 'not today'), true, 'the message offers no way to reject')
      await clock.advance('10m')
      const votes = host.votes.map(({ requestId, decision, digest }) => ({ requestId, decision, digest }))
      assert.deepEqual(votes, [{ requestId: 'r1', decision: 'reject', digest: review.digest }])
    },
  },
  {
    name: 'a reason arrives as it was written',
    needs: 'note',
    async run({ ask, seat, host, clock }) {
      await ask({ requestId: 'r1' })
      await seat.reject('r1', 'no <b>ticket</b> & "no" reason')
      await clock.settle()
      assert.equal(host.votes[0]?.note, 'no <b>ticket</b> & "no" reason')
    },
  },
  {
    name: 'where a note is needed, a rejection arrives with the one that was written, and counts',
    needs: 'note',
    async run({ ask, seat, host, clock }) {
      await ask({ requestId: 'r1', noteFor: { approve: true, reject: true } })
      await seat.reject('r1', 'no ticket')
      await clock.settle()
      assert.deepEqual(
        host.counted.map(({ decision, note }) => ({ decision, note })),
        [{ decision: 'reject', note: 'no ticket' }],
      )
    },
  },
  {
    name: 'I5: a vote is that of the person whom the transport verified',
    async run({ ask, seat, host, clock }) {
      await ask({ requestId: 'r1' })
      await seat.approve('r1')
      await clock.settle()
      const actor = host.votes[0]?.actor
      assert.equal(actor?.type, 'human')
      assert.deepEqual([actor?.issuer, actor?.subject], [seat.person.issuer, seat.person.subject])
      assert.deepEqual(
        actor?.assurance.method,
        seat.person.assurance.method,
        'the vote claims another assurance',
      )
    },
  },
  {
    name: 'T03: a name in the payload is not an identity',
    needs: 'forge',
    async run({ ask, seat, host, clock }) {
      await ask({ requestId: 'r1' })
      assert(
        seat.forge,
        'the harness has no forge(); say capabilities.forge: false if payloads carry nothing',
      )
      await seat.forge('r1', mallory)
      await clock.settle()
      for (const { actor } of host.votes) {
        assert.deepEqual(
          [actor.issuer, actor.subject],
          [seat.person.issuer, seat.person.subject],
          'a claimed name voted',
        )
        assert(!actor.groups.includes('admins'), 'a claimed group came with the vote')
      }
    },
  },
  {
    name: 'T38: of several waiting requests, a decision hits the one it was made on',
    async run({ ask, seat, host, clock }) {
      const ids = ['r1', 'r2', 'r3', 'r4', 'r5']
      const digests = new Map<string, string>()
      for (const [index, requestId] of ids.entries()) {
        const { review } = await ask({ requestId, args: { row: index } })
        digests.set(requestId, review.digest)
      }
      for (const requestId of ['r2', 'r5', 'r1']) {
        assert.equal(await (requestId === 'r5' ? seat.reject(requestId) : seat.approve(requestId)), true)
        await clock.settle()
      }
      assert.deepEqual(
        host.counted.map(({ requestId, decision, digest }) => [requestId, decision, digest]),
        [
          ['r2', 'approve', digests.get('r2')],
          ['r5', 'reject', digests.get('r5')],
          ['r1', 'approve', digests.get('r1')],
        ],
      )
    },
  },
  {
    name: 'T45: equal calls are decided one by one',
    async run({ ask, seat, host, clock }) {
      for (const requestId of ['r1', 'r2', 'r3']) await ask({ requestId })
      await seat.approve('r2')
      await clock.settle()
      assert.deepEqual(
        host.votes.map(({ requestId }) => requestId),
        ['r2'],
        'one decision became several, or another one',
      )
    },
  },
  {
    name: 'approving with edits carries what was changed, and the digest that was shown',
    needs: 'edit',
    async run({ ask, seat, host, clock }) {
      const { review } = await ask({ requestId: 'r1', args: { table: 'customers', rows: 900 } })
      assert(seat.edit, 'the harness has no edit(); say capabilities.edit: false if nothing can be edited')
      assert.equal(await seat.edit('r1', [{ path: '/rows', value: 10 }]), true)
      await clock.settle()
      assert.deepEqual(
        host.votes.map(({ decision, digest }) => ({ decision, digest })),
        [{ decision: 'approve', digest: review.digest }],
      )
      assert.deepEqual(host.args('r1'), { table: 'customers', rows: 10 }, 'the edits became something else')
    },
  },
  {
    name: 'T43: arguments beside a redacted one are edited, and what nobody was shown stays as it is',
    needs: 'edit',
    async run({ ask, seat, host, clock }) {
      const args = { password: 'hunter2', user: { name: 'ada', token: 'hunter3' }, list: ['a', 'b', 'c'] }
      await ask({ requestId: 'r1', args, redacted: ['/password', '/user/token'] })
      const changes = [
        { path: '/list/1', remove: true },
        { path: '/user/name', value: 'ben' },
      ] as const
      assert.equal(
        await seat.edit?.('r1', changes),
        true,
        'a redacted argument keeps the others from being edited',
      )
      await clock.settle()
      assert.deepEqual(
        host.counted.map(({ decision }) => decision),
        ['approve'],
        'the edit was refused',
      )
      const edited = { ...args, user: { name: 'ben', token: 'hunter3' }, list: ['a', 'c'] }
      assert.deepEqual(host.args('r1'), edited, 'more was changed than the person did')
      assert(!JSON.stringify(host.votes).includes('redacted'), 'a placeholder was sent back')
    },
  },
  {
    name: 'I2: arguments that somebody else edited are approved only as they are shown now',
    needs: 'update',
    async run({ ask, refresh, seat, host, clock, read }) {
      const asked = await ask({ requestId: 'r1', args: { table: 'oldvalue' } })
      host.move('r1', { args: { table: 'newvalue' }, editedBy: 'Ben' })
      await seat.approve('r1')
      await clock.settle()
      const fresh = host.review('r1')
      for (const { digest } of host.counted) {
        assert.equal(digest, fresh.digest)
        assert((await read()).includes('newvalue'), 'arguments were approved that were never shown')
      }
      if (host.counted.length > 0) return
      await refresh(asked)
      assert((await read()).includes('newvalue'), 'the edited arguments are not shown')
      await seat.approve('r1')
      await clock.settle()
      assert.deepEqual(
        host.counted.map(({ digest }) => digest),
        [fresh.digest],
        'the shown document was not approved',
      )
    },
  },
  {
    name: 'deciding twice counts once',
    async run({ ask, seat, host, clock }) {
      await ask({ requestId: 'r1' })
      await seat.approve('r1')
      await seat.approve('r1')
      await clock.settle()
      assert.equal(host.counted.length, 1)
      assert(host.votes.every(({ decision, requestId }) => decision === 'approve' && requestId === 'r1'))
    },
  },
]
