import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { publishedPackages, root } from '../../scripts/workspace.mjs'
import { compilerOptions } from '../compiler-options.ts'
import { type CodeBlock, codeBlocks } from './code-blocks.ts'

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  ...markdownBelow('docs'),
  ...publishedPackages().map(({ directory }) => `${directory}/README.md`),
].filter((document) => existsSync(join(root, document)))

const blocks = documents.flatMap((document) =>
  codeBlocks(document, readFileSync(join(root, document), 'utf8')),
)

const adapters = publishedPackages()
  .map(({ directory }) => directory)
  .filter((directory) => directory.startsWith('packages/agents/'))

function markdownBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules/'))
}

test('no code block of the documents is left out of the check', () => {
  const leftOut = blocks.filter(({ info }) => info.includes('no-check'))
  expect(leftOut.map(({ document, line }) => `${document}:${line}`)).toEqual([])
})

test('every code block of the documents compiles', () => {
  expect(compile(blocks)).toEqual([])
}, 120_000)

/** Type-checks each block as a module of its own; returns `document:line: message` for every error. */
function compile(all: readonly CodeBlock[]): string[] {
  // One folder for each document, so that its named blocks can import each other.
  const files = new Map(
    all.map((block) => [join(root, 'tests/docs/blocks', block.document, block.file), block]),
  )
  const options = compilerOptions()
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile, directoryExists } = host
  const folders = [...files.keys()].map((file) => join(file, '..'))
  host.fileExists = (file) => files.has(file) || fileExists(file)
  host.readFile = (file) => files.get(file)?.text ?? readFile(file)
  host.directoryExists = (folder) =>
    folders.some((known) => known === folder || known.startsWith(`${folder}/`)) ||
    (directoryExists?.(folder) ?? true)
  host.getSourceFile = (file, target, onError, fresh) => {
    const block = files.get(file)
    if (!block) return getSourceFile(file, target, onError, fresh)
    return ts.createSourceFile(file, block.text, target)
  }
  const resolutions = ts.createModuleResolutionCache(root, host.getCanonicalFileName, options)
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      // Frameworks are installed beside their adapters, and not at the root.
      for (const place of [from, ...adapters.map((directory) => join(root, directory, 'src/index.ts'))]) {
        const found = ts.resolveModuleName(text, place, options, host, resolutions)
        if (found.resolvedModule !== undefined) return found
      }
      return { resolvedModule: undefined }
    })
  const program = ts.createProgram({ rootNames: [...files.keys()], options, host })
  return [...files].flatMap(([file, block]) => {
    const source = program.getSourceFile(file)
    if (!source) return [`${block.document}:${block.line}: not found by the compiler`]
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return found.map(({ start = 0, messageText }) => {
      const line = block.line + source.getLineAndCharacterOfPosition(start).line
      return `${block.document}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
  })
}
