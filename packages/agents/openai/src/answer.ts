import { changedNote, isPending, type ToolAnswer } from '@gatewright/core/agents'

/** What a model reads of a call whose answer is a text. */
export function answerText(answer: ToolAnswer): string {
  if (answer.status === 'refused') return answer.text
  return [textOf(answer.result), changedNote(answer.changed)].filter((part) => part !== '').join('\n')
}

function textOf(result: unknown): string {
  return typeof result === 'string' ? result : (JSON.stringify(result) ?? '')
}

/**
 * Waits for all calls of a turn, each of which has had its effect or not when this ends.
 *
 * @throws what one of them threw; that it waits for people only where nothing worse happened
 */
export async function allAnswered<Answer>(answers: readonly Promise<Answer>[]): Promise<Answer[]> {
  const ends = await Promise.allSettled(answers)
  const failed = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason)
  const worst = failed.find((error) => !isPending(error)) ?? failed[0]
  if (failed.length > 0) throw worst
  return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
}
