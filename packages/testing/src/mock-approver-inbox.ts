import type { ReviewDocument } from '@gatewright/core'
import type { MockDelivery } from './mock-approver'

type Matches = (review: ReviewDocument) => boolean

/** Messages that wait to be taken, and those who wait for messages. */
export interface Inbox {
  put(delivery: MockDelivery): void
  /** The oldest message that matches and was not taken, now or once it comes. Rejects when the inbox closes. */
  take(matches: Matches): Promise<MockDelivery>
  close(reason: string): void
}

interface Waiter {
  readonly matches: Matches
  readonly resolve: (delivery: MockDelivery) => void
  readonly reject: (error: Error) => void
}

/** Makes an inbox without messages. */
export function createInbox(): Inbox {
  const waiting: MockDelivery[] = []
  const waiters: Waiter[] = []

  return {
    put(delivery) {
      const index = waiters.findIndex(({ matches }) => matches(delivery.review))
      if (index < 0) waiting.push(delivery)
      else waiters.splice(index, 1)[0]?.resolve(delivery)
    },
    take(matches) {
      const index = waiting.findIndex(({ review }) => matches(review))
      const [delivery] = index < 0 ? [] : waiting.splice(index, 1)
      if (delivery !== undefined) return Promise.resolve(delivery)
      return new Promise((resolve, reject) => {
        waiters.push({ matches, resolve, reject })
      })
    },
    close(reason) {
      for (const { reject } of waiters.splice(0)) reject(new Error(`${reason} before such a message came`))
    },
  }
}
