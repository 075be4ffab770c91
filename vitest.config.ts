import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { buildAssets } from './packages/server/client/build.mjs'
import LongestFirst from './scripts/longest-first.mjs'
import { publishedPackages } from './scripts/workspace.mjs'

// Tests see the sources of every package, so that none has to be built first.
const alias = publishedPackages().flatMap(({ entries }) =>
  entries.map(({ specifier, source }) => ({
    find: new RegExp(`^${specifier.replaceAll('/', '\\/')}$`),
    replacement: source,
  })),
)

const legacyDecorators = 'packages/core/test/legacy-decorators/**/*.legacy.test.ts'
const standardDecorators = 'packages/core/test/tc39-decorators/**/*.test.ts'
const packed = 'tests/packed/**/*.test.ts'
const adapters = 'tests/packed/adapters.test.ts'

// What browsers load of the inbox, in place of a name, as in the package's build.
const assets = buildAssets(join(import.meta.dirname, 'packages/server/client'))

export default defineConfig({
  resolve: { alias },
  define: { INBOX_ASSETS: JSON.stringify(assets) },
  test: {
    passWithNoTests: false,
    // A bound against hanging, not on speed: property tests share two cores with builds and other tests.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: ['default', './scripts/test-totals.mjs'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // One process runs many files and loads each module once: a third of the whole time. A file puts back what it
    // changes of its process; `vitest run --sequence.shuffle.files` shows one that does not.
    isolate: false,
    // Without watching nobody needs a core of their own.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/**/*.test.ts',
            'tests/**/*.test.ts',
            'examples/**/*.test.ts',
            'bench/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/dist/**', legacyDecorators, standardDecorators, packed],
        },
      },
      { extends: true, test: { name: 'tc39-decorators', include: [standardDecorators] } },
      // Its folder has a tsconfig of its own, with experimentalDecorators.
      { extends: true, test: { name: 'legacy-decorators', include: [legacyDecorators] } },
      {
        extends: true,
        test: {
          name: 'packed',
          include: [packed],
          exclude: [adapters],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      // Apart, since a dozen programs are compiled in three ways each: CI runs it, and whoever changes an adapter.
      {
        extends: true,
        test: { name: 'adapters', include: [adapters], testTimeout: 180_000, hookTimeout: 180_000 },
      },
    ],
  },
})
