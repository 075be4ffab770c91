import {
  ArgumentsInvalidError,
  ArgumentsUnsupportedError,
  type ErrorCode,
  GatewrightError,
} from '@gatewright/core'
import { changedNote, refusalOf, toolAction } from '@gatewright/core/agents'
import { expect, test } from 'vitest'
import { isActionName } from '../policy/action'

/** Every code, and whether it is for the model. An exhaustive record: a new code does not compile until it is decided. */
const FOR_THE_MODEL: Record<ErrorCode, boolean> = {
  ERR_APPROVAL_DENIED: true,
  ERR_APPROVAL_REJECTED: true,
  ERR_APPROVAL_EXPIRED: true,
  ERR_APPROVAL_CANCELLED: true,
  ERR_APPROVAL_UNDELIVERABLE: true,
  ERR_APPROVAL_LAPSED: true,
  ERR_APPROVAL_INVALIDATED: true,
  ERR_APPROVAL_COOLING_DOWN: true,
  ERR_RATE_LIMITED: true,
  ERR_ARGUMENTS_UNSUPPORTED: true,
  ERR_ARGUMENTS_INVALID: true,
  ERR_KEY_CONFLICT: true,
  ERR_ALREADY_EXECUTED: true,
  ERR_EXECUTION_FAILED: true,
  ERR_EXECUTION_UNKNOWN: true,
  ERR_EXECUTION_BLOCKED: true,
  ERR_EXECUTION_TIMEOUT: true,
  ERR_OPTION_INVALID: false,
  ERR_APPROVAL_PENDING: false,
  ERR_GATE_MISSING: false,
  ERR_GATE_SEALED: false,
  ERR_GATE_CLOSED: false,
  ERR_AUDIT_UNAVAILABLE: false,
  ERR_STORE_UNAVAILABLE: false,
  ERR_REQUEST_NOT_FOUND: false,
  ERR_REQUEST_NOT_RESUMABLE: false,
  ERR_TRANSITION_ILLEGAL: false,
  ERR_VOTE_MALFORMED: false,
  ERR_GRANT_INVALID: false,
  ERR_IDENTITY_UNAVAILABLE: false,
  ERR_LINK_INVALID: false,
  ERR_CLAIM_REFUSED: false,
  ERR_MESSAGE_GONE: false,
  ERR_TOOL_UNGATED: false,
  ERR_SECRET_MISSING: false,
  ERR_NO_SESSION: false,
}
const codes = Object.entries(FOR_THE_MODEL) as [ErrorCode, boolean][]
const NOT_AGAIN = ['ERR_ALREADY_EXECUTED', 'ERR_EXECUTION_FAILED']
const NOT_KNOWN = ['ERR_EXECUTION_UNKNOWN', 'ERR_EXECUTION_TIMEOUT']

function firstWords(code: string): string {
  if (NOT_AGAIN.includes(code)) return 'deleteUser did not run again. '
  return NOT_KNOWN.includes(code)
    ? 'What became of deleteUser is not known. '
    : 'deleteUser was not executed. '
}

test.each(codes)('%s: for the model %s', (code, forTheModel) => {
  const error = new GatewrightError(code, "call gate.resume('r-1') with retry: true", { requestId: 'r-1' })
  const refusal = refusalOf(error, 'deleteUser')
  expect(refusal !== null).toBe(forTheModel)
  if (refusal === null) return
  expect(refusal).toMatchObject({ code, requestId: 'r-1', by: null, reason: null })
  // Advice for programmers is none for models.
  expect(refusal.text).not.toMatch(/gate\.|retry:/)
  expect(refusal.text.startsWith(firstWords(code))).toBe(true)
})

test('arguments that cannot be copied are named, with what is wrong about them', () => {
  const refusal = refusalOf(new ArgumentsUnsupportedError('/0/id', 'is too large'), 'deleteUser')
  expect(refusal?.text).toBe(
    'deleteUser was not executed. The argument at /0/id is too large. Send plain JSON values and call again.',
  )
})

test('what is wrong with arguments is told in bounds, whatever the model named them', () => {
  const long = 'k'.repeat(1_000_000)
  const issues = Array.from({ length: 50_000 }, () => ({ path: `/${long}`, message: `no \ud83d${long}` }))
  const texts = [
    refusalOf(new ArgumentsInvalidError('a.b', issues), 'deleteUser'),
    refusalOf(new ArgumentsUnsupportedError(`/0/\ud83d${long}`, 'is too large'), 'deleteUser'),
  ].map((refusal) => refusal?.text ?? '')
  expect(texts[0]).toContain('; and 49980 more. ')
  for (const text of texts) {
    expect(text.length).toBeLessThan(15_000)
    expect(text).toMatch(/call again\.$/)
    expect(text).not.toMatch(/\p{Surrogate}/u)
  }
})

test('what is no error of the gate is none for the model', () => {
  expect([
    refusalOf(new Error('no'), 'a'),
    refusalOf('ERR_APPROVAL_DENIED', 'a'),
    refusalOf(null, 'a'),
  ]).toEqual([null, null, null])
})

test.each([
  ['deleteUser', 'tool.delete_user'],
  ['mcp__fs__write-file', 'tool.mcp__fs__write-file'],
  ['HTTPGet', 'tool.httpget'],
  ['a.b c', 'tool.a_b_c'],
  ['löschen!', 'tool.l_schen_'],
])('the tool %s is the action %s', (tool, action) => {
  expect(toolAction(tool)).toBe(action)
  expect(isActionName(action)).toBe(true)
})

test('a note says what was changed, if anything was', () => {
  expect([changedNote([]), changedNote(['/a/b', ''])]).toEqual([
    '',
    'A reviewer changed arguments of this call before it ran: /a/b, all of them.',
  ])
})
