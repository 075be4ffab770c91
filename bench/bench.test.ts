import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Gate } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { argumentsOf, bytesOf } from './measure/arguments.mjs'
import { quantile } from './measure/quantile.mjs'
import { type Row, rows } from './rows.mjs'
import { describeResults } from './table.mjs'

describe('the arguments of a measured call', () => {
  test.each([100, 1024] as const)('have exactly %i bytes of JSON, and no two are equal', (bytes) => {
    const make = argumentsOf(bytes)
    const some = [0, 1, 9, 99_999, 1_000_000, 10_099_999].map(make)
    expect(some.map(bytesOf)).toEqual(some.map(() => bytes))
    expect(new Set(some.map((args) => JSON.stringify(args))).size).toBe(some.length)
  })
})

describe('a quantile', () => {
  test('is one of the values, and enough of them are no greater', () => {
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (sample, share) => {
        const found = quantile(sample, share)
        expect(sample.some((value) => value === found)).toBe(true)
        expect(sample.filter((value) => value <= found).length).toBeGreaterThanOrEqual(
          share * sample.length - 1e-9,
        )
      }),
    )
  })

  test('does not mistake the greatest for the p99 of many', () => {
    const hundreds = Array.from({ length: 1_000 }, (_, index) => index + 1)
    expect(quantile(hundreds, 0.99)).toBe(990)
    expect(quantile(hundreds, 0.5)).toBe(500)
  })
})

describe('the rows', () => {
  test('have names of their own, and scripts that exist', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    expect(rows.filter(({ script }) => !existsSync(join(import.meta.dirname, script)))).toEqual([])
  })

  test('bound every figure of ours', () => {
    expect(rows.filter(({ group, bound }) => group === 'gatewright' && !(Number(bound) > 0))).toEqual([])
  })
})

interface Ways {
  ran(): number
  readonly [way: string]: (args: object, index: number) => unknown
}

const agents = (what: string) => import(`./ours/agents/${what}.mjs`)

describe('a measured run of OpenAI runTools', () => {
  test('runs the tool once in each way: without a gate, as policy allows, and as somebody approves', async () => {
    const { allowed }: { allowed: { gate: Gate } } = await agents('scene')
    const { create }: { create(): Ways } = await agents('openai-run-tools')
    const { gate } = allowed
    const { ran, ...ways } = create()
    const heard: string[] = []
    const stops = (['request.approved', 'execution.started'] as const).map((name) =>
      gate.on(name, () => void heard.push(name)),
    )
    const make = argumentsOf(100)
    const found: Record<string, readonly unknown[]> = {}
    for (const [at, [way, call]] of Object.entries(ways).entries()) {
      const before = ran()
      await call(make(at), at)
      found[way] = [ran() - before, ...heard.splice(0)]
    }
    for (const stop of stops) stop()
    await gate.close()
    expect(found).toEqual({
      ungated: [1],
      allowed: [1, 'execution.started'],
      approved: [1, 'request.approved', 'execution.started'],
    })
  })
})

describe('the table', () => {
  const ours: Row = { name: 'reviewed, 100 B', group: 'gatewright', kind: 'call', script: '', bound: 40 }
  const theirs: Row = { name: 'AI SDK 6, call', group: 'peers', kind: 'call', script: '', times: 10 }

  test('says of a missed bound that it was missed, and by how much', () => {
    const text = describeResults([{ row: ours, figure: { value: 60, p99: 90, note: '' } }])
    expect(text).toMatch(/\| reviewed, 100 B \| 60\.0 µs \| 90\.0 µs \| <= 40\.0 µs \| no, 1\.5x \|/)
  })

  test('judges a figure by a bound of its own', () => {
    const text = describeResults([{ row: ours, figure: { value: 60, bound: 80, note: '' } }])
    expect(text).toMatch(/\| <= 80\.0 µs \| yes/)
  })

  test('sets peers beside our row of the same kind, and judges the factor of ten', () => {
    const beside = (value: number) =>
      describeResults([
        { row: ours, figure: { value: 40, note: '' } },
        { row: theirs, figure: { value, note: '' } },
      ])
    expect(beside(400)).toContain('| 10x')
    expect(beside(400)).toContain('AI SDK 6, call: 10.0 times, met.')
    expect(beside(399)).toContain('AI SDK 6, call: 9.9 times, not met (10).')
  })

  test('takes the factor of a peer that was measured in turns with ours from there', () => {
    const durable: Row = { ...theirs, name: 'with a saver', times: 20 }
    const text = describeResults([
      { row: ours, figure: { value: 40, note: '' } },
      { row: durable, figure: { value: 4_000, times: 15, note: '' } },
    ])
    expect(text).toContain('| 15x')
    expect(text).toContain('with a saver: 15.0 times, not met (20).')
  })
})
