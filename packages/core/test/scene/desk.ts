import type {
  Approver,
  ApproverHost,
  Delivery,
  Recipients,
  ReviewDocument,
  SentDelivery,
} from '@gatewright/core'

/** An approver that shows its messages to the test and decides nothing. */
export interface Desk extends Approver {
  readonly messages: {
    readonly review: ReviewDocument
    readonly to: Recipients
    readonly deliveryId: string
  }[]
  readonly updates: { readonly review: ReviewDocument; readonly delivery: SentDelivery }[]
  readonly host: ApproverHost
  readonly starts: number
  readonly stops: number
  /** What delivering comes to. @default it reaches everyone */
  onDeliver: (
    review: ReviewDocument,
    to: Recipients,
    deliveryId: string,
    signal: AbortSignal,
  ) => Promise<Delivery>
}

/** Makes an approver. */
export function desk(
  name = 'desk',
  more: Partial<Pick<Approver, 'limits' | 'needsSecret' | 'start' | 'update' | 'stop'>> = {},
): Desk {
  let host: ApproverHost | undefined
  let starts = 0
  let stops = 0
  const messages: Desk['messages'] = []
  const updates: Desk['updates'] = []
  return {
    name,
    messages,
    updates,
    onDeliver: async (_review, _to, deliveryId) => ({ reference: `message ${deliveryId}` }),
    async start(given) {
      host = given
      starts += 1
    },
    async deliver(review, to, deliveryId, signal) {
      const delivery = await this.onDeliver(review, to, deliveryId, signal)
      messages.push({ review, to, deliveryId })
      return delivery
    },
    async update(review, delivery) {
      updates.push({ review, delivery })
    },
    async stop() {
      stops += 1
    },
    get host() {
      if (host === undefined) throw new Error('the approver was not started')
      return host
    },
    get starts() {
      return starts
    },
    get stops() {
      return stops
    },
    ...more,
  }
}
