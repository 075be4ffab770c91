import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { publishedPackages, root } from '../../scripts/workspace.mjs'
import { compilerOptions } from '../compiler-options.ts'

const listFile = join(import.meta.dirname, 'public-exports.json')
const entries = publishedPackages().flatMap((published) => published.entries)
const program = ts.createProgram({
  rootNames: entries.map(({ source }) => source).filter((source) => existsSync(source)),
  options: compilerOptions(),
})
const checker = program.getTypeChecker()

function exportsOf(source: string): ts.Symbol[] {
  const file = program.getSourceFile(source)
  const module = file && checker.getSymbolAtLocation(file)
  return module ? checker.getExportsOfModule(module) : []
}

/** What an export stands for, through every re-export. */
function declared(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function whereIs(symbol: ts.Symbol): string {
  const declaration = declared(symbol).declarations?.[0]
  if (!declaration) return symbol.name
  const source = declaration.getSourceFile()
  const { line } = source.getLineAndCharacterOfPosition(declaration.getStart())
  return `${source.fileName.slice(root.length + 1)}:${line + 1} ${symbol.name}`
}

test('the public exports are those of public-exports.json', () => {
  const actual = Object.fromEntries(
    entries.map(({ specifier, source }) => [
      specifier,
      exportsOf(source)
        .map(({ name }) => name)
        .sort(),
    ]),
  )
  if (process.env.UPDATE_EXPORTS === '1') {
    writeFileSync(listFile, `${JSON.stringify(actual, null, 2)}\n`)
    return
  }
  const listed: unknown = existsSync(listFile) ? JSON.parse(readFileSync(listFile, 'utf8')) : {}
  expect(actual, 'after a deliberate change: npm run exports:update').toEqual(listed)
})

describe.each(entries)('$specifier', ({ source }) => {
  test('exists', () => {
    expect(existsSync(source)).toBe(true)
  })

  test('documents every export', () => {
    const bare = exportsOf(source).filter((symbol) => {
      // Ours only: a re-export of another package's type is documented there.
      const own = declared(symbol).declarations?.some(
        ({ parent }) => !parent.getSourceFile().fileName.includes('/node_modules/'),
      )
      return own && declared(symbol).getDocumentationComment(checker).length === 0
    })
    expect(bare.map(whereIs)).toEqual([])
  })
})
