import assert from 'node:assert/strict'
import { GatewrightError } from '@gatewright/core'
import { type ApproverCase, bare } from './approver-harness'

/** What people are told about what they did: what is stored, and nothing else (T42). */
export const answeredCases: readonly ApproverCase[] = [
  {
    name: 'T42: a vote that could not be stored is told, is not shown as an approval, and can be cast again',
    async run({ ask, seat, host, clock, read }) {
      await ask({ requestId: 'r1' })
      const before = await read()
      host.answerNext(new GatewrightError('ERR_STORE_UNAVAILABLE', 'the store cannot be reached'))
      await seat.approve('r1')
      await clock.settle()
      assert.equal(await seat.showsApproved('r1'), false, 'an approval is shown that was never stored')
      assert.notEqual(await read(), before, 'the person is not told that it failed')
      await clock.advance('1s')
      assert.equal(host.counted.length, 0, 'a failed vote was cast again without the person')
      assert.equal(await seat.approve('r1'), true, 'the person cannot try again')
      await clock.settle()
      assert.equal(host.counted.length, 1, 'the second try did not arrive')
    },
  },
  {
    name: 'T42: a refused vote is told with the way out, and not shown as an approval',
    async run({ ask, seat, host, clock, read }) {
      await ask({ requestId: 'r1' })
      const before = await read()
      const link = 'https://gate.test/sign-in/r1'
      host.answerNext({ status: 'refused', reason: 'assurance', message: 'Sign in to confirm.', link })
      await seat.approve('r1')
      await clock.settle()
      assert.equal(await seat.showsApproved('r1'), false, 'a refused vote is shown as an approval')
      assert.notEqual(await read(), before, 'the person is not told of the refusal')
      assert((await read()).includes(bare(link)), 'the link to sign in is not shown')
    },
  },
  {
    name: 'T42: a decision that comes too late is answered, changes nothing, and is not repeated',
    async run({ ask, seat, host, clock, read }) {
      await ask({ requestId: 'r1' })
      const before = await read()
      host.move('r1', { status: 'rejected' })
      await seat.approve('r1')
      await clock.advance('1m')
      assert.equal(host.counted.length, 0)
      assert(host.votes.length <= 1, 'a late vote was cast again')
      assert.equal(await seat.showsApproved('r1'), false, 'a rejected request is shown as approved')
      assert.notEqual(await read(), before, 'the person is not told that it was too late')
    },
  },
  {
    name: 'T34: once a request is resolved, its updated message offers no decision',
    needs: 'update',
    async run({ ask, refresh, seat, host, clock }) {
      for (const status of ['rejected', 'expired', 'approved', 'succeeded'] as const) {
        const asked = await ask({ requestId: status })
        host.move(status, { status })
        await refresh(asked)
        assert.equal(await seat.approve(status), false, `a request that is ${status} can still be approved`)
        assert.equal(await seat.reject(status), false, `a request that is ${status} can still be rejected`)
        await clock.settle()
      }
      assert.deepEqual(host.votes, [])
    },
  },
  {
    name: 'T42: a counted approval is shown as one once it is stored',
    needs: 'update',
    async run({ ask, refresh, seat, clock }) {
      const asked = await ask({ requestId: 'r1' })
      const other = await ask({ requestId: 'r2' })
      await seat.approve('r1')
      await clock.settle()
      await refresh(asked)
      await refresh(other)
      assert.equal(await seat.showsApproved('r1'), true, 'the approval is not shown')
      assert.equal(await seat.showsApproved('r2'), false, 'another request is shown as approved')
    },
  },
  {
    name: 'T20: a button value says which document, where and until when; past that it does nothing',
    needs: 'seal',
    async run({ ask, seat, approver, host, clock }) {
      const { review } = await ask({ requestId: 'r1' })
      assert.equal(
        approver.needsSecret,
        true,
        'it seals, so needsSecret must be true: a gate without a secret must not start',
      )
      assert(
        host.sealed.length > 0,
        'nothing was sealed; say capabilities.seal: false if nothing leaves the process',
      )
      for (const { requestId, digest, audience, expiresAt } of host.sealed) {
        assert.deepEqual([requestId, digest], ['r1', review.digest])
        assert(audience !== '', 'the value is good on every channel')
        assert(expiresAt <= review.progress.expiresAt, 'the value outlives the request')
      }
      await clock.advance(review.progress.expiresAt - clock.now() + 1)
      await seat.approve('r1')
      await clock.settle()
      assert.equal(host.counted.length, 0)
      assert.equal(host.votes.length, 0, 'a value past its end was used')
    },
  },
  {
    name: 'T29: opening a link, and requests that are none of ours, decide nothing',
    needs: 'inbound',
    async run({ ask, approver, host, clock }) {
      await ask({ requestId: 'r1' })
      const handle = approver.handle?.bind(approver)
      assert(handle, 'there is no handle(); say capabilities.inbound: false')
      const address = 'https://gate.test/approvers/it'
      const strange: readonly Request[] = [
        new Request(`${address}?requestId=r1&decision=approve`),
        new Request(`${address}/r1/approve`, { method: 'HEAD' }),
        ...['', '{', '[]', 'null', '{"requestId":"r1","decision":"approve"}', 'payload=%7B%7D', '\u0000'].map(
          (body) => new Request(address, { method: 'POST', body }),
        ),
      ]
      for (const request of strange) {
        const { status } = await handle(request)
        assert(status >= 400 && status < 500, `${request.method} ${request.url} was answered with ${status}`)
      }
      await clock.settle()
      assert.deepEqual(host.votes, [])
    },
  },
]
