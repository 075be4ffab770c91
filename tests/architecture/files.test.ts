import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../scripts/workspace.mjs'
import { listFiles } from './sources.ts'

const mostLines = 400
const manyLines = 300

test(`every file has fewer than ${mostLines} lines`, () => {
  const lengths = ['packages', 'examples', 'tests', 'scripts', 'bench']
    .flatMap(listFiles)
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length }))
  const describeLength = ({ file, lines }: { file: string; lines: number }) => `${file}: ${lines} lines`
  const long = lengths.filter(({ lines }) => lines >= manyLines && lines < mostLines)
  if (long.length > 0) console.warn(`files near the limit:\n  ${long.map(describeLength).join('\n  ')}`)
  expect(lengths.filter(({ lines }) => lines >= mostLines).map(describeLength)).toEqual([])
})
