import type { Approver, ApproverFinding } from '@gatewright/core'
import { expect, test } from 'vitest'
import { checkApprovers } from './check-approvers'
import { DoctorFindings } from './findings'
import { type DoctorSystem, realSystem } from './system'

function approver(more: Partial<Approver>): Approver {
  return { name: 'mine', deliver: async () => ({}), ...more }
}

async function found(
  approvers: readonly Approver[] | undefined,
  { offline = false, ...system }: Partial<DoctorSystem> & { readonly offline?: boolean } = {},
) {
  const findings = new DoctorFindings()
  await checkApprovers(approvers, { offline }, { ...realSystem, ...system }, findings)
  return findings.list
}

const seen = async (...told: Parameters<typeof found>): Promise<string> =>
  (await found(...told)).map(({ message, status }) => `${status}: ${message}`).join('\n')

test('an approver at a terminal needs one; of others it is said what cannot be looked at', async () => {
  const atTerminal = [approver({ transient: true })]
  expect(await seen(atTerminal, { hasTerminal: false })).toMatch(
    /^warning: "mine" asks at a terminal, and there is none here/,
  )
  expect(await seen(atTerminal, { hasTerminal: true })).toMatch(
    /^ok: "mine" asks at a terminal, and there is one/,
  )
  expect(await seen([approver({})])).toMatch(
    /^ok: "mine" is set up\. Whether it reaches anybody, a first request/,
  )
  expect(await seen([approver({ handle: async () => new Response() })])).toMatch(
    /votes come in under \/approvers\/mine/,
  )
  expect(await seen([])).toMatch(/^ok: the list is empty: .*gatewright inbox/)
  expect(await seen(undefined)).toMatch(/^ok: none is named/)
})

const FOUND: readonly ApproverFinding[] = [
  { status: 'ok', message: 'the token is good', fix: null },
  { status: 'problem', message: 'the app is not in C0OPS', fix: 'invite it' },
]

test('what an approver finds of itself is told under its name', async () => {
  expect(await found([approver({ check: async () => FOUND })])).toEqual([
    { check: 'approvers', status: 'ok', message: '"mine": the token is good', fix: null },
    { check: 'approvers', status: 'problem', message: '"mine": the app is not in C0OPS', fix: 'invite it' },
  ])
})

test('of one that checks itself it is still said where votes come in', async () => {
  const mine = approver({ check: async () => [], handle: async () => new Response() })
  expect(await seen([mine])).toBe('ok: "mine": votes come in under /approvers/mine of the review server')
})

test('several are asked at once, and told in their order', async () => {
  let tell: (found: readonly ApproverFinding[]) => void = () => {}
  const first = approver({
    name: 'first',
    check: () =>
      new Promise((resolve) => {
        tell = resolve
      }),
  })
  const second = approver({
    name: 'second',
    check: async () => {
      tell(FOUND)
      return FOUND
    },
  })
  const messages = (await found([first, second])).map(({ message }) => message)
  expect(messages.map((message) => message.split(':')[0])).toEqual([
    '"first"',
    '"first"',
    '"second"',
    '"second"',
  ])
})

test('with --offline nothing is asked', async () => {
  let asked = 0
  const check = async () => {
    asked += 1
    return []
  }
  expect(await seen([approver({ check })], { offline: true })).toBe(
    'ok: "mine" is set up. Whether it reaches anybody, was not asked',
  )
  expect(asked).toBe(0)
})

test.each<[string, NonNullable<Approver['check']>, RegExp]>([
  ['fails', () => Promise.reject(new Error('no such\nhost')), /reaches people: no such host$/],
  ['throws', () => assertNever(), /reaches people: never$/],
  ['hears no signal', () => new Promise(() => {}), /reaches people: it took longer than 0\.01 seconds$/],
  ['says nothing', async () => undefined as never, /what it says is no list of findings$/],
  ['says nonsense', async () => [{ status: 'fine' } as never], /what it says is no list of findings$/],
])('a check that %s is a warning', async (_what, check, message) => {
  expect(await found([approver({ check })], { patienceMs: 10 })).toEqual([
    {
      check: 'approvers',
      status: 'warning',
      message: expect.stringMatching(message),
      fix: expect.stringContaining('--offline'),
    },
  ])
})

function assertNever(): never {
  throw new Error('never')
}
