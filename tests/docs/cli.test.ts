import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'gatewright/cli'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { root } from '../../scripts/workspace.mjs'
import { compilerOptions } from '../compiler-options.ts'

const document = join(root, 'docs/cli.md')
const between = /(<!-- generated: commands -->\n)[\s\S]*?(<!-- \/generated -->)/

/** What the command line prints. */
async function printed(...args: string[]): Promise<string> {
  const out: string[] = []
  await run(args, { out: (text) => void out.push(text), err() {}, progress() {} })
  return out.join('\n')
}

/** The commands, as help lists them. */
async function names(): Promise<string[]> {
  const list = await printed('help')
  return [...list.matchAll(/^ {2}([a-z]+(?: [a-z-]+)?) {2,}\S/gm)].map(([, name = '']) => name)
}

test('docs/cli.md has the help of every command, word for word', async () => {
  const sections: string[] = []
  for (const name of await names())
    sections.push(`### ${name}\n\n\`\`\`text\n${await printed(...name.split(' '), '--help')}\n\`\`\`\n`)
  expect(sections.length).toBeGreaterThan(15)
  const written = readFileSync(document, 'utf8')
  expect(written).toMatch(between)
  const made = written.replace(between, (_all, begin, end) => `${begin}\n${sections.join('\n')}\n${end}`)
  if (process.env.UPDATE_EXPORTS === '1') writeFileSync(document, made)
  else expect(written, 'after a change: UPDATE_EXPORTS=1 vitest run --project unit tests/docs').toBe(made)
})

test('docs/cli.md says what each command prints as JSON', async () => {
  const written = readFileSync(document, 'utf8')
  const described = [...written.matchAll(/^\| `([a-z -]+)` \|/gm)].map(([, name]) => name)
  const having: string[] = []
  for (const name of await names())
    if (/^ {2}--json /m.test(await printed(...name.split(' '), '--help'))) having.push(name)
  expect(having.filter((name) => !described.includes(name))).toEqual([])
})

test.each([
  ['gatewright.config.ts', '--ts'],
  ['gatewright.config.mts', '--json'],
])(
  'the config that init writes type-checks as %s',
  async (name, option) => {
    const text = await printed('init', '--dry-run', option)
    const config: string = option === '--json' ? JSON.parse(text).config : text
    const file = join(root, 'tests/docs', name)
    const options = compilerOptions()
    const host = ts.createCompilerHost(options)
    const { fileExists, getSourceFile } = host
    host.fileExists = (path) => path === file || fileExists(path)
    host.getSourceFile = (path, target, onError) =>
      path === file ? ts.createSourceFile(path, config, target) : getSourceFile(path, target, onError)
    const program = ts.createProgram({ rootNames: [file], options, host })
    const source = program.getSourceFile(file)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([])
  },
  120_000,
)
