import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import ts from 'typescript'
import { root } from '../../scripts/workspace.mjs'

/** One import, re-export, `import()` type or call, or `require` in a file. */
export interface Import {
  /** The file that imports; relative to the root, with `/`. */
  readonly from: string
  readonly line: number
  readonly specifier: string
  /** Erased by the compiler. */
  readonly typeOnly: boolean
  /** The imported file, relative to the root, when the specifier is relative. */
  readonly target: string | undefined
}

/** Where an import stands, for a message: `file:line imports 'specifier'`. */
export function describeImport({ from, line, specifier }: Import): string {
  return `${from}:${line} imports '${specifier}'`
}

const skippedFolders = new Set(['node_modules', 'dist', '.next', '.turbo', 'coverage', 'peers', 'fixtures'])

/** Every TypeScript and JavaScript file below a folder of the root, relative to the root, with `/`. */
export function listFiles(folder: string): string[] {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const child = `${folder}/${entry.name}`
    if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : listFiles(child)
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [child] : []
  })
}

/** A file that is only run or checked by tests. */
export function isTestFile(file: string): boolean {
  return /\.(test|test-d)\.[cm]?tsx?$/.test(file) || /(^|\/)tests?\//.test(file)
}

/** Every import of a file, found in its syntax tree. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
  const imports: Import[] = []

  function add(node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean): void {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    imports.push({
      from: file,
      line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      specifier: specifier.text,
      typeOnly,
      target: specifier.text.startsWith('.') ? resolveRelative(file, specifier.text) : undefined,
    })
  }

  function visit(node: ts.Node): void {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeOnlyImport(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, isTypeOnlyExport(node))
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node, node.argument.literal, true)
    else if (ts.isExternalModuleReference(node)) add(node, node.expression, false)
    else if (ts.isCallExpression(node) && isModuleCall(node.expression)) add(node, node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return imports
}

function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.isTypeOnly) return true
  const { name, namedBindings } = clause
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false
  return namedBindings.elements.length > 0 && namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly)
}

function isTypeOnlyExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly) return true
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return false
  return exportClause.elements.length > 0 && exportClause.elements.every((element) => element.isTypeOnly)
}

function isModuleCall(expression: ts.Expression): boolean {
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return true
  return ts.isIdentifier(expression) && expression.text === 'require'
}

function resolveRelative(from: string, specifier: string): string {
  const path = resolve(root, dirname(from), specifier)
  const bare = path.replace(/\.([cm]?)js$/, '')
  const candidates = [path, `${bare}.ts`, `${bare}.mts`, join(bare, 'index.ts')]
  const found = candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile())
  return relative(root, found ?? path)
    .split(sep)
    .join('/')
}

/** The circles in a graph of files, each as the list of files that leads back to its first. */
export function findCircles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>()
  for (const { from, target } of imports) {
    if (target !== undefined) targets.set(from, [...(targets.get(from) ?? []), target])
  }
  const circles: string[][] = []
  const done = new Set<string>()
  const trail: string[] = []

  function walk(file: string): void {
    const seenAt = trail.indexOf(file)
    if (seenAt >= 0) {
      circles.push([...trail.slice(seenAt), file])
      return
    }
    if (done.has(file)) return
    trail.push(file)
    for (const target of targets.get(file) ?? []) walk(target)
    trail.pop()
    done.add(file)
  }
  for (const file of targets.keys()) walk(file)
  return circles
}
