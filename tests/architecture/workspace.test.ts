import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { publishedPackages, root } from '../../scripts/workspace.mjs'
import { compilerOptions } from '../compiler-options.ts'

const packages = publishedPackages()

/** Whether a module's own text does something beside declaring: what it imports is not looked at. */
function actsWhenImported(file: string): boolean {
  const text = readFileSync(file, 'utf8')
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022)
  return statements.some(
    (statement) =>
      ts.isExpressionStatement(statement) ||
      (ts.isImportDeclaration(statement) && statement.importClause === undefined),
  )
}

describe.each(packages)('$name', ({ directory, path, manifest, entries }) => {
  test('has the shape that every package of the workspace has', () => {
    expect(manifest).toMatchObject({
      version: packages[0]?.manifest.version,
      license: 'Apache-2.0',
      type: 'module',
      files: manifest.bin === undefined ? ['dist'] : ['bin', 'dist'],
      engines: { node: '>=20.19' },
      publishConfig: { access: 'public' },
    })
  })

  test('says of every entry whether importing it does something, so that a bundler keeps what it must', () => {
    const acting = entries.filter(({ source }) => actsWhenImported(source)).map(({ name }) => name)
    const files = acting.flatMap((name) => [`./dist/${name}.js`, `./dist/${name}.cjs`])
    expect(manifest.sideEffects).toEqual(files.length === 0 ? false : files)
  })

  test('exports each entry as ESM and CommonJS, types first', () => {
    const expected = Object.fromEntries(
      entries.map(({ name }) => [
        name === 'index' ? '.' : `./${name}`,
        {
          import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
          require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
        },
      ]),
    )
    expect(manifest.exports).toEqual({ ...expected, './package.json': './package.json' })
  })

  test('is built in the one way, and its folder is part of the workspace', () => {
    expect(existsSync(join(path, 'tsup.config.ts')), `${directory}/tsup.config.ts`).toBe(true)
    expect(existsSync(join(path, 'tsconfig.json')), `${directory}/tsconfig.json`).toBe(true)
  })

  test.each(entries)('tsconfig.base.json resolves $specifier to its source', ({ specifier, source }) => {
    const { resolvedModule } = ts.resolveModuleName(
      specifier,
      join(root, 'tests', 'any.ts'),
      compilerOptions(),
      ts.sys,
    )
    expect(resolvedModule?.resolvedFileName).toBe(source)
  })
})

test('the packed tests wait for the build of every package', () => {
  const turbo = JSON.parse(readFileSync(join(root, 'turbo.json'), 'utf8'))
  const awaited: string[] = turbo.tasks['//#test:packed'].dependsOn
  expect([...awaited].sort()).toEqual(['//#types', ...packages.map(({ name }) => `${name}#build`).sort()])
})
