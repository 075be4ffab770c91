import type { ReviewDocument } from '@gatewright/core'
import type { Line } from './line'
import type { Entry, Queue } from './queue'
import { arrivalLine, changedLine, statusLine, voteLine } from './words'

/** What news are shown with. */
export interface NewsOptions {
  readonly queue: Queue
  /** The request on the screen; `null`: none. */
  active(): Entry | null
  /** Whether the terminal is somebody else's for now, so that nothing is put on it to decide. */
  lent(): boolean
  say(lines: readonly Line[]): void
  /** Puts a request on the screen, or takes the last one off. */
  show(entry: Entry | null): void
  /** Writes again what counts or names what waits. */
  refresh(): void
}

/** Takes in what the gate tells of requests. */
export interface News {
  /** A request to decide, or one to be reminded of. */
  add(review: ReviewDocument, deliveryId: string, purpose: 'ask' | 'remind' | 'escalate'): void
  /** How a request stands now. */
  change(review: ReviewDocument): void
}

/** News for the desk of one queue: each changes the queue, and is told once. */
export function createNews({ queue, active, lent, say, show, refresh }: NewsOptions): News {
  function change(review: ReviewDocument): void {
    const entry = queue.get(review.requestId)
    // The answer to the person's own vote comes first.
    if (entry !== null && entry.voting !== null) entry.voting.news = review
    else if (review.progress.status !== 'pending') settle(review, entry)
    else if (entry === null) arrive(review)
    else renew(entry, review)
  }

  function renew(entry: Entry, review: ReviewDocument): void {
    const before = entry.review
    queue.keep(entry, review)
    if (entry.review === before) return
    if (review.digest !== before.digest) {
      say([changedLine(review)])
      if (active() === entry || active() === null) show(entry)
      return
    }
    const fresh = review.progress.votes.slice(before.progress.votes.length)
    if (fresh.length > 0) say(fresh.map((one) => voteLine(review, one)))
  }

  function settle(review: ReviewDocument, entry: Entry | null): void {
    const { requestId, progress } = review
    queue.remove(requestId)
    if (progress.status !== 'executing' && queue.tell(requestId, progress.status)) say([statusLine(review)])
    if (entry !== null && entry === active()) show(queue.following(null))
    else refresh()
  }

  function arrive(review: ReviewDocument): void {
    const entry = queue.add(review)
    if (active() === null && !lent()) {
      show(entry)
    } else {
      say([arrivalLine(review, '+', `waits too; ${queue.size} in the queue`)])
      refresh()
    }
  }

  return {
    add(review, deliveryId, purpose) {
      const known = queue.get(review.requestId)
      if (known === null || review.progress.status !== 'pending') {
        change(review)
        queue.get(review.requestId)?.deliveries.add(deliveryId)
        return
      }
      // T51: sent twice under one id is one message.
      if (known.deliveries.has(deliveryId)) return
      known.deliveries.add(deliveryId)
      change(review)
      if (purpose !== 'ask') say([arrivalLine(review, '!', 'still waits')])
      if (active() === null && queue.canAct(known)) show(known)
    },
    change,
  }
}
