import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type * as simulation from '../src/simulation'
import type { PlantedBug } from './bug'

const ROOT = join(import.meta.dirname, '../../..')

/**
 * Builds the simulation with the engine and the stores that it runs, with a bug planted in them, into a file that is gone once it is read.
 *
 * @throws Error when a replacement no longer fits the sources
 */
export async function buildWith(bug: PlantedBug): Promise<typeof simulation> {
  const changed = changedSources(bug)
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../src/simulation/index.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    alias: {
      '@gatewright/core/review': join(ROOT, 'packages/core/src/review.ts'),
      '@gatewright/core': join(ROOT, 'packages/core/src/index.ts'),
    },
    plugins: [planting(changed)],
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error('esbuild built nothing')
  const folder = mkdtempSync(join(tmpdir(), 'planted-'))
  try {
    const path = join(folder, 'simulation.mjs')
    writeFileSync(path, output.contents)
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as typeof simulation
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The sources that a bug changes, by path. @throws Error when a text to be replaced does not stand there exactly once */
export function changedSources({ name, changes }: PlantedBug): ReadonlyMap<string, string> {
  const sources = new Map<string, string>()
  for (const { file, find, replace } of changes) {
    const path = join(ROOT, file)
    const [before, after, ...more] = (sources.get(path) ?? readFileSync(path, 'utf8')).split(find)
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(
        `the bug "${name}" cannot be planted: ${file} holds ${JSON.stringify(find)} ${after === undefined ? 'nowhere' : 'more than once'}. Adapt it to the source.`,
      )
    sources.set(path, `${before}${replace}${after}`)
  }
  return sources
}

function planting(sources: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'planted-bug',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = sources.get(path)
        return contents === undefined ? null : { contents, loader: 'ts' }
      })
    },
  }
}
