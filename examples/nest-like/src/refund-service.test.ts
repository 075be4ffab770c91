import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as core from '@gatewright/core'
import { person, setDefaultGate } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import ts from 'typescript'
import { afterEach, expect, test } from 'vitest'
import { openRefundGate } from './refund-gate'
import * as asWritten from './refund-service'

/** The service as TypeScript compiles it for NestJS. */
function forNest(): typeof asWritten {
  const [target, module] = [ts.ScriptTarget.ES2022, ts.ModuleKind.CommonJS]
  const compilerOptions = { target, module, experimentalDecorators: true }
  const source = readFileSync(join(import.meta.dirname, 'refund-service.ts'), 'utf8')
  const { outputText } = ts.transpileModule(source, { compilerOptions })
  expect(outputText).toContain('__decorate([')
  const exported = {} as typeof asWritten
  new Function('exports', 'require', outputText)(exported, () => core)
  return exported
}

afterEach(() => setDefaultGate(null))

test.each([
  ['standard decorators', asWritten],
  ['experimentalDecorators, as NestJS has them', forNest()],
])(
  '%s: reading and small sums ask nobody, others wait, and what is refused is not paid',
  async (_, compiled) => {
    const rita = person('https://idp.example.com', 'rita', { name: 'Rita', groups: ['support'] })
    const people = mockApprover()
      .approve(({ content }) => content.arguments.some(({ text }) => text === 'order-1'), { by: rita })
      .reject('order.refund', 'already sent back once')
    const gate = openRefundGate([people])
    const paid = new Map([
      ['order-1', 12_000],
      ['order-2', 12_000],
    ])
    const service = new compiled.RefundService({
      paid: async (order) => paid.get(order) ?? 0,
      giveBack: async (order, cents) => void paid.set(order, (paid.get(order) ?? 0) - cents),
    })

    expect(await service.paid('order-1')).toBe(12_000)
    expect(await service.refund('order-2', 500, 'a scratch')).toMatchObject({ approvedBy: [] })
    expect(people.seen).toEqual([])

    const receipt = await service.refund('order-1', 5_000, 'it arrived broken')
    expect(receipt).toEqual({ order: 'order-1', cents: 5_000, approvedBy: ['Rita'] })
    await expect(service.refund('order-2', 9_000, 'trust me')).rejects.toMatchObject({
      code: 'ERR_APPROVAL_REJECTED',
      reason: 'already sent back once',
    })
    expect([...paid.values()]).toEqual([7_000, 11_500])
    await gate.close()
  },
)
