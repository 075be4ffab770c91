import assert from 'node:assert/strict'
import type { ApproverFinding } from '@gatewright/core'
import type { ApproverCase } from './approver-harness'

/** How messages are sent, and how the approver starts and ends. */
export const deliveredCases: readonly ApproverCase[] = [
  {
    name: 'T51: one delivery id leaves one message, however often and however concurrently it is sent',
    async run({ ask, approver, seat, host, clock }) {
      const { review } = await ask({ requestId: 'r1' }, { deliveryId: 'same' })
      assert.equal(await seat.messages('r1'), 1, 'there is not one message')
      const { signal } = new AbortController()
      const to = { stages: [], purpose: 'ask' } as const
      await Promise.all([1, 2, 3].map(() => approver.deliver(review, to, 'same', signal)))
      await ask({ requestId: 'r2' }, { deliveryId: 'other' })
      await clock.settle()
      assert.equal(await seat.messages('r1'), 1, 'one id has several messages')
      assert.equal(await seat.messages('r2'), 1, 'another id has no message of its own')
      await seat.approve('r1')
      await clock.settle()
      assert.equal(host.votes.length, 1, 'one decision became several')
    },
  },
  {
    name: 'T34: a request that ended before its message was sent has none, though it is updated',
    async run({ approver, seat, host, clock }) {
      host.ask({ requestId: 'r1' }, approver.limits)
      host.move('r1', { status: 'expired' })
      // It may reject: nobody can change what is not there.
      const review = host.review('r1', approver.limits)
      await approver.update?.(review, { id: 'never-sent', reference: null }).catch(() => {})
      await clock.settle()
      assert.equal(await seat.messages('r1'), 0, 'people were shown a message that nobody sent')
    },
  },
  {
    name: 'a reminder does not make a second decision out of one',
    async run({ ask, seat, host, clock }) {
      await ask({ requestId: 'r1' })
      await ask({ requestId: 'r1' }, { purpose: 'remind' })
      await seat.approve('r1')
      await clock.settle()
      assert.equal(host.counted.length, 1)
      assert(host.votes.every(({ requestId, decision }) => requestId === 'r1' && decision === 'approve'))
    },
  },
  {
    name: 'a delivery says whom it reached, and keeps its reference short',
    async run({ ask }) {
      const { delivery } = await ask({ requestId: 'r1' })
      const { reference = '', reached = 'everyone' } = delivery
      assert(
        typeof reference === 'string' && reference.length <= 2_000,
        'the reference is not a text of at most 2,000 characters',
      )
      if (reached === 'everyone') return
      assert(Array.isArray(reached), 'reached is neither "everyone" nor a list of people')
      for (const person of reached) {
        assert(
          typeof person.issuer === 'string' && person.issuer !== '',
          'somebody was reached who has no issuer',
        )
        assert(
          typeof person.subject === 'string' && person.subject !== '',
          'somebody was reached who has no subject',
        )
      }
    },
  },
  {
    name: 'a delivery whose signal is aborted already rejects, and leaves nothing to decide on',
    async run({ approver, seat, host, clock }) {
      const review = host.ask({ requestId: 'r1' }, approver.limits)
      const to = { stages: [], purpose: 'ask' } as const
      await assert.rejects(
        async () => approver.deliver(review, to, 'late', AbortSignal.abort()),
        'it was delivered after its deadline',
      )
      await clock.settle()
      assert.equal(await seat.messages('r1'), 0, 'a message was sent after its deadline')
    },
  },
  {
    name: 'T28: a channel that hangs is given up at the deadline',
    needs: 'stall',
    async run({ approver, seat, host, clock }) {
      assert(
        seat.stall,
        'the harness has no stall(); say capabilities.stall: false if the channel cannot hang',
      )
      seat.stall()
      const deadline = new AbortController()
      const review = host.ask({ requestId: 'r1' }, approver.limits)
      let state = 'hanging'
      approver.deliver(review, { stages: [], purpose: 'ask' }, 'd', deadline.signal).then(
        () => {
          state = 'delivered'
        },
        () => {
          state = 'rejected'
        },
      )
      await clock.settle()
      assert.equal(state, 'hanging', `the channel hangs, and the delivery is ${state}`)
      deadline.abort()
      await clock.settle()
      assert.equal(state, 'rejected', `the deadline has passed, and the delivery is ${state}`)
    },
  },
  {
    name: 'stop is idempotent, leaves no timer, and nothing is decided after it',
    async run({ ask, approver, seat, host, clock }) {
      await ask({ requestId: 'r1' })
      await Promise.all([approver.stop?.(), approver.stop?.()])
      await approver.stop?.()
      assert.equal(clock.pendingTimers, 0, 'a timer is left')
      await seat.approve('r1').catch(() => false)
      await clock.advance('2h')
      assert.deepEqual(host.votes, [], 'a vote was cast after the approver had stopped')
    },
  },
  {
    name: 'what it checks of itself it tells in lines; nobody is sent anything, and it needs not be started',
    async run({ approver, ask, read, host, clock }) {
      await ask({ requestId: 'r1' })
      const found: ApproverFinding[] = []
      const look = async (signal: AbortSignal): Promise<void> => {
        const before = await read()
        // What it makes of a signal that has aborted is its own affair, as long as it ends.
        const told = await approver.check?.(signal).catch((error: unknown) => {
          if (!signal.aborted) throw error
        })
        found.push(...(told ?? []))
        await clock.settle()
        assert.equal(await read(), before, 'people see something that they did not see before')
      }
      await look(new AbortController().signal)
      await approver.stop?.()
      await look(new AbortController().signal)
      await look(AbortSignal.abort())
      assert.deepEqual(host.votes, [], 'something was decided')
      assert.equal(clock.pendingTimers, 0, 'a timer is left')
      for (const { status, message, fix } of found) {
        assert.match(status, /^(?:ok|warning|problem)$/)
        for (const text of fix === null ? [message] : [message, fix])
          assert.match(text, /^\S.{0,999}$/u, `not one line of at most 1,000 characters: ${text}`)
        assert.equal(fix === null, status === 'ok', `${message}: what is wrong can be mended, and only that`)
      }
    },
  },
  {
    name: 'its name can stand in a log, and does not change',
    async run({ approver, ask }) {
      const { name } = approver
      assert.match(name, /^\S(.{0,98}\S)?$/u, 'the name is empty, padded or too long')
      await ask({ requestId: 'r1' })
      assert.equal(approver.name, name)
    },
  },
]
