import { createGate, group } from '@gatewright/core'
import { expect, test, vi } from 'vitest'
import { fakeClock, mockApprover, recordingAudit } from './index'
import './vitest'

function gateWith(approver: ReturnType<typeof mockApprover>, atLeast = 1) {
  const audit = recordingAudit()
  const clock = fakeClock()
  const gate = createGate({
    agent: { id: 'ops-bot', owner: null },
    approvers: [approver],
    reviewers: group('ops', { atLeast }),
    ephemeral: true,
    audit,
    clock,
    logger: { info() {}, warn() {}, error() {} },
  })
  return { gate, audit, clock }
}

test('an approved call runs once, with the arguments that were asked about', async () => {
  const approver = mockApprover().approve('data.export')
  const { gate, audit } = gateWith(approver)
  const exportTable = vi.fn(async (query: { table: string; rows: number; since: Date }) => query.rows)
  const gated = gate.requireApproval(exportTable, { action: 'data.export' })
  await expect(gated({ table: 'customers', rows: 20, since: new Date(0) })).resolves.toBe(20)
  expect(approver).toHaveRequested('data.export', { rows: 20, since: new Date(0) })
  expect(audit).toHaveRequested('data.export', { table: expect.stringContaining('custom') })
  expect(exportTable).toHaveExecutedOnce()
  expect(audit).toHaveExecutedOnce('data.export')
  await gate.close()
})

test('I1: a rejected call does not run, and says why', async () => {
  const { gate, audit } = gateWith(mockApprover().reject('data.export', 'not today'))
  const exportTable = vi.fn(async (rows: number) => rows)
  await expect(gate.requireApproval(exportTable, { action: 'data.export' })(5)).rejects.toMatchObject({
    code: 'ERR_APPROVAL_REJECTED',
    reason: 'not today',
  })
  expect(exportTable).not.toHaveBeenCalled()
  expect(audit.types()).toContain('request.rejected')
  await gate.close()
})

test('a quorum of three is met by three distinct mock reviewers', async () => {
  const approver = mockApprover().approve()
  const { gate } = gateWith(approver, 3)
  const run = vi.fn(async () => 'ran')
  await expect(gate.requireApproval(run, { action: 'data.export' })()).resolves.toBe('ran')
  expect(approver.votes.map(({ receipt }) => receipt?.status)).toEqual(['counted', 'counted', 'counted'])
  await gate.close()
})

test('with a quorum of two, one edits and both approve what came of it; that is what runs', async () => {
  const approver = mockApprover().edit('data.export', (args) => ({ ...args, rows: 10 }))
  const { gate } = gateWith(approver, 2)
  const run = vi.fn(async ({ rows }: { table: string; rows: number }) => rows)
  await expect(gate.requireApproval(run, { action: 'data.export' })({ table: 'a', rows: 900 })).resolves.toBe(
    10,
  )
  expect(run).toHaveExecutedOnce()
  expect(approver).toHaveRequested('data.export', { rows: 900 })
  expect(approver).toHaveRequested('data.export', { rows: 10 })
  await gate.close()
})

test('nobody answers, and the request expires on the fake clock', async () => {
  const { gate, clock } = gateWith(mockApprover().ignore())
  const run = vi.fn(async () => 'ran')
  const call = gate.requireApproval(run, { action: 'data.export' })()
  const refused = expect(call).rejects.toMatchObject({ code: 'ERR_APPROVAL_EXPIRED' })
  await clock.advance('1h')
  await refused
  expect(run).not.toHaveBeenCalled()
  await gate.close()
})

test('a decision that takes five minutes comes after five minutes', async () => {
  const { gate, clock } = gateWith(mockApprover().approve('*', { after: '5m' }))
  const run = vi.fn(async () => 'ran')
  const call = gate.requireApproval(run, { action: 'data.export' })()
  await clock.advance('299s')
  expect(run).not.toHaveBeenCalled()
  await clock.advance('1s')
  await expect(call).resolves.toBe('ran')
  await gate.close()
})

test('nobody can be reached: the call ends as undeliverable', async () => {
  const { gate, clock } = gateWith(mockApprover().unreachable())
  const call = gate.requireApproval(async () => 'ran', { action: 'data.export' })()
  const refused = expect(call).rejects.toMatchObject({ code: 'ERR_APPROVAL_UNDELIVERABLE' })
  await clock.advance('5m')
  await refused
  await gate.close()
})
