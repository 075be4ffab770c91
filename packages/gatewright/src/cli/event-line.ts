import type { EventFacts, LogEvent } from '@gatewright/audit'
import { makeVisible } from '@gatewright/core'
import { eventWords, instant, type Tone } from './event-words'
import { shortId } from './request-ids'

/** How lines are seen. */
export interface LineStyle {
  readonly colour: boolean
  /** Lines are cut to fit; `null` cuts nothing. */
  readonly columns: number | null
}

const STEP_WIDTH = 11
const ACTION_WIDTH = 16
const WHO_WIDTH = 12
/** What is left of a line for its details, however narrow the terminal is. */
const LEAST_DETAILS = 20

/** Colours of a terminal. */
const CODES: Readonly<Record<Tone, string>> = {
  good: '32',
  bad: '31',
  warn: '33',
  ask: '36',
  quiet: '2',
  plain: '0',
}

/**
 * One event as one line: when, of which request, what happened, to which action, by whom, and why. All that the log says
 * came from agents and people: nothing in it may steer a terminal, or begin a line of its own.
 */
export function eventLine(event: LogEvent, facts: EventFacts, { colour, columns }: LineStyle): string {
  const { details, step, tone } = eventWords(event, facts)
  const paint = (code: string, text: string) =>
    colour && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text
  const time = instant(event.time)
  const id = shortId(visible(facts.requestId ?? ''))
  const what = visible(step).padEnd(STEP_WIDTH)
  const rest = [
    visible(facts.action ?? '').padEnd(ACTION_WIDTH),
    visible(whoOf(event, facts)).padEnd(WHO_WIDTH),
    visible(details.filter((detail) => detail !== null).join(' · ')),
  ]
  const text = rest.join('  ').trimEnd()
  const used = time.length + id.length + what.length + 6
  const least = ACTION_WIDTH + WHO_WIDTH + LEAST_DETAILS
  const cut = columns === null ? text : cutTo(text, Math.max(least, columns - used))
  return [
    paint('2', time),
    paint('2', id),
    paint(CODES[tone], cut === '' ? what.trimEnd() : what),
    tone === 'quiet' ? paint('2', cut) : cut,
  ]
    .join('  ')
    .trimEnd()
}

/** Steps that an agent takes, or that are taken for it. */
const OF_AN_AGENT = /^(?:request\.created|execution\.|call\.)/

/** Who took the step: the person, or the agent with the human it acts for. Time and the gate have no name. */
function whoOf({ data, type }: LogEvent, { actor, onBehalfOf, requester }: EventFacts): string {
  if (actor !== null) return actor.name ?? actor.subject ?? 'somebody'
  if (typeof data.agent === 'string') return data.agent
  if (requester === null || !OF_AN_AGENT.test(type)) return ''
  const human = onBehalfOf?.name ?? onBehalfOf?.subject
  return human == null ? requester : `${requester} for ${human}`
}

/** What stands where a value was committed to and set aside. */
const COMMITTED = /\{"hmac":"[^"]*"\}/g

function visible(text: string): string {
  return makeVisible(text.replace(COMMITTED, '[withheld]')).text.replaceAll('\n', '⏎').replaceAll('\t', ' ')
}

function cutTo(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
