import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COVERED } from './covered'

/** A test's name that begins with a threat's id. */
const NAME = /['"`](T\d\d): /g

const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts') && name !== 'covered.test.ts')
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))

describe('the list of threats', () => {
  const attacked = new Set(files.flatMap((text) => [...text.matchAll(NAME)].map(([, id]) => id ?? '')))

  test.each(COVERED)('%s has a test that attacks', (id) => {
    expect(attacked).toContain(id)
  })

  test('no test attacks a threat that is not listed', () => {
    expect([...attacked].filter((id) => !COVERED.includes(id))).toEqual([])
  })

  test('every test is named by the threat it proves the defence against', () => {
    const tests = files.flatMap((text) => [...text.matchAll(/^ {2}test\b/gm)])
    const named = files.flatMap((text) => [...text.matchAll(NAME)])
    expect(named).toHaveLength(tests.length)
  })
})
