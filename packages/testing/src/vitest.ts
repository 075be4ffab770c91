import { expect, vi } from 'vitest'
import {
  isMockApprover,
  isRecordingAudit,
  type Requested,
  requestedOf,
  startedActions,
} from './vitest-evidence'

/** The context that vitest calls a matcher in, as far as it is used. */
interface MatcherContext {
  readonly equals: (one: unknown, other: unknown, testers?: Tester[]) => boolean
  readonly utils: { readonly subsetEquality: Tester; stringify(value: unknown): string }
}

type Tester = Parameters<typeof expect.addEqualityTesters>[0][number]

interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
}

/** The matchers by name, for an `expect` of your own: `expect.extend(matchers)`. Importing the module does it for vitest's. */
export const matchers = {
  toHaveRequested(
    this: MatcherContext,
    received: unknown,
    action: string,
    args?: Readonly<Record<string, unknown>>,
  ): MatcherResult {
    const requested = requestedBy(received)
    const ofAction = requested.filter((one) => one.action === action)
    const pass = ofAction.some(
      (one) => args === undefined || this.equals(one.args, one.encode(args), [this.utils.subsetEquality]),
    )
    const show = (value: unknown): string => this.utils.stringify(value)
    return {
      pass,
      message: () =>
        [
          `expected ${pass ? 'no request' : 'a request'} for ${action}${args === undefined ? '' : ` with ${show(args)}`}`,
          requestedInWords(action, ofAction, requested, show),
        ].join('\n\n'),
    }
  },

  toHaveExecutedOnce(this: MatcherContext, received: unknown, action?: string): MatcherResult {
    const { times, what } = executions(received, action)
    return {
      pass: times === 1,
      message: () =>
        `expected ${what} ${times === 1 ? 'not to have been' : 'to have been'} executed exactly once; it was executed ${inWords(times)}`,
    }
  },
}

expect.extend(matchers)

declare module 'vitest' {
  interface Matchers<T> {
    /**
     * The people were asked about a call of `action`, on a mock approver; or the log says so, on a recording audit sink.
     *
     * @param args - named arguments that the call had, at least; asymmetric matchers are fine
     */
    toHaveRequested(action: string, args?: Readonly<Record<string, unknown>>): void
    /**
     * The function ran exactly once: on a `vi.fn()`, or on a recording audit sink.
     *
     * @param action - on a sink: whose executions count
     */
    toHaveExecutedOnce(action?: string): void
  }
}

function requestedBy(received: unknown): readonly Requested[] {
  if (isMockApprover(received) || isRecordingAudit(received)) return requestedOf(received)
  throw new TypeError('toHaveRequested needs a mockApprover() or a recordingAudit()')
}

function requestedInWords(
  action: string,
  ofAction: readonly Requested[],
  all: readonly Requested[],
  show: (value: unknown) => string,
): string {
  if (ofAction.length > 0)
    return `${action} was requested with\n${ofAction.map(({ args }) => `  ${show(args)}`).join('\n')}`
  if (all.length === 0) return 'nothing was requested'
  return `what was requested: ${[...new Set(all.map((one) => one.action))].join(', ')}`
}

function executions(
  received: unknown,
  action: string | undefined,
): { readonly times: number; readonly what: string } {
  if (vi.isMockFunction(received)) return { times: received.mock.calls.length, what: received.getMockName() }
  if (!isRecordingAudit(received))
    throw new TypeError('toHaveExecutedOnce needs a vi.fn() or a recordingAudit()')
  if (action === undefined)
    throw new TypeError('toHaveExecutedOnce on a recordingAudit() needs the name of the action')
  return { times: startedActions(received).filter((started) => started === action).length, what: action }
}

function inWords(times: number): string {
  return times === 0 ? 'never' : times === 1 ? 'once' : `${times} times`
}
