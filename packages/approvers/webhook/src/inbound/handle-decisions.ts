import type { WebhookSettings } from '../options'
import { type Answered, createAnswered } from './answered'
import { decide, type Judging } from './decide'
import { readBody } from './read-body'
import { invalid, type Reply, toResponse, unavailable } from './reply'

/**
 * Answers requests to `/decisions`. The sender's signature is verified over the raw body before anything of it is parsed;
 * the person's is verified after that.
 *
 * @param judging - `null` while the approver is not started
 */
export function decisionsHandler(settings: WebhookSettings, judging: () => Judging | null) {
  const answered = createAnswered()
  return async (request: Request): Promise<Response> => {
    const now = judging()
    if (now === null) return toResponse(unavailable('The approver is not started'))
    try {
      return toResponse(await answerOf(settings, now, answered, request))
    } catch (error) {
      now.host.logger.error(`${settings.name}: a decision could not be judged`, { error })
      return toResponse(unavailable('The decision could not be judged'))
    }
  }
}

async function answerOf(
  { name, verifier, maxBytes }: WebhookSettings,
  judging: Judging,
  answered: Answered,
  request: Request,
): Promise<Reply> {
  if (!new URL(request.url).pathname.endsWith('/decisions')) return invalid(404, 'there is nothing here')
  // T29: opening a link decides nothing.
  if (request.method !== 'POST') return invalid(405, 'decisions are posted', { allow: 'POST' })
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? ''))
    return invalid(415, 'the content-type must be application/json')
  const body = await readBody(request, maxBytes)
  if (body === 'too-long') return invalid(413, `the body is longer than ${maxBytes} bytes`)
  if (body === 'cut-off') return invalid(400, 'the body ended too early')
  const { host } = judging
  const { id, problem } = verifier.verify(request.headers, body, host.clock.now())
  if (problem !== undefined) return invalid(401, problem)
  const reply = await answered.once(id, body, () => decide(judging, body))
  // T03, T08: the receiver itself sends what is none; somebody should know.
  if (reply.status >= 400 && reply.status < 500)
    host.logger.warn(`${name}: a signed decision was refused: ${reply.answer.message}`, { webhookId: id })
  return reply
}
