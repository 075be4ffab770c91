import { sha256Hex } from '@gatewright/core'
import { invalid, type Reply, repeated } from './reply'

/** More than a receiver sends within any tolerance; of older ones the gate itself says that they were counted. */
const MOST = 10_000

/** What was answered, by `webhook-id`. */
export interface Answered {
  /**
   * Answers one message. The same message again gets the first one's answer, as already counted, also while that is still
   * being decided; another body under a known id is refused. A reply of 4xx or 5xx is not remembered: nothing was decided.
   */
  once(id: string, body: Uint8Array, decide: () => Promise<Reply>): Promise<Reply>
}

/** Remembers the newest answers of this process (T19). */
export function createAnswered(): Answered {
  const known = new Map<string, { readonly digest: string; readonly reply: Promise<Reply> }>()

  return {
    async once(id, body, decide) {
      const digest = sha256Hex(body)
      const earlier = known.get(id)
      if (earlier !== undefined) {
        if (earlier.digest === digest) return repeated(await earlier.reply)
        return invalid(409, 'the webhook-id was used for another decision: give each its own')
      }
      const entry = { digest, reply: decide() }
      known.set(id, entry)
      const [oldest] = known.keys()
      if (known.size > MOST && oldest !== undefined) known.delete(oldest)
      const forget = (): void => {
        if (known.get(id) === entry) known.delete(id)
      }
      try {
        const reply = await entry.reply
        if (reply.status !== 200) forget()
        return reply
      } catch (error) {
        forget()
        throw error
      }
    },
  }
}
