import assert from 'node:assert/strict'
import { type ApproverCase, bare } from './approver-harness'

/** What people see. */
export const shownCases: readonly ApproverCase[] = [
  {
    name: 'T14: every argument can be read, by name and by value, or is declared missing',
    async run({ ask, read }) {
      const values = Object.fromEntries(
        Array.from({ length: 12 }, (_, index) => [`field${index}q`, `value${index}z`]),
      )
      const nested = { outer: { innerkey: ['deepvalue', 41_207, true, null] }, nothing: {} }
      const { review } = await ask({ requestId: 'r1', args: { ...values, ...nested } })
      const seen = await read()
      for (const { path, text } of review.content.arguments) {
        assert(seen.includes(bare(text)), `the value of ${path} cannot be read: ${text}`)
        const name =
          path
            .split('/')
            .filter((step) => !/^\d*$/.test(step))
            .at(-1) ?? ''
        assert(seen.includes(name), `the argument ${path} cannot be told by its name`)
      }
      for (const missing of review.content.missing) {
        assert(seen.includes(bare(missing)), `it is not said that something is missing: ${missing}`)
      }
    },
  },
  {
    name: 'T14: a long value is shown to its end, or declared cut',
    async run({ ask, read }) {
      const long = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ')
      const { review } = await ask({ requestId: 'r1', args: { long } })
      const seen = await read()
      const [leaf] = review.content.arguments
      assert(
        seen.includes(bare(leaf?.text ?? long)),
        'the long value is not shown as far as the document shows it',
      )
      for (const missing of review.content.missing)
        assert(seen.includes(bare(missing)), `not said: ${missing}`)
    },
  },
  {
    name: 'T12: the action, who calls, why it is asked, the digest, and the agent’s words labelled as such',
    async run({ ask, read }) {
      const { review } = await ask({
        requestId: 'r1',
        intent: 'tidying up',
        requester: 'night-bot',
        reason: 'drops are reviewed',
      })
      const seen = await read()
      for (const text of [
        review.content.action,
        'night-bot',
        'drops are reviewed',
        'tidying up',
        review.shortDigest,
      ]) {
        assert(seen.includes(bare(text)), `"${text}" cannot be read`)
      }
      const label = seen.toLowerCase().indexOf('theagentsays')
      assert(label >= 0, 'the agent’s own words are not labelled "the agent says"')
      assert(label < seen.indexOf('tidyingup'), 'the label does not stand before the agent’s words')
    },
  },
  {
    name: 'T15: markup, mentions, links and code fences in what is shown stay text',
    needs: 'markup',
    async run({ ask, read, seat }) {
      const hostile = [
        '<!channel> <@U123> @everyone @here <at>ada</at>',
        '[approve](https://evil.test/yes) <https://evil.test|safe>',
        '<script>alert(1)</script><img src=x onerror=alert(1)>',
        '``` *bold* _it_ ~no~ ```',
        '&lt;b&gt; &amp;amp;',
      ]
      await ask({
        requestId: 'r1',
        args: { hostile },
        requester: '<@U999>',
        intent: '<!here> click',
        reason: '<b>safe</b>',
      })
      assert(seat.live, 'the harness has no live(); say capabilities.markup: false if nothing can be live')
      assert.deepEqual(await seat.live(), [], 'something in the arguments is live')
      const seen = await read()
      for (const text of [...hostile, '<@U999>', '<!here> click', '<b>safe</b>']) {
        assert(seen.includes(bare(text)), `"${text}" is not displayed as it is`)
      }
    },
  },
  {
    name: 'T16: hidden characters are seen as escapes and never reach a person raw',
    async run({ ask, read, seat }) {
      const args = {
        path: 'safe\u202Etxt.exe',
        name: 'pay\u200Bload',
        tag: 'a\u{E0041}b',
        terminal: '\u001B[2Jgone\u0007',
      }
      const { review } = await ask({ requestId: 'r1', args, intent: 'hel\u200Blo' })
      const seen = await read()
      for (const { path, text } of review.content.arguments) {
        assert(seen.includes(bare(text)), `the escapes of ${path} are not shown: ${text}`)
      }
      const raw = /(?![\n\r\t])[\p{Cc}\p{Cf}\p{Co}]/u
      assert.doesNotMatch(await seat.see(), raw, 'a hidden character reaches a person')
    },
  },
  {
    name: 'T13: a document that is not complete cannot be approved where it is cut',
    async run({ read, seat, host, clock, approver }) {
      const limits = approver.limits ?? { leafCharacters: 10, leaves: 2, totalCharacters: 20 }
      const source = {
        requestId: 'r1',
        args: { one: 'short', two: 'x'.repeat(limits.totalCharacters + 100), end: 'theveryend' },
      }
      const whole = host.ask(source)
      const cut = host.review('r1', limits)
      assert(!cut.complete, 'the case needs a document that does not fit')
      await approver.deliver(cut, { stages: [], purpose: 'ask' }, 'cut', new AbortController().signal)
      await clock.settle()
      for (const missing of cut.content.missing) {
        assert((await read()).includes(bare(missing)), `it is not said that something is missing: ${missing}`)
      }
      assert((await read()).includes(bare(cut.link ?? '')), 'the way to the full view is not shown')
      await seat.approve('r1')
      await clock.settle()
      for (const { decision, digest } of host.votes) {
        if (decision !== 'approve') continue
        assert.equal(digest, whole.digest, 'a document that is cut was approved')
        assert((await read()).includes('theveryend'), 'a document was approved that was never shown in full')
      }
    },
  },
  {
    name: 'an update shows how things stand: still waiting, rejected, expired, approved',
    needs: 'update',
    async run({ ask, refresh, seat, host, read }) {
      const seen = new Set<string>()
      for (const [index, status] of (['rejected', 'expired', 'cancelled', 'approved'] as const).entries()) {
        const asked = await ask({ requestId: `r${index}` })
        assert.equal(await seat.showsApproved(`r${index}`), false, 'a waiting request looks approved')
        assert(!(await read()).toLowerCase().includes(status), `a waiting request is said to be ${status}`)
        host.move(`r${index}`, { status })
        await refresh(asked)
        const looksApproved = await seat.showsApproved(`r${index}`)
        assert.equal(looksApproved, status === 'approved', `a request that is ${status} looks otherwise`)
        assert(
          (await read()).toLowerCase().includes(status),
          `it cannot be read that the request is ${status}`,
        )
        seen.add(await read())
      }
      assert.equal(seen.size, 4, 'different ends look the same')
    },
  },
]
