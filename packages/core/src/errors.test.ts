import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as core from '@gatewright/core'
import { describe, expect, test } from 'vitest'

const {
  ApprovalPendingError,
  ArgumentsInvalidError,
  ArgumentsUnsupportedError,
  GatewrightError,
  NotApprovedError,
  OptionError,
} = core

const ONE_OF_EACH = [
  new GatewrightError('ERR_GATE_CLOSED', 'closed', { requestId: 'r', cause: 'c' }),
  new OptionError('createGate.agent', 'is needed'),
  new ArgumentsUnsupportedError('/0/a', 'is a function'),
  new ArgumentsInvalidError('a.run', [
    { path: '/rows', message: 'too many' },
    { path: '', message: 'x' },
  ]),
  new NotApprovedError('ERR_APPROVAL_REJECTED', 'rejected', {
    action: 'a.run',
    reason: 'no',
    by: 'Ada',
    requestId: 'r',
  }),
  new ApprovalPendingError('a.run', 'r'),
]

describe('the family of errors', () => {
  test.each(ONE_OF_EACH.map((error) => [error.name, error] as const))(
    '%s is an Error with a stable code and its own name',
    (name, error) => {
      expect(error).toBeInstanceOf(Error)
      expect(error).toBeInstanceOf(GatewrightError)
      expect(GatewrightError.isInstance(error)).toBe(true)
      expect(error.code).toMatch(/^ERR_[A-Z_]+$/)
      expect(String(error)).toBe(`${name}: ${error.message}`)
      expect(error.stack).toContain(error.message)
    },
  )

  test('every error class that is exported belongs to the family', () => {
    const classes = Object.entries(core)
      .filter(([name]) => name.endsWith('Error'))
      .map(([, value]) => value as unknown as { prototype: object })
    expect(classes.length).toBeGreaterThanOrEqual(6)
    for (const one of classes) expect(one.prototype instanceof Error).toBe(true)
  })

  test('cause is native, and absent where there is none', () => {
    expect(ONE_OF_EACH[0]?.cause).toBe('c')
    expect('cause' in new GatewrightError('ERR_GATE_CLOSED', 'closed')).toBe(false)
  })

  test('isInstance takes nothing that only looks like one', () => {
    const inherits = Object.create(ONE_OF_EACH[0] as object)
    for (const other of [
      null,
      undefined,
      'ERR_GATE_CLOSED',
      new Error('x'),
      { code: 'ERR_GATE_CLOSED' },
      inherits,
      () => {},
    ]) {
      expect(GatewrightError.isInstance(other)).toBe(false)
    }
  })

  test('the brand does not show when an error is logged as JSON', () => {
    expect(JSON.parse(JSON.stringify(ONE_OF_EACH[1]))).toMatchObject({
      code: 'ERR_OPTION_INVALID',
      option: 'createGate.agent',
    })
  })

  test('no code is used that the list does not hold', () => {
    const text = readFileSync(join(import.meta.dirname, 'errors.ts'), 'utf8')
    const codes = new Set(text.match(/'ERR_[A-Z_]+'/g))
    expect(codes.size).toBeGreaterThan(20)
    for (const { code } of ONE_OF_EACH) expect(codes).toContain(`'${code}'`)
  })
})

describe('two copies of the package in one program', () => {
  test('recognise each other’s errors, and share the default gate and the session', async () => {
    const { vi } = await import('vitest')
    vi.resetModules()
    const other = (await import('./index')) as typeof core
    expect(other.GatewrightError).not.toBe(GatewrightError)
    for (const error of ONE_OF_EACH) {
      expect(error instanceof other.GatewrightError).toBe(false)
      expect(other.GatewrightError.isInstance(error)).toBe(true)
    }
    expect(GatewrightError.isInstance(new other.OptionError('x', 'y'))).toBe(true)
    const { attempt, scene } = await import('../test/scene')
    const s = scene()
    const seen: unknown[] = []
    const call = attempt(
      s.gate.requireApproval(
        async () => seen.push(core.currentSession()?.requestId, other.currentSession()?.requestId),
        { action: 'a.run' },
      )(),
    )
    const { id } = await s.only()
    await s.approve(id)
    await call.ended
    expect(seen).toEqual([id, id])
    // A function that one copy gated is gated to the other.
    const gated = s.gate.requireApproval(async () => {}, { action: 'a.other' })
    expect([core.isGated(gated), other.isGated(gated)]).toEqual([true, true])
  })
})
