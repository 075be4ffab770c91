/** Marks errors of every copy of this package, so that `isInstance` works across copies. An own property: a prototype can be faked by accident. */
const brand = Symbol.for('gatewright.error.v1')

/** What every {@link GatewrightError} may carry besides its code and message. */
export interface ErrorFields {
  /** The request, where one exists. */
  readonly requestId?: string
  /** What caused it. */
  readonly cause?: unknown
}

/**
 * The one family of errors. `code` is stable and decides; messages say what happened, what did not happen, and what to
 * do, and never contain raw arguments.
 */
export class GatewrightError<Code extends string = string> extends Error {
  readonly code: Code
  readonly requestId: string | undefined

  constructor(code: Code, message: string, fields: ErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.code = code
    this.requestId = fields.requestId
    Object.defineProperty(this, brand, { value: true })
    // Set by hand: `this.constructor.name` does not survive a minifier.
    Object.defineProperty(this, 'name', { value: 'GatewrightError', configurable: true, writable: true })
  }

  /** Whether a value is an error of this family, from any copy of the package; with this code, where one is given. */
  static isInstance<Code extends ErrorCode = ErrorCode>(
    value: unknown,
    code?: Code,
  ): value is GatewrightError<Code> {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, brand)) return false
    return code === undefined || (value as GatewrightError).code === code
  }
}

/** An option has a wrong value, or there is no such option. Thrown where the option was given, naming it. */
export class OptionError extends GatewrightError<'ERR_OPTION_INVALID'> {
  /** The option, as a path from the function that took it. */
  readonly option: string

  constructor(option: string, problem: string) {
    super('ERR_OPTION_INVALID', `${option}: ${problem}`)
    this.option = option
    this.name = 'OptionError'
  }
}

/** The arguments of a call cannot be copied faithfully. Nothing was asked or executed. */
export class ArgumentsUnsupportedError extends GatewrightError<'ERR_ARGUMENTS_UNSUPPORTED'> {
  /** JSON Pointer from the argument list. */
  readonly path: string
  /** What is wrong with it, as the rest of a sentence; never the value itself. */
  readonly problem: string

  constructor(path: string, problem: string, cause?: unknown) {
    super(
      'ERR_ARGUMENTS_UNSUPPORTED',
      `the argument at ${path === '' ? 'the root' : path} ${problem}. Nothing was executed. Pass plain data, or name the parameter in the action's "facts" option.`,
      { cause },
    )
    this.path = path
    this.problem = problem
    this.name = 'ArgumentsUnsupportedError'
  }
}

/** The arguments do not satisfy the action's schema or parameter names. Nothing was asked or executed. */
export class ArgumentsInvalidError extends GatewrightError<'ERR_ARGUMENTS_INVALID'> {
  /** What is wrong, one entry a problem; never the values themselves. */
  readonly issues: readonly { readonly path: string; readonly message: string }[]

  constructor(
    action: string,
    issues: readonly { readonly path: string; readonly message: string }[],
    cause?: unknown,
  ) {
    const first = issues[0]
    super(
      'ERR_ARGUMENTS_INVALID',
      `the arguments of ${action} are not valid${first ? `: ${first.path || 'arguments'}: ${first.message}` : ''}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''}. Nothing was executed.`,
      { cause },
    )
    this.issues = issues
    this.name = 'ArgumentsInvalidError'
  }
}

/** A call did not run because of a decision about it: the error's `code` says which of DESIGN's words it came to. */
export class NotApprovedError<Code extends NotApprovedCode = NotApprovedCode> extends GatewrightError<Code> {
  readonly action: string
  /** Why, in words: a reviewer's note, a rule's reason. Written by people and rules, not by the agent. */
  readonly reason: string
  /** The person who decided, where one did: their display name. */
  readonly by: string | null
  /** When nobody is asked for a while: after this time an equal call is asked for. Milliseconds; `null` otherwise. */
  readonly retryAfterMs: number | null

  constructor(
    code: Code,
    message: string,
    fields: ErrorFields & {
      readonly action: string
      readonly reason: string
      readonly by?: string | null
      readonly retryAfterMs?: number
    },
  ) {
    super(code, message, fields)
    this.action = fields.action
    this.reason = fields.reason
    this.by = fields.by ?? null
    this.retryAfterMs = fields.retryAfterMs ?? null
    this.name = 'NotApprovedError'
  }
}

/** The request waits and the caller chose not to: call again with the same key, or `gate.resume(requestId)`. */
export class ApprovalPendingError extends GatewrightError<'ERR_APPROVAL_PENDING'> {
  declare readonly requestId: string

  constructor(action: string, requestId: string) {
    super(
      'ERR_APPROVAL_PENDING',
      `${action} waits for approval (request ${requestId}). Nothing was executed. Call again with the same key, or gate.resume('${requestId}'), once it is decided.`,
      { requestId },
    )
    this.name = 'ApprovalPendingError'
  }
}

/** Codes of calls that were decided against, or not decided in time. */
export type NotApprovedCode =
  | 'ERR_APPROVAL_DENIED'
  | 'ERR_APPROVAL_REJECTED'
  | 'ERR_APPROVAL_EXPIRED'
  | 'ERR_APPROVAL_CANCELLED'
  | 'ERR_APPROVAL_UNDELIVERABLE'
  | 'ERR_APPROVAL_LAPSED'
  | 'ERR_APPROVAL_INVALIDATED'
  | 'ERR_APPROVAL_COOLING_DOWN'
  | 'ERR_RATE_LIMITED'

/** Every code, for an exhaustive `switch`. */
export type ErrorCode =
  | NotApprovedCode
  | 'ERR_OPTION_INVALID'
  | 'ERR_ARGUMENTS_UNSUPPORTED'
  | 'ERR_ARGUMENTS_INVALID'
  | 'ERR_APPROVAL_PENDING'
  | 'ERR_EXECUTION_BLOCKED'
  | 'ERR_EXECUTION_UNKNOWN'
  | 'ERR_EXECUTION_TIMEOUT'
  | 'ERR_EXECUTION_FAILED'
  | 'ERR_ALREADY_EXECUTED'
  | 'ERR_KEY_CONFLICT'
  | 'ERR_GATE_MISSING'
  | 'ERR_GATE_SEALED'
  | 'ERR_GATE_CLOSED'
  | 'ERR_AUDIT_UNAVAILABLE'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_REQUEST_NOT_FOUND'
  | 'ERR_REQUEST_NOT_RESUMABLE'
  | 'ERR_TRANSITION_ILLEGAL'
  | 'ERR_VOTE_MALFORMED'
  | 'ERR_GRANT_INVALID'
  | 'ERR_IDENTITY_UNAVAILABLE'
  | 'ERR_LINK_INVALID'
  | 'ERR_CLAIM_REFUSED'
  | 'ERR_MESSAGE_GONE'
  | 'ERR_TOOL_UNGATED'
  | 'ERR_SECRET_MISSING'
  | 'ERR_NO_SESSION'
