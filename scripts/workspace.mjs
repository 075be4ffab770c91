// What the workspace holds, read from its package.json files. Used by the builds, the tests and the scripts.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Folders whose children are packages; the order is the one of `pnpm-workspace.yaml`. */
const packageFolders = ['packages', 'packages/approvers', 'packages/stores', 'packages/agents', 'examples']

/** @returns {string[]} directories (relative to the root) of every workspace package, `scripts` included */
export function workspaceDirectories() {
  const found = packageFolders.flatMap((folder) => {
    const path = join(root, folder)
    if (!existsSync(path)) return []
    return readdirSync(path)
      .map((name) => `${folder}/${name}`)
      .filter((directory) => existsSync(join(root, directory, 'package.json')))
  })
  return [...found.sort(), 'bench', 'scripts']
}

/** @returns {any} the package.json of a directory, relative to the root or absolute */
export function readManifest(directory) {
  const path = directory.startsWith('/') || /^[A-Za-z]:/.test(directory) ? directory : join(root, directory)
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
}

/**
 * The entries of a package: for each subpath of its `exports`, the source file that it is built from
 * (`./conformance` is `src/conformance.ts` or `src/conformance/index.ts`).
 *
 * @param {string} directory absolute path of the package
 * @returns {Record<string, string>} entry name (`index`, `conformance`) to path relative to the package
 */
export function packageEntries(directory) {
  const entries = {}
  for (const subpath of Object.keys(readManifest(directory).exports ?? {})) {
    if (subpath === './package.json') continue
    const name = subpath === '.' ? 'index' : subpath.slice(2)
    const folder = `src/${name}/index.ts`
    entries[name] = existsSync(join(directory, folder)) ? folder : `src/${name}.ts`
  }
  return entries
}

/**
 * The packages that are published.
 *
 * @returns {Array<{ name: string, directory: string, path: string, manifest: any, entries: Array<{ name: string, specifier: string, source: string }> }>}
 */
export function publishedPackages() {
  return workspaceDirectories()
    .map((directory) => ({ directory, path: join(root, directory), manifest: readManifest(directory) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ directory, path, manifest }) => ({
      name: manifest.name,
      directory,
      path,
      manifest,
      entries: Object.entries(packageEntries(path)).map(([name, source]) => ({
        name,
        specifier: name === 'index' ? manifest.name : `${manifest.name}/${name}`,
        source: join(path, source),
      })),
    }))
}
