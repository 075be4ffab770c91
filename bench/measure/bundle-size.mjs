// What a package weighs in a program that bundles it: everything it exports, minified, gzipped, with its dependencies.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { report, told } from './report.mjs'

const bench = dirname(dirname(fileURLToPath(import.meta.url)))
const { specifier, from } = told()
const { outputFiles } = await build({
  stdin: { contents: `export * from '${specifier}'`, resolveDir: join(bench, from), loader: 'js' },
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  write: false,
  logLevel: 'silent',
})
const [{ contents }] = outputFiles
report({ bytes: contents.length, gzipBytes: gzipSync(contents, { level: 9 }).length })
