// Adapters from their tarballs, each beside the peers that it needs and no other: what a user writes compiles with its exact
// types, and runs, as a module and as CommonJS. With GATEWRIGHT_PEERS=lowest npm installs the oldest peers that the ranges
// name, from the registry, in place of those of the workspace.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minVersion } from 'semver'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publishedPackages, root } from '../../scripts/workspace.mjs'
import { importsOf } from '../architecture/sources.ts'
import { link, makeProject, type Package, pack, run } from './pack'

const lowest = process.env.GATEWRIGHT_PEERS === 'lowest'
const packages = publishedPackages()
const adapters = packages.filter(({ directory }) => directory.startsWith('packages/agents/'))
const folder = mkdtempSync(join(tmpdir(), 'gatewright-adapters-'))
let tarballs: Map<string, string>
beforeAll(() => {
  tarballs = pack([core(), ...adapters], folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function named(name: string): Package {
  const found = packages.find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no package ${name}`)
  return found
}

function core(): Package {
  return named('@gatewright/core')
}

/** What the built files of an entry need when they run, beside Node and core. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  '@gatewright/ai-sdk': [],
  '@gatewright/anthropic': [],
  '@gatewright/anthropic/claude-agent': [],
  // LangGraph is imported by a call that suspends, from wherever its graph comes.
  // A tool's own `call` is told from LangChain's by its classes.
  '@gatewright/langchain': ['@langchain/core/messages', '@langchain/core/tools', '@langchain/langgraph'],
  '@gatewright/langchain/middleware': [
    '@langchain/core/messages',
    '@langchain/core/tools',
    '@langchain/langgraph',
    'langchain',
  ],
  '@gatewright/mcp': [],
  '@gatewright/openai': [],
  '@gatewright/openai/agents': ['@openai/agents', 'zod'],
}
/** What their declarations name: types alone. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  ...NEEDED,
  '@gatewright/langchain': [],
  '@gatewright/langchain/middleware': ['langchain'],
  '@gatewright/openai/agents': ['@openai/agents'],
}

/** The packages that a built file names, and those that it loads of its own folder do. */
function namedBy(directory: string, file: string, found = new Set<string>(), seen = new Set<string>()) {
  if (seen.has(file)) return found
  seen.add(file)
  for (const { specifier } of importsOf(`${directory}/dist/${file}`)) {
    if (specifier.startsWith('./')) {
      const chunk =
        file.endsWith('.d.ts') || file.endsWith('.d.cts')
          ? specifier.replace(/\.(c?)js$/, '.d.$1ts')
          : specifier
      namedBy(directory, chunk.slice(2), found, seen)
    } else if (!/^(node:|@gatewright\/core)/.test(specifier) && !isBuiltin(specifier)) found.add(specifier)
  }
  return found
}

describe.each(adapters)('$name, built', ({ directory, entries, manifest }) => {
  test.each(entries)('$specifier loads of its framework what it uses, and no more', ({ name, specifier }) => {
    for (const ending of ['js', 'cjs']) {
      const needed = [...namedBy(directory, `${name}.${ending}`)].sort()
      expect(needed, `${name}.${ending}`).toEqual(NEEDED[specifier])
    }
    for (const ending of ['d.ts', 'd.cts']) {
      const types = [...namedBy(directory, `${name}.${ending}`)].sort()
      expect(types, `${name}.${ending}`).toEqual(TYPES[specifier])
    }
  })

  test('does not make anybody install a framework', () => {
    expect(Object.keys(manifest.dependencies ?? {})).toEqual(['@gatewright/core'])
  })
})

/** A program of a user: the peers that it is given, by the names of their folders beside the adapter where those differ. */
interface Use {
  readonly adapter: string
  readonly user: string
  readonly peers: Readonly<Record<string, string>>
  /** A peer that is no CommonJS: declarations of Node 16 cannot require it. */
  readonly esm?: true
}

const USES: readonly Use[] = [
  { adapter: 'ai-sdk', user: 'tools', peers: { ai: 'ai6' } },
  { adapter: 'ai-sdk', user: 'tools', peers: { ai: 'ai7' }, esm: true },
  { adapter: 'anthropic', user: 'tools', peers: { '@anthropic-ai/sdk': '' } },
  { adapter: 'anthropic', user: 'claude-agent', peers: { '@anthropic-ai/claude-agent-sdk': '' }, esm: true },
  { adapter: 'langchain', user: 'tools', peers: { '@langchain/core': '' } },
  { adapter: 'langchain', user: 'middleware', peers: { '@langchain/core': '', langchain: '' } },
  {
    adapter: 'langchain',
    user: 'suspend',
    peers: { '@langchain/core': '', '@langchain/langgraph': '', langchain: '' },
  },
  {
    adapter: 'mcp',
    user: 'sdk-1',
    peers: { '@modelcontextprotocol/sdk': '' },
  },
  {
    adapter: 'mcp',
    user: 'sdk-2',
    peers: { '@modelcontextprotocol/client': '', '@modelcontextprotocol/server': '' },
  },
  { adapter: 'openai', user: 'functions', peers: { openai: 'openai6' } },
  { adapter: 'openai', user: 'functions', peers: { openai: 'openai' } },
  { adapter: 'openai', user: 'agents', peers: { '@openai/agents': '' } },
]

test.each(adapters)('every peer of $name is used by somebody', ({ directory, manifest }) => {
  const given = USES.filter(({ adapter }) => directory.endsWith(`/${adapter}`)).flatMap(({ peers }) =>
    Object.keys(peers),
  )
  const used = new Set([...given, 'zod'])
  expect(Object.keys(manifest.peerDependencies ?? {}).filter((name) => !used.has(name))).toEqual([])
})

/** The oldest version of a peer that an adapter states, of the major that the workspace tests. */
function oldest({ path, manifest }: Package, peer: string, installedAs: string): string {
  const { version } = JSON.parse(
    readFileSync(join(path, 'node_modules', installedAs, 'package.json'), 'utf8'),
  )
  const stated: string = manifest.peerDependencies?.[peer] ?? version
  const parts = stated.split('||').map((range) => String(minVersion(range)))
  return parts.find((one) => one.split('.')[0] === version.split('.')[0]) ?? parts[0] ?? version
}

const projects = USES.map((use, at) => ({
  ...use,
  title: titleOf(use),
  project: join(folder, `project-${at}`),
}))

function titleOf({ adapter, user, peers }: Use): string {
  return `@gatewright/${adapter}, ${user}.ts, with ${Object.entries(peers).map(([name, as]) => as || name)} alone`
}

async function installPeers({ adapter, peers }: Use, project: string): Promise<void> {
  const owner = named(`@gatewright/${adapter}`)
  const all = Object.entries({ ...peers, zod: '' }).map(([name, as]) => [name, as || name] as const)
  if (!lowest) {
    for (const [name, as] of all) link(project, name, owner.path, as)
    return
  }
  // As users install them: npm itself must find that the ranges of all these packages can be met together.
  const wanted = all.map(([name, as]) => `${name}@${oldest(owner, name, as)}`)
  const own = [core().name, owner.name].map((name) => tarballs.get(name) ?? '')
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--engine-strict=false']
  // The program of Claude Code, 384 MB that nothing here starts. Other frameworks load their optional parts.
  if (adapter === 'anthropic') quiet.push('--omit=optional')
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  )
  console.info(
    wanted.join(', '),
    await run('npm', ['install', '--ignore-scripts', ...quiet, ...own, ...wanted], project),
  )
}

describe('a user of', () => {
  beforeAll(async () => {
    const base = join(folder, 'base')
    await makeProject(base, [core(), ...adapters], tarballs)
    for (const { project, ...use } of projects) {
      if (lowest) mkdirSync(project)
      else cpSync(base, project, { recursive: true })
      await installPeers(use, project)
      link(project, '@types/node', root)
      const source = join(root, 'packages/agents', use.adapter, 'test/users', `${use.user}.ts`)
      for (const ending of ['ts', 'mts', 'cts']) copyFileSync(source, join(project, `user.${ending}`))
      for (const [ending, module] of [
        ['mjs', ts.ModuleKind.ESNext],
        ['cjs', ts.ModuleKind.CommonJS],
      ] as const) {
        const compilerOptions = { module, target: ts.ScriptTarget.ES2022, esModuleInterop: true }
        const { outputText } = ts.transpileModule(readFileSync(source, 'utf8'), { compilerOptions })
        writeFileSync(join(project, `user.${ending}`), outputText)
      }
    }
  })

  describe.each(projects)('$title', ({ project }) => {
    test.each(['mjs', 'cjs'])('has gated tools, by user.%s', async (ending) => {
      expect(await run(process.execPath, [join(project, `user.${ending}`)], project)).toBe('gated\n')
    })
  })

  test.each(['node16', 'nodenext', 'bundler'])('has exact types under %s', async (resolution) => {
    const module = resolution === 'bundler' ? 'esnext --moduleResolution bundler' : resolution
    const options = `--noEmit --strict --target es2022 --types node --skipLibCheck --module ${module}`.split(
      ' ',
    )
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    // The compiler takes two copies of one version for the same, whatever lies beside them: npm may have put other things there.
    for (const group of lowest ? projects.map((one) => [one]) : [projects]) {
      const files = group.flatMap(({ esm, project }) =>
        usersOf(resolution, esm).map((name) => join(project, name)),
      )
      const printed = run(process.execPath, [tsc, ...options, ...files], group[0]?.project ?? folder)
      expect(await printed).toBe('')
    }
  })
})

/** The programs that can be compiled under a resolution. */
function usersOf(resolution: string, esm = false): readonly string[] {
  if (resolution === 'bundler') return ['user.ts']
  return resolution === 'node16' && esm ? ['user.mts'] : ['user.mts', 'user.cts']
}
