import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { pnpm } from '../../scripts/install.mjs'
import type { publishedPackages } from '../../scripts/workspace.mjs'

export type Package = ReturnType<typeof publishedPackages>[number]

const start = promisify(execFile)

/** Runs a program to its end, and gives what it printed; throws with everything it printed when it fails. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await start(command, args, { cwd, maxBuffer: 2 ** 26 })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
  }
}

/** Packs packages into a folder as they would be published: their tarballs, by name. */
export function pack(packages: readonly Package[], folder: string): Map<string, string> {
  const filters = packages.map(({ directory }) => `--filter=./${directory}`)
  const status = pnpm([...filters, 'pack', '--out', join(folder, '%s.tgz')], { quiet: true })
  if (status !== 0) throw new Error('the packages could not be packed')
  const packed = new Set(readdirSync(folder))
  return new Map(
    packages.map(({ name }) => {
      const tarball = `${name.replace('@', '').replace('/', '-')}.tgz`
      if (!packed.has(tarball)) throw new Error(`${name} was not packed`)
      return [name, join(folder, tarball)] as const
    }),
  )
}

/** What packages need from others, as links to what the workspace installed: no network is used. */
function installedDependencies(packages: readonly Package[]): Record<string, string> {
  const needed = packages.flatMap(({ path, manifest }) =>
    Object.keys(manifest.dependencies ?? {})
      .filter((name) => !packages.some((one) => one.name === name))
      .map((name) => [name, `file:${realpathSync(join(path, 'node_modules', name))}`]),
  )
  return Object.fromEntries(needed)
}

/** Makes an empty project that knows packages by their tarballs alone, and has nothing of their peers. */
export async function makeProject(
  project: string,
  packages: readonly Package[],
  tarballs: ReadonlyMap<string, string>,
): Promise<void> {
  mkdirSync(project, { recursive: true })
  const dependencies = Object.fromEntries(
    packages.map(({ name }) => [name, `file:${tarballs.get(name)}`] as const),
  )
  const overrides = { ...dependencies, ...installedDependencies(packages) }
  const manifest = { name: 'empty', private: true, type: 'module', dependencies, overrides }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  // A dependency that is linked in place would have its own build run.
  const options = ['--offline', '--ignore-scripts', '--legacy-peer-deps', ...quiet]
  await run('npm', ['install', ...options], project)
}

/** Puts a package into a project: the one that `place` of the workspace sees, under its name there or another. */
export function link(project: string, name: string, place: string, installedAs = name): void {
  const target = join(project, 'node_modules', name)
  if (existsSync(target)) return
  mkdirSync(dirname(target), { recursive: true })
  symlinkSync(realpathSync(join(place, 'node_modules', installedAs)), target, 'junction')
}
