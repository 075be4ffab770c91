import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../scripts/workspace.mjs'
import { listFiles } from './sources.ts'

const mostLines = 400
const manyLines = 300
// A table of cases reads well at a length at which code does not.
const mostTestLines = 500

const isTest = (file: string): boolean => /\.test(-d)?\.ts$|^tests\/|\/test\//.test(file)
const boundOf = (file: string): number => (isTest(file) ? mostTestLines : mostLines)

test(`every file has fewer than ${mostLines} lines, and every test fewer than ${mostTestLines}`, () => {
  const lengths = ['packages', 'examples', 'tests', 'scripts', 'bench']
    .flatMap(listFiles)
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length }))
  const describeLength = ({ file, lines }: { file: string; lines: number }) => `${file}: ${lines} lines`
  const long = lengths.filter(({ file, lines }) => !isTest(file) && lines >= manyLines && lines < mostLines)
  if (long.length > 0) console.warn(`files near the limit:\n  ${long.map(describeLength).join('\n  ')}`)
  expect(lengths.filter(({ file, lines }) => lines >= boundOf(file)).map(describeLength)).toEqual([])
})
