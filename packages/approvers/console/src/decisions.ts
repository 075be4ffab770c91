import type { Json, ReviewDocument } from '@gatewright/core'
import { changesBetween, editableArguments, parseEdited } from './edit'
import { changeLines, levelTone } from './layout'
import { type Line, span } from './line'
import { table } from './rows'

/** What a vote says besides who and on what. */
export interface Choice {
  readonly decision: 'approve' | 'reject'
  readonly note?: string
  readonly edits?: Json
}

/** What is needed to talk about one document with the person at the terminal. */
export interface Conversation {
  readonly review: ReviewDocument
  readonly width: number
  say(lines: readonly Line[]): void
  /** A line of text, or `null`: Esc, or the request was decided elsewhere. */
  ask(label: Line, initial?: string): Promise<string | null>
  /** One of the characters of `allowed`, or `null` as above. */
  choose(prompt: Line, allowed: string): Promise<string | null>
  /** Edits a text in an editor. `null`: there is none. */
  readonly editor: ((text: string) => Promise<string>) | null
}

/** Asks what must be asked before an approval. `null`: nothing is to be voted. */
export async function approve(talk: Conversation): Promise<Choice | null> {
  const { review } = talk
  if (!review.complete) {
    // T13: what was not shown in full cannot be approved in place.
    const where = review.link === null ? '' : ` It can also be seen at ${review.link}`
    talk.say([
      [span('✖ ', 'danger'), span(`Not everything was shown. Press d for the complete document.${where}`)],
    ])
    return null
  }
  return (await confirmCritical(talk)) ? { decision: 'approve' } : null
}

/** Asks for a reason, which may be left empty. `null`: the person went back. */
export async function reject(talk: Conversation): Promise<Choice | null> {
  const reason = await talk.ask([span('Reject', 'danger'), span(' because (Enter rejects, Esc goes back): ')])
  if (reason === null) return null
  return reason.trim() === '' ? { decision: 'reject' } : { decision: 'reject', note: reason.trim() }
}

/** Lets the person change the arguments and look at what they changed. `null`: nothing is to be voted. */
export async function edit(talk: Conversation): Promise<Choice | null> {
  const editable = talk.review.complete
    ? editableArguments(talk.review.content)
    : ({ type: 'not-editable', problem: 'not everything is shown' } as const)
  if (editable.type === 'not-editable') {
    talk.say([[span('✖ ', 'danger'), span(`These arguments cannot be edited here: ${editable.problem}.`)]])
    return null
  }
  const inline = talk.editor === null
  let text = JSON.stringify(editable.value, null, inline ? undefined : 2)
  for (;;) {
    const written = inline
      ? await talk.ask([span('Edit', 'warning'), span(' (Enter shows the changes, Esc goes back): ')], text)
      : await inEditor(talk, text)
    if (written === null) return null
    text = written
    const edits = parse(talk, text)
    if (edits !== undefined) {
      const changes = changesBetween(editable.value, edits)
      if (changes.length === 0) {
        talk.say([[span('• Nothing was changed.')]])
        return null
      }
      talk.say([
        [span('Your changes', 'strong')],
        ...table(
          changes.map(({ path, before, after }) => ({ name: path, value: changeLines(before, after) })),
          talk.width,
        ),
      ])
    }
    const prompt: Line =
      edits === undefined
        ? [span('e', 'key'), span(' edit again  '), span('Esc', 'key'), span(' go back')]
        : [
            span('y', 'key'),
            span(' approve with these changes  '),
            span('e', 'key'),
            span(' edit again  '),
            span('Esc', 'key'),
            span(' go back'),
          ]
    const answer = await talk.choose(prompt, edits === undefined ? 'e' : 'ey')
    if (answer === null) return null
    if (answer === 'y' && edits !== undefined) {
      return (await confirmCritical(talk)) ? { decision: 'approve', edits } : null
    }
  }
}

async function inEditor(talk: Conversation, text: string): Promise<string | null> {
  try {
    return (await talk.editor?.(`${text.trimEnd()}\n`)) ?? null
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'for an unknown reason'
    talk.say([[span('✖ ', 'danger'), span(`The editor failed: ${problem}. Nothing was changed.`)]])
    return null
  }
}

function parse(talk: Conversation, text: string): Json | undefined {
  try {
    return parseEdited(text)
  } catch (error) {
    const problem = error instanceof Error ? error.message : ''
    talk.say([[span('✖ ', 'danger'), span(`This is not JSON: ${problem}`)]])
    return undefined
  }
}

/** One key is too little for something critical. */
async function confirmCritical(talk: Conversation): Promise<boolean> {
  const { level } = talk.review.content.risk
  if (level !== 'critical') return true
  const answer = await talk.ask([
    span(` ${level} risk `, levelTone(level)),
    span(' type '),
    span('yes', 'key'),
    span(' to approve: '),
  ])
  if (answer?.trim() === 'yes') return true
  talk.say([[span('• Not approved.')]])
  return false
}
