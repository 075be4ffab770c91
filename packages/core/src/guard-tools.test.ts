import { isGated } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { scene } from '../test/scene'

const { gate, effect } = scene()
const gated = gate.requireApproval(effect, { action: 'a.run' })

describe('isGated', () => {
  test.each<[string, unknown]>([
    ['a gated function', gated],
    ['a tool whose runner is gated', { name: 'x', execute: gated }],
    ['a tool whose every runner is gated', { func: gated, invoke: gated, schema: {} }],
  ])('%s is', (_what, tool) => {
    expect(isGated(tool)).toBe(true)
  })

  test.each<[string, unknown]>([
    ['a raw function', effect],
    ['a function that calls a gated one', (...args: unknown[]) => gated(...args)],
    ['a tool with a raw runner beside a gated one', { execute: gated, func: effect }],
    ['a tool without a runner', { name: 'x' }],
    [
      'a tool whose runner an accessor gives',
      {
        execute: gated,
        get run() {
          return gated
        },
      },
    ],
    ['a tool that inherits its runner', Object.create({ execute: gated })],
    ['a name', 'gated'],
    ['nothing', null],
    ['undefined', undefined],
  ])('%s is not', (_what, tool) => {
    expect(isGated(tool)).toBe(false)
  })
})

describe('guardTools', () => {
  test('T32: names the tool, and says what to do', () => {
    expect(() => gate.guardTools({ search: gated, drop: { execute: effect } })).toThrow(
      expect.objectContaining({
        code: 'ERR_TOOL_UNGATED',
        message: expect.stringMatching(/"drop".*requireApproval/s) as string,
      }),
    )
  })

  test('T32: a list it gave back works like the list, and refuses what is not gated', () => {
    const tools = gate.guardTools([gated])
    tools.push(gated)
    expect(tools.map((tool) => tool === gated)).toEqual([true, true])
    tools.length = 1
    expect([...tools]).toHaveLength(1)
    expect(() => tools.push(effect)).toThrow(/without a gate/)
    expect(() => tools.splice(0, 1, effect)).toThrow(/without a gate/)
    expect(() => Object.assign(tools, { 0: effect })).toThrow(/without a gate/)
    expect(tools).toEqual([gated])
  })

  test('T32: an accessor that could answer with another tool each time is refused', () => {
    const tools = gate.guardTools<Record<string, unknown>>({ gated })
    expect(() => Object.defineProperty(tools, 'gated', { get: () => effect })).toThrow(/without a gate/)
    const sneaky = Object.defineProperty({}, 'tool', {
      get: (() => {
        let first = true
        return () => {
          const tool = first ? gated : effect
          first = false
          return tool
        }
      })(),
      enumerable: true,
    })
    expect(() => gate.guardTools(sneaky)).toThrow(/without a gate/)
  })

  test('T32: what was given is changed beside the list: an ungated tool is not handed out', () => {
    const tool = { execute: gated }
    const list: unknown[] = [tool]
    const tools = gate.guardTools(list)
    list.push(effect)
    expect(tools[0]).toBe(tool)
    expect(() => [...tools]).toThrow(/without a gate/)
    list.pop()
    expect([...tools]).toEqual([tool])
    Object.assign(tool, { execute: effect })
    expect(() => tools.map((one) => one)).toThrow(/without a gate/)
  })

  test('T32: of a record too, also by an accessor', () => {
    const record: Record<string, unknown> = { gated }
    const tools = gate.guardTools(record)
    Object.defineProperty(record, 'raw', { get: () => effect, enumerable: true })
    expect(() => Object.values(tools)).toThrow(/without a gate/)
    expect(() => ({ ...tools })).toThrow(/without a gate/)
    expect(tools['gated']).toBe(gated)
    expect(tools['absent']).toBeUndefined()
  })

  test('T32: a tool that hides from enumeration is found', () => {
    const hidden = Object.defineProperty({ gated }, 'raw', { value: effect, enumerable: false })
    expect(() => gate.guardTools(hidden)).toThrow(/without a gate/)
  })

  test('deleting a tool is allowed', () => {
    const tools = gate.guardTools<Record<string, unknown>>({ gated })
    delete tools['gated']
    expect(Object.keys(tools)).toEqual([])
  })
})
