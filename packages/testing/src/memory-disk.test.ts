import { expect, test, vi } from 'vitest'
import { memoryDisk } from './memory-disk'

test('a transaction sees what it wrote, and others what it committed', () => {
  const disk = memoryDisk()
  disk.transact((tables) => {
    tables.write('marks', 'a', { n: 1 })
    tables.write('marks', 'b', { n: 2 })
    tables.delete('marks', 'a')
    expect([tables.read('marks', 'a'), tables.read('marks', 'b')]).toEqual([null, { n: 2 }])
    expect(tables.scan('marks')).toEqual([{ n: 2 }])
    expect(disk.dump()).toEqual({ marks: {} })
  })
  expect(disk.dump()).toEqual({ marks: { b: '{"n":2}' } })
})

test('a transaction that throws leaves the disk as it was', () => {
  const disk = memoryDisk()
  disk.transact((tables) => tables.write('marks', 'a', 1))
  const before = disk.dump()
  const work = () =>
    disk.transact((tables) => {
      tables.write('marks', 'a', 2)
      tables.delete('marks', 'a')
      tables.write('links', 'x', 1)
      throw new Error('half way')
    })
  expect(work).toThrow('half way')
  expect(disk.dump()).toEqual(before)
})

test('every reading is a value of its own', () => {
  const disk = memoryDisk()
  const row = { list: [1] }
  disk.transact((tables) => tables.write('marks', 'a', row))
  row.list.push(2)
  const [one, other] = disk.transact((tables) => [
    tables.read<typeof row>('marks', 'a'),
    tables.scan<typeof row>('marks')[0],
  ])
  one?.list.push(3)
  expect(other).toEqual({ list: [1] })
  expect(disk.transact((tables) => tables.scan('marks', (seen) => seen !== null))).toEqual([{ list: [1] }])
})

test('rows come in the order of their first writing', () => {
  const disk = memoryDisk()
  disk.transact((tables) => {
    for (const key of ['c', 'a', 'b']) tables.write('marks', key, key)
  })
  disk.transact((tables) => {
    tables.write('marks', 'c', 'C')
    tables.write('marks', 'd', 'd')
    expect(tables.scan('marks')).toEqual(['C', 'a', 'b', 'd'])
  })
  expect(disk.transact((tables) => tables.scan('marks', (_, key) => key > 'a'))).toEqual(['C', 'b', 'd'])
})

test('all who listen hear of changes, each until they stop, and one that throws harms no other', async () => {
  const disk = memoryDisk()
  const [gone, staying] = [vi.fn(), vi.fn()]
  disk.listen(() => {
    throw new Error('a listener')
  })
  disk.listen(gone)
  disk.listen(staying)
  disk.announce(['r-1'])
  disk.unlisten(gone)
  await Promise.resolve()
  expect(gone).not.toHaveBeenCalled()
  expect(staying.mock.calls).toEqual([[['r-1']]])
})
