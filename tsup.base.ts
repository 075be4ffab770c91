import type { Options } from 'tsup'
import { packageEntries } from './scripts/workspace.mjs'

/** The build of every package: each entry of its `exports`, as ESM and CommonJS. Their types are built by scripts/types.mjs. */
export function packageBuild(packageDirectory: string): Options {
  return {
    entry: packageEntries(packageDirectory),
    format: ['esm', 'cjs'],
    target: 'node20',
    platform: 'node',
    dts: false,
    splitting: true,
    treeshake: true,
    minify: false,
    sourcemap: false,
    clean: ['!**/*.d.{ts,cts}'],
    silent: true,
  }
}
