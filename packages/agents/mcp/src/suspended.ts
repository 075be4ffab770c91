import { randomUUID } from 'node:crypto'
import type { AgentOptions } from '@gatewright/core/agents'
import { type CallParams, isRecord, isStateless, type Outcome, PROTOCOL } from './messages'

/** The run of calls that are found again by their state alone. */
export const SUSPENDED_RUN = 'mcp-suspended'
const PREFIX = 'gatewright/'

/**
 * Whether a call that waits is answered `input_required`, and taken up when the client repeats it with our state: in the
 * protocol without sessions (2026-07-28), where `wait` says so.
 */
export function suspends({ wait }: AgentOptions, params: CallParams): boolean {
  return wait !== undefined && wait !== 'inline' && isStateless(params)
}

/** The state of ours that a call comes back with. */
export function stateIn({ requestState }: CallParams): string | undefined {
  return typeof requestState === 'string' && requestState.startsWith(PREFIX) && requestState.length < 200
    ? requestState
    : undefined
}

/**
 * A state that nobody guesses. It is the key of the call: what comes back with it and other arguments is a conflict, and
 * what is made up is a call of its own, which asks anew.
 */
export function newState(): string {
  return PREFIX + randomUUID()
}

/** Without what is said to the gate, and not to the server behind it. */
export function withoutState(params: CallParams): CallParams {
  if (stateIn(params) === undefined) return params
  const { inputResponses: _responses, requestState: _state, ...rest } = params
  return rest as CallParams
}

/**
 * Tells a client to come back. It waits for its person where it opens addresses: at the page of the request, where whoever may
 * decides signs in. What that person answers here is no vote.
 */
export function comeBack(state: string, params: CallParams, link: string | null): Outcome {
  const capabilities = params._meta?.[`${PROTOCOL}clientCapabilities`]
  const elicitation = isRecord(capabilities) ? capabilities.elicitation : undefined
  const opens = isRecord(elicitation) && isRecord(elicitation.url)
  const ask = {
    method: 'elicitation/create',
    params: {
      mode: 'url',
      message: 'This call waits for a reviewer, who decides at this address. Go on once it is decided.',
      url: link,
    },
  }
  return {
    result: {
      resultType: 'input_required',
      requestState: state,
      ...(opens && link !== null && { inputRequests: { approval: ask } }),
    },
  }
}
