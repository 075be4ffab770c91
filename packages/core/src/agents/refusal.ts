import {
  type ArgumentsInvalidError,
  type ArgumentsUnsupportedError,
  type ErrorCode,
  GatewrightError,
  type NotApprovedError,
} from '../errors'
import { cutAt } from './bounds'

/** Why a tool did not run, for a model that can do something about it. */
export interface Refusal {
  readonly code: ErrorCode
  /** What happened, that nothing was executed (or what is not known), and what to do: in words for a model (T46). */
  readonly text: string
  readonly requestId: string | null
  /** The person who decided, where one did. */
  readonly by: string | null
  /** Their words, or a rule's. */
  readonly reason: string | null
}

/** What a model can do. A code that is not here tells of the host's own trouble, and is the host's to hear. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  ERR_APPROVAL_DENIED: 'No person was asked: a rule forbids it. Calling again unchanged will not help.',
  ERR_APPROVAL_REJECTED:
    'Calling again unchanged will not help: do what the reviewer says, or tell the user.',
  ERR_APPROVAL_EXPIRED: 'Do not repeat the call now; tell the user.',
  ERR_APPROVAL_UNDELIVERABLE:
    'Nobody who may decide could be reached. Do not repeat the call now; tell the user.',
  ERR_APPROVAL_CANCELLED:
    'It was withdrawn before it was decided. Do not repeat it unless the user asks for it.',
  ERR_APPROVAL_LAPSED:
    'It was approved, and did not run in time. It may be called again, and people are asked anew.',
  ERR_APPROVAL_INVALIDATED:
    'What had been approved changed meanwhile. Look at how things are now before calling again; people are asked anew.',
  ERR_APPROVAL_COOLING_DOWN: 'The same call was rejected a moment ago. Do not repeat it; tell the user.',
  ERR_RATE_LIMITED: 'Too many calls wait or were made. Wait for those before making more.',
  ERR_ARGUMENTS_INVALID: 'Mend the arguments and call again.',
  ERR_ARGUMENTS_UNSUPPORTED: 'Send plain JSON values and call again.',
  ERR_KEY_CONFLICT: 'This call id was used with other arguments. Make a new call.',
  ERR_ALREADY_EXECUTED: 'It already ran, once, and its result is not kept. Do not repeat it.',
  ERR_EXECUTION_FAILED: 'It ran before and failed. Make a new call if it should be tried again.',
  ERR_EXECUTION_UNKNOWN:
    'It was started, and may have had its effect. Do not repeat it; tell the user to find out.',
  ERR_EXECUTION_TIMEOUT:
    'It took too long and was told to stop, and may have had its effect. Do not repeat it; tell the user to find out.',
  ERR_EXECUTION_BLOCKED: 'It was refused just before it ran. Tell the user.',
}

const NOT_EXECUTED = (tool: string): string => `${tool} was not executed.`
const NOT_AGAIN = (tool: string): string => `${tool} did not run again.`
const NOT_KNOWN = (tool: string): string => `What became of ${tool} is not known.`

/** Where something was done, or may have been. */
const WAS_DONE: Partial<Record<ErrorCode, (tool: string) => string>> = {
  ERR_ALREADY_EXECUTED: NOT_AGAIN,
  ERR_EXECUTION_FAILED: NOT_AGAIN,
  ERR_EXECUTION_UNKNOWN: NOT_KNOWN,
  ERR_EXECUTION_TIMEOUT: NOT_KNOWN,
}

/** Of what is wrong with arguments a model is told so many, each in so many characters. */
const MOST_ISSUES = 20
const MOST_CHARACTERS = 300

/**
 * What to tell a model of an error that a gated call gave. `null`: this is no answer for a model, and the adapter throws it to
 * its host: the call still waits, the gate, its store or its log is down, or the error is the tool's own.
 *
 * @param tool - as the model knows it
 */
export function refusalOf(error: unknown, tool: string): Refusal | null {
  if (!GatewrightError.isInstance(error)) return null
  const advice = ADVICE[error.code]
  if (advice === undefined) return null
  const { by = null, reason = null } = error as Partial<NotApprovedError>
  const parts = [
    (WAS_DONE[error.code] ?? NOT_EXECUTED)(tool),
    ...(by === null ? [] : [`Decided by ${by}.`]),
    ...(reason === null ? issuesOf(error) : [`Reason: ${sentence(reason)}`]),
    advice,
  ]
  return { code: error.code, text: parts.join(' '), requestId: error.requestId ?? null, by, reason }
}

function issuesOf(error: unknown): readonly string[] {
  const { issues, path, problem } = error as Partial<
    Pick<ArgumentsInvalidError, 'issues'> & Pick<ArgumentsUnsupportedError, 'path' | 'problem'>
  >
  if (problem !== undefined) return [sentence(`The argument at ${short(path || 'the root')} ${problem}`)]
  if (!Array.isArray(issues) || issues.length === 0) return []
  const told = (issues as ArgumentsInvalidError['issues'])
    .slice(0, MOST_ISSUES)
    .map(({ path, message }) => `${short(path || 'the arguments')}: ${short(message)}`)
  const left = issues.length - told.length
  return [sentence([...told, ...(left === 0 ? [] : [`and ${left} more`])].join('; '))]
}

/** What names arguments holds what the model wrote, and would come back to it. */
const short = (text: string): string => cutAt(MOST_CHARACTERS, text)

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
