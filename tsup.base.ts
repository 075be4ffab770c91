import type { Options } from 'tsup'
import { packageEntries } from './scripts/workspace.mjs'

/** The build of every package: each entry of its `exports`, as ESM and CommonJS, with types. */
export function packageBuild(packageDirectory: string): Options {
  return {
    entry: packageEntries(packageDirectory),
    format: ['esm', 'cjs'],
    target: 'node20',
    platform: 'node',
    // Types come from the built neighbours, as a user gets them, and not from their sources.
    dts: { compilerOptions: { paths: {}, incremental: false } },
    splitting: true,
    treeshake: true,
    minify: false,
    sourcemap: false,
    clean: true,
    silent: true,
  }
}
