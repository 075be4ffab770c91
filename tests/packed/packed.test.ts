import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publishedPackages, readManifest, root } from '../../scripts/workspace.mjs'
import { link, makeProject, pack, run } from './pack'
import { problemsOf } from './types'

const packages = publishedPackages()
const folder = mkdtempSync(join(tmpdir(), 'gatewright-packed-'))
const project = join(folder, 'project')
const tarballs = new Map<string, string>()

function tarballOf(name: string): string {
  const tarball = tarballs.get(name)
  if (tarball === undefined) throw new Error(`${name} was not packed`)
  return tarball
}

beforeAll(async () => {
  for (const [name, tarball] of pack(packages, folder)) tarballs.set(name, tarball)
  await makeProject(project, packages, tarballs)
  for (const { path, manifest } of packages) {
    for (const name of Object.keys(manifest.peerDependencies ?? {})) {
      if (!tarballs.has(name)) link(project, name, path)
    }
  }
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Whether an entry, or a chunk of its package, loads a test runner when it is imported. */
function needsVitest(name: string, entry: string): boolean {
  const dist = join(project, 'node_modules', name, 'dist')
  const seen = new Set<string>()
  const queue = [`${entry}.js`]
  for (const file of queue) {
    if (seen.has(file)) continue
    seen.add(file)
    const text = readFileSync(join(dist, file), 'utf8')
    if (/(?:from|import)\s*["']vitest["']/.test(text)) return true
    for (const [, chunk = ''] of text.matchAll(/(?:from|import)\s*["']\.\/([^"'$]+)["']/g)) queue.push(chunk)
  }
  return false
}

describe.each(packages)('$name, packed', ({ name, entries, manifest }) => {
  test('holds what package.json says, and no sources', () => {
    const installed = join(project, 'node_modules', name)
    expect(readManifest(installed).version).toBe(manifest.version)
    expect(existsSync(join(installed, 'src'))).toBe(false)
    expect(JSON.stringify(readManifest(installed))).not.toMatch(/workspace:|catalog:/)
  })

  test('passes publint', async () => {
    const { messages } = await publint({
      pkgDir: join(project, 'node_modules', name),
      pack: false,
      strict: true,
    })
    expect(messages.map((message) => formatMessage(message, { ...manifest }))).toEqual([])
  })

  test('passes "are the types wrong"', async () => {
    const data = new Uint8Array(readFileSync(tarballOf(name)))
    const result = await checkPackage(createPackageFromTarballData(data))
    if (result.types === false) throw new Error(`${name} holds no types`)
    // The resolution of Node 10 knows no `exports`; every Node this supports does.
    const problems = result.problems.filter(
      (problem) => !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
    )
    expect(problems).toEqual([])
  })

  test.each(entries)('$specifier can be imported and required', async ({ name: entry, specifier }) => {
    if (needsVitest(name, entry)) return inVitest(specifier)
    const names = (code: string, type: string) =>
      run(process.execPath, [`--input-type=${type}`, '--eval', code], project)
    const imported = await names(
      `console.log(Object.keys(await import('${specifier}')).sort().join())`,
      'module',
    )
    const required = await names(
      `console.log(Object.keys(require('${specifier}')).sort().join())`,
      'commonjs',
    )
    expect(required).toBe(imported)
  })
})

test('a bundler keeps the matchers that an import adds', async () => {
  const file = join(project, 'setup.mjs')
  writeFileSync(file, "import '@gatewright/testing/vitest'\n")
  const bundle = await build({
    root: project,
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: [/^@gatewright\//] },
    build: { ssr: file, write: false, minify: false },
  })
  const [output] = [bundle].flat()
  if (output === undefined || !('output' in output)) throw new Error('nothing was bundled')
  expect(output.output[0].code).toContain('expect.extend(')
})

/** An entry that imports vitest can only be loaded by it. */
async function inVitest(specifier: string): Promise<void> {
  const runner = mkdtempSync(join(project, 'runner-'))
  writeFileSync(
    join(runner, 'entry.test.js'),
    `import { expect, test } from 'vitest'
     import * as entry from '${specifier}'
     test('loads', () => { expect(Object.keys(entry)).not.toEqual([]) })`,
  )
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  await run(process.execPath, [vitest, 'run', '--root', runner], runner)
}

test.each(['import', 'require'] as const)(
  'the types of every entry compile for a strict user, by %s',
  (way) => {
    link(project, '@types/node', root)
    const specifiers = packages.flatMap(({ entries }) => entries.map(({ specifier }) => specifier))
    const user = join(project, way === 'import' ? 'user.mts' : 'user.cts')
    const lines = specifiers.map((specifier, at) =>
      way === 'import'
        ? `import * as entry${at} from '${specifier}'`
        : `import entry${at} = require('${specifier}')`,
    )
    writeFileSync(
      user,
      `${lines.join('\n')}\nexport const all = [${specifiers.map((_, at) => `entry${at}`)}]\n`,
    )
    expect(problemsOf(project, user)).toEqual([])
  },
)
