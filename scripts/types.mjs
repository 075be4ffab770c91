// `npm run types`: the declarations of every package, beside what tsup builds of it, for ESM and CommonJS. All in one process:
// TypeScript alone takes longer to start, and to read Node's types, than one of them takes. That the sources have no errors is
// what `npm run typecheck` says.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import { publishedPackages } from './workspace.mjs'

/** What both kinds of module import is written twice, since each kind names its own. */
const ENDINGS = ['.d.ts', '.d.cts']

try {
  for (const one of neighboursFirst(publishedPackages())) await buildTypes(one)
} catch ({ message }) {
  console.error(message)
  process.exit(1)
}

async function buildTypes({ path, manifest, entries }) {
  const directory = join(path, 'dist')
  const bundle = await rollup({
    input: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
    external: [/^node:/, ...needs(manifest).map((name) => new RegExp(`^${name}($|/)`))],
    plugins: [dts({ tsconfig: join(path, 'tsconfig.json'), compilerOptions: compilerOptions() })],
    // For one: a package that no user of this one has.
    onwarn({ message }) {
      throw new Error(`${manifest.name}: ${message}`)
    },
  })
  removeOld(directory)
  for (const ending of ENDINGS) {
    await bundle.write({
      dir: directory,
      entryFileNames: `[name]${ending}`,
      chunkFileNames: `[name]-[hash]${ending}`,
    })
  }
  await bundle.close()
}

function compilerOptions() {
  // Without `paths`: types come from the built neighbours, as a user gets them, and not from their sources.
  return { paths: {}, declaration: true, emitDeclarationOnly: true, incremental: false, noEmit: false }
}

/** Chunks have a hash in their names: those of an older state would be published. */
function removeOld(directory) {
  mkdirSync(directory, { recursive: true })
  for (const name of readdirSync(directory, { recursive: true }))
    if (ENDINGS.some((ending) => name.endsWith(ending))) rmSync(join(directory, name))
}

function needs({ dependencies, peerDependencies }) {
  return Object.keys({ ...dependencies, ...peerDependencies })
}

/** Each package after those whose types its own are made of. */
function neighboursFirst(packages) {
  const ordered = new Set()
  const add = (one) => {
    for (const other of packages) if (needs(one.manifest).includes(other.name)) add(other)
    ordered.add(one)
  }
  for (const one of packages) add(one)
  return ordered
}
