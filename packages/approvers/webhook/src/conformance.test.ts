import type { ArgumentEdit, Principal } from '@gatewright/core'
import { describeApprover } from '@gatewright/testing/conformance'
import { openOffice, type Sending } from '../test/office'
import { textOf } from '../test/receiver'

const ada: Principal = {
  type: 'human',
  issuer: 'https://idp.test',
  subject: 'ada',
  name: 'Ada Moreno',
  groups: [],
  assurance: { method: 'token' },
}

describeApprover('the webhook', {
  async create({ clock }) {
    const office = await openOffice(clock)
    const { receiver, answers } = office
    const shown = () => [...receiver.shown.values()].map(({ payload }) => payload.data.review)

    async function decide(
      requestId: string,
      decision: 'approve' | 'reject',
      more: { readonly note?: string; readonly edits?: readonly ArgumentEdit[] } = {},
      sending: Sending = {},
    ): Promise<boolean> {
      const token = office.tokenOf(requestId, decision)
      if (token === null) return false
      await office.send({ token, decision, ...more }, sending)
      return true
    }

    return {
      approver: office.approver,
      person: ada,
      see: () =>
        [...shown().map(textOf), ...answers.map((answer) => Object.values(answer).join('\n'))].join('\n'),
      messages: (requestId) => shown().filter((review) => review.requestId === requestId).length,
      showsApproved: (requestId) =>
        shown().some((review) => review.requestId === requestId && review.progress.status === 'approved'),
      approve: (requestId) => decide(requestId, 'approve'),
      reject: (requestId, note) => decide(requestId, 'reject', note === undefined ? {} : { note }),
      edit: (requestId, edits) => decide(requestId, 'approve', { edits }),
      async forge(requestId, claimed) {
        const { subject, name, groups } = claimed
        await decide(requestId, 'approve', {}, { more: { actor: claimed } })
        await decide(requestId, 'approve', {}, { claims: { name, groups, preferred_username: subject } })
      },
      // The receiver escapes for its own markup what stands in `content`: of that, nothing may stand anywhere else.
      live: () =>
        [...receiver.shown.values()].flatMap(({ payload }) => {
          const { review, ...data } = payload.data
          const rest = JSON.stringify({ ...payload, data: { ...data, review: { ...review, content: null } } })
          return rest.match(/[<>@&`*~]|\]\(|evil/g) ?? []
        }),
      stall() {
        receiver.instead = 'hang'
      },
      dispose: () => office.close(),
    }
  },
})
