import { describeApprover } from '@gatewright/testing/conformance'
import { arrived, type RawSeat, RITA, rawSeat, ritasApprover, type Sent } from './elicitation-seat'

/** A dialogue as it is displayed: without what makes it a block of code. */
const shown = (text = '') =>
  text
    .split('\n')
    .map((line) => line.slice(4))
    .join('\n')

describeApprover('elicitation', {
  capabilities: { edit: false, forge: false, seal: false, stall: false },
  create() {
    const approver = ritasApprover()
    let seat: RawSeat | null = null
    const about = (one: Sent, requestId: string) =>
      shown(one.params.message).includes(`Request: ${requestId}`)
    const question = async (requestId: string) => {
      await arrived()
      return seat?.questions().find((one) => about(one, requestId))
    }
    async function decide(requestId: string, decision: string, reason?: string): Promise<boolean> {
      const found = await question(requestId)
      if (!found?.params.requestedSchema?.properties.decision.enum.includes(decision)) return false
      await seat?.answer(found.id, {
        action: 'accept',
        content: { decision, ...(reason !== undefined && { reason }) },
      })
      await arrived()
      return true
    }
    return {
      approver: {
        ...approver,
        async start(host) {
          await approver.start?.(host)
          seat = await rawSeat(approver)
        },
        async update(review, delivery) {
          await approver.update?.(review, delivery)
          await arrived()
        },
      },
      person: { type: 'human', ...RITA, assurance: { method: 'local' } },
      async see() {
        await arrived()
        return (seat?.sent ?? []).map(({ params }) => shown(params.message ?? params.data)).join('\n')
      },
      async messages(requestId) {
        await arrived()
        return (seat?.sent ?? []).filter(
          (one) => one.method === 'elicitation/create' && about(one, requestId),
        ).length
      },
      async showsApproved(requestId) {
        await arrived()
        const digest = /· ([0-9a-f]{8})/.exec(
          shown(
            seat?.sent.find((one) => one.method === 'elicitation/create' && about(one, requestId))?.params
              .message,
          ),
        )?.[1]
        return (seat?.sent ?? []).some(
          ({ params }) =>
            params.data?.includes(digest ?? 'none') === true && params.data.includes('Approved'),
        )
      },
      approve: (requestId) => decide(requestId, 'approve'),
      reject: (requestId, reason) => decide(requestId, 'reject', reason),
      // All is code to a client that reads Markdown: indented, after no paragraph.
      live: () =>
        (seat?.sent ?? [])
          .flatMap(({ params }) => (params.message ?? params.data ?? '').split('\n'))
          .filter((line) => !line.startsWith('    ')),
      async dispose() {
        await seat?.hangUp()
      },
    }
  },
})
