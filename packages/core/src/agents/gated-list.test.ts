import { expect, test } from 'vitest'
import { namesElsewhere } from './elsewhere'
import { gatedList } from './gated-list'

const gated = (tool: object) => ({ gated: tool })

test('T32: whatever can run is gated, in whichever way it comes into the list', () => {
  const [one, two, three, four] = [{ name: 'one' }, { name: 'two' }, () => {}, { name: 'four' }]
  const list: object[] = gatedList([one], gated, 'gateTools')
  list.push(two)
  list[2] = three
  Object.defineProperty(list, 3, { value: four, writable: true, enumerable: true, configurable: true })
  expect([...list]).toEqual([one, two, three, four].map(gated))
  expect(list).toHaveLength(4)
})

test('T32: nothing that could answer otherwise later, and no other prototype', () => {
  const list = gatedList([], gated, 'gateTools')
  expect(() => Object.defineProperty(list, 0, { get: () => ({}) })).toThrow(
    'gateTools: a tool may not be a getter',
  )
  expect(Reflect.setPrototypeOf(list, { 0: {} })).toBe(false)
})

test('T40: tools that run elsewhere are named in a list of texts', () => {
  expect([...namesElsewhere(undefined, 'gateTools'), ...namesElsewhere(['search'], 'gateTools')]).toEqual([
    'search',
  ])
  for (const names of ['search', [7], [''], null, {}])
    expect(() => namesElsewhere(names, 'gateTools')).toThrow(
      'gateTools.elsewhere: must be a list of names of tools',
    )
})
