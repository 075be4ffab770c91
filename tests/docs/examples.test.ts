import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../scripts/workspace.mjs'
import { isTestFile, listFiles } from '../architecture/sources.ts'

const folder = join(root, 'examples')
/** Whole programs, to be run rather than read in one sitting. */
const programs = ['quickstart', 'next']

test('examples/README.md names every example', () => {
  const table = readFileSync(join(folder, 'README.md'), 'utf8')
  const linked = [...table.matchAll(/\]\(([\w-]+)\)/g)].map(([, name]) => name)
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.map(({ name }) => name).filter((name) => !linked.includes(name))).toEqual([])
})

test('an example is read in one sitting: no source of one has 80 lines', () => {
  const long = listFiles('examples')
    .filter((file) => !isTestFile(file) && !programs.some((name) => file.startsWith(`examples/${name}/`)))
    .map((file) => [file, readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length] as const)
    .filter(([, lines]) => lines >= 80)
  expect(long).toEqual([])
})
