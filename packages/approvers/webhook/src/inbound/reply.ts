import type { VoteReceipt } from '@gatewright/core'
import type { WebhookAnswer } from '../schema/answer'

/** An answer with its HTTP status. */
export interface Reply {
  readonly status: number
  readonly answer: WebhookAnswer
  readonly headers?: Readonly<Record<string, string>>
}

/** Refused before anything was decided, and it will be again. */
export function invalid(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, answer: { status: 'invalid', message: `${message}. Nothing was decided.` }, headers }
}

/** Something of ours does not answer: the same may be sent again. */
export function unavailable(message: string): Reply {
  return {
    status: 503,
    answer: { status: 'unavailable', message: `${message}. Nothing was decided; send it again.` },
    headers: { 'retry-after': '5' },
  }
}

/** What the gate said (T42): 200, whatever it was, so that no sender tries it again. */
export function told(receipt: VoteReceipt, invitation: string | null): Reply {
  if (receipt.status !== 'refused') {
    const { status, requestStatus, message } = receipt
    return { status: 200, answer: { status, requestStatus, message } }
  }
  const { reason, message, link } = receipt
  return {
    status: 200,
    answer: {
      status: 'refused',
      reason,
      message,
      ...(link === undefined ? {} : { link }),
      ...(invitation === null ? {} : { invitation }),
    },
  }
}

/** The same decision once more (T19): its first answer, in which nothing is counted twice. */
export function repeated({ status, answer }: Reply): Reply {
  if (answer.status !== 'counted') return { status, answer }
  return {
    status,
    answer: { ...answer, status: 'already-counted', message: 'This decision was counted before.' },
  }
}

/** As HTTP. */
export function toResponse({ status, answer, headers }: Reply): Response {
  return new Response(JSON.stringify(answer), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })
}
