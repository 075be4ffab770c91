import type { AuditEvent, AuditEventType, Json, Recipients } from '@gatewright/core'
import { expect, test, vi } from 'vitest'
import { fakeHost } from './conformance/fake-host'
import { fakeClock } from './fake-clock'
import { mockApprover } from './mock-approver'
import { recordingAudit } from './recording-audit'
import './vitest'

const nobody: Recipients = { purpose: 'ask', stages: [] }

async function approverThatSaw(...calls: readonly { action: string; args: { [name: string]: Json } }[]) {
  const approver = mockApprover().ignore()
  const host = fakeHost(fakeClock())
  await approver.start?.(host)
  for (const [index, call] of calls.entries()) {
    const review = host.ask({ requestId: `r${index}`, ...call })
    await approver.deliver(review, nobody, `d${index}`, new AbortController().signal)
  }
  return approver
}

function event(type: AuditEventType, subject: string, seq: number, data: AuditEvent['data']): AuditEvent {
  return { id: `${subject}/${seq}`, subject, seq, type, data, previous: null, source: 'gate', time: 0 }
}

const created = event('request.created', 'r1', 1, {
  action: 'data.export',
  arguments: [
    ['/rows', '20'],
    ['/since', '1970-01-01T00:00:00.000Z'],
    ['/tables/0', 'customers'],
    ['/dry', 'false'],
  ],
})

function failureOf(assertion: () => void): string {
  try {
    assertion()
  } catch (error) {
    return String(error)
  }
  return 'it passed'
}

test('toHaveRequested finds a request by its action and some of its arguments', async () => {
  const approver = await approverThatSaw(
    {
      action: 'data.export',
      args: { table: 'customers', rows: 20, filter: { country: 'FR', tags: ['a', 'b'] } },
    },
    { action: 'data.drop', args: {} },
  )
  expect(approver).toHaveRequested('data.export')
  expect(approver).toHaveRequested('data.drop', {})
  expect(approver).toHaveRequested('data.export', { rows: 20, filter: { country: 'FR' } })
  expect(approver).toHaveRequested('data.export', {
    table: expect.stringMatching(/^cust/),
    filter: { tags: ['a', 'b'] },
  })
  expect(approver).not.toHaveRequested('data.export', { rows: '20' })
  expect(approver).not.toHaveRequested('data.export', { filter: { tags: ['a'] } })
  expect(approver).not.toHaveRequested('data.export', { missing: undefined })
  expect(approver).not.toHaveRequested('data')
})

test('toHaveRequested reads the log as well', async () => {
  const audit = recordingAudit()
  await audit.append([created])
  expect(audit).toHaveRequested('data.export', {
    rows: 20,
    since: new Date(0),
    tables: ['customers'],
    dry: false,
  })
  expect(audit).not.toHaveRequested('data.export', { rows: 21 })
  expect(audit).not.toHaveRequested('data.drop')
})

test('a failing toHaveRequested says what was requested instead', async () => {
  const approver = await approverThatSaw({ action: 'data.export', args: { rows: 20 } })
  expect(failureOf(() => expect(approver).toHaveRequested('data.drop'))).toMatch(
    /a request for data\.drop\s+what was requested: data\.export/,
  )
  expect(failureOf(() => expect(approver).toHaveRequested('data.export', { rows: 5 }))).toMatch(
    /with .*"rows": 5.*data\.export was requested with.*"rows": 20/s,
  )
  expect(failureOf(() => expect(approver).not.toHaveRequested('data.export'))).toContain(
    'expected no request',
  )
  expect(failureOf(() => expect(mockApprover()).toHaveRequested('data.export'))).toContain(
    'nothing was requested',
  )
})

test('toHaveExecutedOnce counts the runs of a function', async () => {
  const run = vi.fn().mockName('exportTable')
  expect(run).not.toHaveExecutedOnce()
  expect(failureOf(() => expect(run).toHaveExecutedOnce())).toContain(
    'exportTable to have been executed exactly once; it was executed never',
  )
  run()
  expect(run).toHaveExecutedOnce()
  expect(failureOf(() => expect(run).not.toHaveExecutedOnce())).toContain('not to have been')
  run()
  expect(failureOf(() => expect(run).toHaveExecutedOnce())).toContain('2 times')
})

test('toHaveExecutedOnce counts the executions in the log, of reviewed and of allowed calls', async () => {
  const audit = recordingAudit()
  await audit.append([
    created,
    event('execution.started', 'r1', 2, {}),
    event('execution.succeeded', 'r1', 3, {}),
  ])
  expect(audit).toHaveExecutedOnce('data.export')
  expect(audit).not.toHaveExecutedOnce('data.drop')
  await audit.append([event('execution.started', 'r2', 1, { action: 'data.export', basis: 'policy' })])
  expect(audit).not.toHaveExecutedOnce('data.export')
})

test('both refuse what they cannot judge, also when negated', () => {
  const strangers: readonly unknown[] = [undefined, null, {}, 5, () => {}]
  for (const stranger of strangers) {
    expect(() => expect(stranger).not.toHaveRequested('data.export')).toThrow(TypeError)
    expect(() => expect(stranger).not.toHaveExecutedOnce('data.export')).toThrow(TypeError)
  }
  expect(() => expect(recordingAudit()).not.toHaveExecutedOnce()).toThrow('needs the name of the action')
})
