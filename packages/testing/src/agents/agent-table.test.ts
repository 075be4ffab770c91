import { expect, test } from 'vitest'
import type { AgentHarness } from './agent-harness'
import type { AgentCase } from './agent-scene'
import { agentFamilyTable, agentResult, agentTable } from './agent-table'

const run = async (): Promise<void> => {}
const [common, cancels, streams, both]: readonly AgentCase[] = [
  { name: 'common', run },
  { name: 'cancels', needs: ['cancel'], run },
  { name: 'streams', needs: ['streaming'], run },
  { name: 'yields', needs: ['streaming', 'generator'], run },
]
const cases = [common, cancels, streams, both].filter((one) => one !== undefined)

function result(name: string, cannot: AgentHarness['cannot'], passed: readonly (AgentCase | undefined)[]) {
  const harness = { cannot, create: () => Promise.reject(new Error('not here')) } as AgentHarness
  return agentResult(name, harness, cases, new Set(passed.filter((one) => one !== undefined)))
}

/** The row that begins with a text. */
function row(table: string, begin: string): string | undefined {
  return table.split('\n').find((line) => line.startsWith(`| ${begin}`))
}

test('a capability is there when each of its cases passed that the framework can try', () => {
  const all = result('all', {}, cases)
  expect(all.can).toEqual(expect.arrayContaining(['streaming', 'generator', 'cancel']))
  expect(all.common).toEqual({ passed: 1, of: 1 })
  const partly = result('partly', { generator: 'it has none' }, [common, streams])
  expect(partly.can).toContain('streaming')
  expect(partly.can).not.toContain('cancel')
  expect(partly.cannot).toEqual({ generator: 'it has none' })
  expect(result('nothing', {}, []).common).toEqual({ passed: 0, of: 1 })
})

test('the table has a column for each adapter, and each reason once', () => {
  const table = agentTable([
    result('one', { generator: 'it has none', cancel: 'it ends | nothing' }, [common, streams]),
    result('other', { generator: 'it has none' }, [common, streams]),
  ])
  expect(row(table, ' |')).toBe('|  | one | other |')
  expect(row(table, 'cases that all must pass')).toMatch(/\| 1 of 1 \| 1 of 1 \|$/)
  expect(row(table, 'tools that yield')).toMatch(/\| no \((\d)\) \| no \(\1\) \|$/)
  expect(row(table, 'aborting the run')).toMatch(/\| no \(\d\) \| ✗ \|$/)
  expect(row(table, 'parts of a stream')).toMatch(/\| ✓ \| ✓ \|$/)
  expect(table.match(/^\d\. it has none$/gm)).toHaveLength(1)
})

test('the table of frameworks says which of its ways cannot, and why', () => {
  const table = agentFamilyTable([
    {
      name: 'One',
      results: [
        result('agents', {}, cases),
        result('graphs', { generator: 'it has none' }, [common, streams, cancels]),
      ],
    },
    {
      name: 'Two',
      results: [
        result('first', { generator: 'it has none', cancel: 'it ends' }, [common, streams]),
        result('second', { generator: 'it has none', cancel: 'it waits' }, [common]),
      ],
    },
  ])
  expect(row(table, ' |')).toBe('|  | One | Two |')
  expect(row(table, 'cases that all must pass')).toMatch(/\| 2 of 2 \| 2 of 2 \|$/)
  expect(row(table, 'parts of a stream')).toMatch(/\| ✓ \| ✗ \|$/)
  expect(row(table, 'tools that yield')).toMatch(/\| in part \(1\) \| no \(2\) \|$/)
  expect(row(table, 'aborting the run')).toMatch(/\| ✓ \| no \(3, 4\) \|$/)
  expect(table).toContain(
    '\n1. graphs: it has none\n2. it has none\n3. first: it ends\n4. second: it waits\n',
  )
})
