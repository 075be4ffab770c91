import {
  type ArgumentEdit,
  editsBetween,
  type Json,
  type ReviewDocument,
  shownArguments,
} from '@gatewright/core'
import { changesBetween, parseEdited } from './edit'
import { changeLines, levelTone } from './layout'
import { type Line, span } from './line'
import { table } from './rows'

/** What a vote says besides who and on what. */
export interface Choice {
  readonly decision: 'approve' | 'reject'
  readonly note?: string
  readonly edits?: readonly ArgumentEdit[]
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
  return confirmed(talk, { decision: 'approve' })
}

/** Asks for a reason, which may be left empty unless one is needed. `null`: the person went back. */
export async function reject(talk: Conversation): Promise<Choice | null> {
  const needed = talk.review.content.noteFor.reject
  const hint = needed ? ' because (needed; Esc goes back): ' : ' because (Enter rejects, Esc goes back): '
  for (;;) {
    const reason = await talk.ask([span('Reject', 'danger'), span(hint)])
    if (reason === null) return null
    if (reason.trim() !== '') return { decision: 'reject', note: reason.trim() }
    if (!needed) return { decision: 'reject' }
  }
}

/**
 * Lets the person change the arguments and look at what they changed: only that is sent. What is redacted, cut or of a type
 * that JSON does not have stands there as it is shown, and stays as it is. `null`: nothing is to be voted.
 */
export async function edit(talk: Conversation): Promise<Choice | null> {
  const { complete, content } = talk.review
  if (!complete) {
    // T13: an edit is an approval, too.
    talk.say([[span('✖ ', 'danger'), span('Not everything was shown, so it cannot be edited here.')]])
    return null
  }
  const shown = shownArguments(content)
  for (const [path, why] of shown.held)
    talk.say([[span('• ', 'warning'), span(`${path} ${why}: leave it as it stands, or remove it.`)]])
  const inline = talk.editor === null
  let text = JSON.stringify(shown.value, null, inline ? undefined : 2)
  for (;;) {
    const written = inline
      ? await talk.ask([span('Edit', 'warning'), span(' (Enter shows the changes, Esc goes back): ')], text)
      : await inEditor(talk, text)
    if (written === null) return null
    text = written
    const edits = read(talk, text, shown.value)
    if (edits?.length === 0) {
      talk.say([[span('• Nothing was changed.')]])
      return null
    }
    const answer = await talk.choose(edits === null ? AGAIN : [...YES, ...AGAIN], edits === null ? 'e' : 'ey')
    if (answer === null) return null
    if (answer === 'y' && edits !== null) return confirmed(talk, { decision: 'approve', edits })
  }
}

const AGAIN: Line = [span('e', 'key'), span(' edit again  '), span('Esc', 'key'), span(' go back')]
const YES: Line = [span('y', 'key'), span(' approve with these changes  ')]

/** What the person changed, shown to them; `null` where they cannot, which is said. */
function read(talk: Conversation, text: string, before: Json): readonly ArgumentEdit[] | null {
  const after = parse(talk, text)
  if (after === undefined) return null
  const between = editsBetween(talk.review.content, after)
  if ('problem' in between) {
    talk.say([[span('✖ ', 'danger'), span(between.problem)]])
    return null
  }
  if (between.edits.length === 0) return []
  talk.say([
    [span('Your changes', 'strong')],
    ...table(
      changesBetween(before, after).map((change) => ({
        name: change.path,
        value: changeLines(change.before, change.after),
      })),
      talk.width,
    ),
  ])
  return between.edits
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

/** What else an approval needs: a word for something critical, a reason where one is asked for. */
async function confirmed(talk: Conversation, choice: Choice): Promise<Choice | null> {
  if (!(await confirmCritical(talk))) return null
  if (!talk.review.content.noteFor.approve) return choice
  const note = await talk.ask([span('Approve', 'strong'), span(' because (needed; Esc goes back): ')])
  if (note !== null && note.trim() !== '') return { ...choice, note: note.trim() }
  talk.say([[span('• Not approved: this request needs a reason.')]])
  return null
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
